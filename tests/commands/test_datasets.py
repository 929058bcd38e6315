"""``datasets``, and ``--dataset`` with a user's own images, from the first look to the script of the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.fitting import fitted
from cnn_explorer.core.network.presets import preset
from cnn_explorer.data.loading import load_dataset
from cnn_explorer.data.sources import downloads, published, registry
from cnn_explorer.data.sources.registry import SOURCES, source_of
from tests.data.sources import small_sets
from tests.data.sources.file_server import FileServer, Page, file_server

GREY = small_sets.made_up((28, 28, 1))
FILES = small_sets.idx_files(GREY)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and no packages of the system."""
    monkeypatch.setenv("CNN_EXPLORER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "share"))
    monkeypatch.setattr(downloads, "PAUSE_SECONDS", 0.0)
    return tmp_path / "home"


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A small Fashion-MNIST that is published on loopback."""
    with file_server(**{name: Page(data) for name, data in FILES.items()}) as server:
        row = small_sets.like(source_of("fashion-mnist"), GREY, FILES, server.url)
        monkeypatch.setattr(registry, "SOURCES", (row,))
        yield server


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two class folders, twelve images of 9×8 pixels in each."""
    folder = tmp_path_factory.mktemp("own") / "my images"
    generator = np.random.default_rng(3)
    for name, low in (("dark", 0), ("light", 128)):
        (folder / name).mkdir(parents=True)
        for number in range(12):
            pixels = generator.integers(low, low + 100, (9, 8), np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An architecture file for 8×8 images of two classes."""
    file = tmp_path_factory.mktemp("networks") / "small.json"
    file.write_bytes(fitted(preset("mnist-mlp").architecture, (8, 8, 1), 2).to_json())
    return file


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_that_the_list_says_for_each_data_set_where_it_is(cli: Callable[..., Any], home: Path) -> None:
    rows = cli("datasets", "--json").json
    assert [row["name"] for row in rows] == [source.name for source in SOURCES]
    states = {row["name"]: row["state"] for row in rows}
    assert (states["mnist"], states["digits"], states["cifar-10"]) == ("bundled", "library", "remote")
    for row in rows:
        assert row["licence"]
        assert row["fingerprint"] or row["files"]
        assert row["download_bytes"] == sum(file["size"] for file in row["files"])
        assert len(row["classes"]) > 1
    lines = cli("datasets").out.splitlines()
    assert "to be downloaded (562 MB)" in next(line for line in lines if line.startswith("emnist-letters"))
    small_sets.write(home.parent / "share" / "datasets" / "fashion-mnist", FILES)
    assert f"found at {home.parent / 'share' / 'datasets' / 'fashion-mnist'}" in cli("datasets").out


def test_that_a_data_set_is_downloaded_once_for_all(cli: Callable[..., Any], server: FileServer) -> None:
    answer = cli("datasets", "--download", "fashion-mnist")
    assert answer.code == 0
    folder = source_of("fashion-mnist").folder
    assert answer.out == f"Fashion-MNIST: 18 images. They lie in {folder}.\n"
    said = [line for line in answer.err.splitlines() if line.startswith("Downloading")]
    assert [line.split()[1].removesuffix(":") for line in said] == list(FILES)
    assert said[0].endswith(": 0%")
    assert cli("datasets", "--json").json[0]["state"] == "downloaded"
    server.pages.clear()
    assert cli("datasets", "--download", "fashion-mnist").out == answer.out
    assert load_dataset("fashion-mnist").test_labels.tolist() == GREY.test_labels.tolist()


def test_that_what_is_there_needs_no_download(cli: Callable[..., Any]) -> None:
    assert cli("datasets", "--download", "mnist").out == "MNIST: 70,000 images. It is bundled.\n"
    digits = cli("datasets", "--download", "digits").out
    assert digits == "Digits 8×8: 1,797 images. It is installed with scikit-learn.\n"


def test_that_a_failed_download_is_one_sentence_with_the_way_out(cli: Callable[..., Any], server: FileServer) -> None:
    del server.pages[f"{published.IDX_NAMES[1]}.gz"]
    answer = cli("datasets", "--download", "fashion-mnist")
    assert (answer.code, answer.out) == (2, "")
    line = answer.err.splitlines()[-1]
    assert "answered 404" in line
    assert f"{published.IDX_NAMES[1]}.gz, " in line
    assert f" from {server.url} and save them in {source_of('fashion-mnist').folder}." in line
    assert "Traceback" not in answer.err


def test_that_ctrl_c_ends_a_download_at_once_and_leaves_nothing(home: Path, clean_environment: dict[str, str]) -> None:
    first = source_of("fashion-mnist").files[0].name
    with file_server(**{first: Page(bytes(26_421_880), stops_at=2_000_000)}) as server:
        # The first address has no TLS: a proxy can stand in for it.
        proxies = {"http_proxy": server.url, "HTTP_PROXY": server.url, "no_proxy": "", "NO_PROXY": ""}
        own = {"CNN_EXPLORER_HOME": str(home), "XDG_DATA_DIRS": str(home)}
        command = subprocess.Popen(
            [sys.executable, "-m", "cnn_explorer", "datasets", "--download", "fashion-mnist"],
            env=clean_environment | proxies | own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert server.stalled.wait(60)
        command.send_signal(signal.SIGINT)
        out, err = command.communicate(timeout=60)
    assert (command.returncode, out) == (130, "")
    assert err.startswith(f"Downloading {first}: 0%")
    assert "Traceback" not in err
    assert [name for name in contents(home) if not name.endswith(".lock")] == []


def test_that_a_saved_set_is_the_same_set(cli: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "digits.npz"
    assert cli("datasets", "--save", "digits", "--out", file).out == f"{file}\n"
    digits = load_dataset("digits")
    with np.load(file, allow_pickle=False) as saved:
        for part in ("train", "test"):
            images, labels = digits.part(part)
            assert np.array_equal(saved[f"x_{part}"], images)
            assert np.array_equal(saved[f"y_{part}"], labels)
    again = load_dataset(DatasetSpec(source=str(file)))
    assert (again.fingerprint, again.classes) == (digits.fingerprint, digits.classes)
    assert "exists already" in cli("datasets", "--save", "mnist", "--out", file).refusal
    assert load_dataset(DatasetSpec(source=str(file))).image_shape == (8, 8, 1)
    assert cli("datasets", "--save", "mnist", "--out", file, "--force").code == 0
    assert load_dataset(DatasetSpec(source=str(file))).fingerprint == load_dataset("mnist").fingerprint


def test_that_a_full_disk_leaves_no_half_of_a_saved_set(
    cli: Callable[..., Any], tmp_path: Path, clean_environment: dict[str, str]
) -> None:
    small = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000));"
    ignored = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    words = ["datasets", "--save", "digits", "--out", str(tmp_path / "digits.npz")]
    done = subprocess.run(
        [sys.executable, "-c", f"{small}{ignored} from cnn_explorer.cli import main; sys.exit(main({words}))"],
        env=clean_environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "could not be written" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_that_a_folder_is_trained_on_continued_evaluated_and_looked_at(
    cli: Callable[..., Any], own: Path, network: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    reading = ("--dataset", own, "--image-size", "8x8", "--resize", "stretch", "--test-part", "0.25")
    answer = cli("train", "--architecture", network, *reading, "--epochs", 1, "--out", run, "--json")
    assert answer.code == 0, answer.err
    assert [event["event"] for event in answer.events] == ["started", "epoch", "ended"]
    assert answer.events[0]["train_count"] == 18
    record = json.loads((run / "run.json").read_bytes())["dataset"]
    assert record["spec"]["source"] == str(own)
    assert record["spec"]["image_size"] == [8, 8]
    assert record["classes"] == ["dark", "light"]
    assert cli("train", "--continue", run, "--epochs", 2).code == 0

    scores = cli("evaluate", run, *reading, "--json").json
    assert (scores["count"], scores["classes"]) == (6, ["dark", "light"])
    layer = ("--layer", "Dense_1", "--out", tmp_path / "values.npz")
    assert cli("activations", run, *layer, *reading, "--index", 5).code == 0
    refusal = cli("activations", run, *layer, *reading, "--index", 6, "--force").refusal
    assert refusal.startswith(f"--index 6 is out of range: {own} has 6 test images.")

    moved = own.with_name("elsewhere")
    before = contents(run)
    own.rename(moved)
    try:
        refusal = cli("train", "--continue", run, "--epochs", 3).refusal
    finally:
        moved.rename(own)
    assert refusal.startswith(f"{run} learns from the images in {own}, which is not there any more.")
    assert contents(run) == before
    assert cli("train", "--continue", run, "--epochs", 3).code == 0


@pytest.mark.slow
def test_that_the_script_of_a_run_says_how_to_get_its_images_and_learns_from_them(
    cli: Callable[..., Any], process: Callable[..., Any], own: Path, network: Path, tmp_path: Path
) -> None:
    run, script = tmp_path / "run", tmp_path / "train.py"
    reading = ("--dataset", own, "--image-size", "8x8", "--color", "gray")
    assert cli("train", "--architecture", network, *reading, "--epochs", 1, "--out", run).code == 0
    assert cli("export", run, "--to", "keras-code", "--out", script).code == 0
    (line,) = (line for line in script.read_text().splitlines() if "datasets --save" in line)
    assert line == f"    cnn-explorer datasets --save '{own}' --image-size 8x8 --color gray --out data.npz"
    saved = cli("datasets", "--save", own, "--image-size", "8x8", "--color", "gray", "--out", tmp_path / "data.npz")
    assert saved.code == 0
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "data.npz")], cwd=tmp_path, env={**os.environ},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "model.h5").is_file()


def test_that_settings_are_checked_against_the_classes_that_were_found(
    cli: Callable[..., Any], own: Path, network: Path, tmp_path: Path
) -> None:
    weights = ("--class-weight", "custom", "--class-weight-values", "1,2,3")
    new = ("train", "--architecture", network, "--dataset", own, "--image-size", "8x8", "--out", tmp_path / "run")
    refusal = cli(*new, *weights).refusal
    assert "class_weight_values" in refusal.replace("-", "_")
    refusal = cli(*new, *weights, "--sweep", "seed=0,1").err.splitlines()[-1]
    assert "class_weight_values" in refusal.replace("-", "_")
    assert list(tmp_path.iterdir()) == []


def test_that_a_damaged_image_is_left_out_and_said(
    cli: Callable[..., Any], own: Path, network: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "images"
    for path in own.rglob("*.png"):
        target = folder / path.relative_to(own)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (folder / "dark" / "0.png").write_bytes(b"\x89PNG no more")
    new = ("--architecture", network, "--dataset", folder, "--image-size", "8x8", "--epochs", 1)
    answer = cli("train", *new, "--out", tmp_path / "run")
    assert answer.code == 0
    (line,) = (line for line in answer.err.splitlines() if "0.png" in line)
    assert line.startswith("Left out: ")


NEW = ("train", "--preset", "mnist-mlp", "--out", "run", "--dataset")
REFUSED = {
    "size for a name": ((*NEW, "mnist", "--image-size", "8x8"), "--image-size has no place beside --dataset mnist."),
    "share for a name": ((*NEW, "mnist", "--test-part", "0.1"), "--test-part has no place beside --dataset mnist."),
    "array of a folder": ((*NEW, "images", "--train-images", "x"), "--train-images is for a file of arrays, which "),
    "size of a file": ((*NEW, "file.npz", "--image-size", "8x8"), "--image-size is for a folder of images, which "),
    "no size": ((*NEW, "images", "--image-size", "big"), "--image-size: expected two numbers from 1 to 4096 as in"),
    "size 0": ((*NEW, "images", "--image-size", "0x9"), "--image-size: expected two numbers from 1 to 4096 as in"),
    "no way": ((*NEW, "images", "--resize", "bend"), "--resize: expected fit, crop or stretch, got"),
    "no colour": ((*NEW, "images", "--color", "blue"), "--color: expected auto, gray or rgb, got"),
    "all for the test": ((*NEW, "images", "--test-part", "1"), "--test-part: expected a number above 0 and below 1"),
    "no such path": ((*NEW, "./nowhere"), "There is no file or folder "),
    "no such home": ((*NEW, "~/nowhere at all"), "There is no file or folder "),
    "no such name": ((*NEW, "nowhere"), 'There is no data set "nowhere". Choose one of: mnist, '),
    "beside --continue": (("train", "--continue", "run", "--color", "gray"), "--color has no place beside --continue."),
    "no data set": (
        ("activations", "m.h5", "--layer", "a", "--out", "a.png", "--image", "a.png", "--color", "gray"),
        "--color has no place without --dataset.",
    ),
    "download of nothing": (("datasets", "--download", "nowhere"), 'There is no data set "nowhere".'),
    "nowhere to save": (("datasets", "--save", "digits"), "--out is missing."),
    "another form": (("datasets", "--save", "digits", "--out", "a.csv"), "a.csv does not say what to write."),
    "nothing to save": (("datasets", "--out", "a.npz"), "--out has no place without --save."),
    "two things": (("datasets", "--json", "--download", "mnist"), "--json, --download and --save are three things."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_that_wrong_data_sets_and_options_are_refused_at_once(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("images").mkdir()
    Path("file.npz").write_bytes(b"")
    before = sorted(tmp_path.rglob("*"))
    arguments, expected = REFUSED[case]
    assert cli(*arguments).refusal.startswith(expected)
    assert sorted(tmp_path.rglob("*")) == before


def test_that_a_name_wins_over_a_folder_of_that_name(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("digits").mkdir()
    assert cli("datasets", "--save", "digits", "--out", "a.npz").code == 0
    assert "digits holds no" in cli("datasets", "--save", "./digits", "--out", "b.npz").refusal
