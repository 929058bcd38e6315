"""The commands that need no TensorFlow, and how the command line refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnn_explorer.commands import presets
from cnn_explorer.core.network.architecture import Architecture, Conv2D, Dense, Flatten, MaxPooling2D
from cnn_explorer.core.network.presets import preset

MNIST_SIMPLE = {
    "name": "mnist-simple",
    "input_shape": [28, 28, 1],
    "total_params": 96844,
    "trainable_params": 96844,
    "layers": [
        {"name": "Conv2D_1", "type": "Conv2D", "output_shape": [26, 26, 32], "params": 320, "macs": 194688,
         "receptive_field": [3, 3], "jump": [1, 1]},
        {"name": "Max_Pool_1", "type": "MaxPooling2D", "output_shape": [13, 13, 32], "params": 0, "macs": 0,
         "receptive_field": [4, 4], "jump": [2, 2]},
        {"name": "Conv2D_2", "type": "Conv2D", "output_shape": [11, 11, 64], "params": 18496, "macs": 2230272,
         "receptive_field": [8, 8], "jump": [2, 2]},
        {"name": "Max_Pool_2", "type": "MaxPooling2D", "output_shape": [5, 5, 64], "params": 0, "macs": 0,
         "receptive_field": [10, 10], "jump": [4, 4]},
        {"name": "Conv2D_3", "type": "Conv2D", "output_shape": [3, 3, 64], "params": 36928, "macs": 331776,
         "receptive_field": [18, 18], "jump": [4, 4]},
        {"name": "Flatten_1", "type": "Flatten", "output_shape": [576], "params": 0, "macs": 0,
         "receptive_field": None, "jump": None},
        {"name": "Dense_1", "type": "Dense", "output_shape": [70], "params": 40390, "macs": 40320,
         "receptive_field": None, "jump": None},
        {"name": "Dense_2", "type": "Dense", "output_shape": [10], "params": 710, "macs": 700,
         "receptive_field": None, "jump": None},
    ],
    "problems": [],
}  # fmt: skip


def test_that_summary_json_is_exactly_as_the_contract_says(cli: Callable[..., Any]) -> None:
    answer = cli("summary", "--preset", "mnist-simple", "--json")
    assert answer.code == 0
    assert answer.err == ""
    assert answer.json == MNIST_SIMPLE
    assert [list(layer) for layer in answer.json["layers"]] == [list(MNIST_SIMPLE["layers"][0])] * 8
    assert len(answer.out.splitlines()) == 1


def test_that_an_architecture_file_gives_the_same_summary_as_its_preset(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "net.json"
    file.write_bytes(preset("mnist-simple").architecture.to_json())
    assert cli("summary", "--architecture", file, "--json").json == MNIST_SIMPLE


def test_that_summary_names_problems_and_knows_nothing_behind_them(cli: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "net.json"
    layers = (
        Conv2D(name="Conv", filters=2, kernel_size=(3, 3)),
        MaxPooling2D(name="Pool", pool_size=(9, 9)),
        Flatten(name="Flat"),
        Dense(name="Out", units=3),
    )
    file.write_bytes(Architecture(input_shape=(9, 9, 1), layers=layers).to_json())
    answer = cli("summary", "--architecture", file, "--json")
    assert answer.code == 0
    (problem,) = answer.json["problems"]
    assert problem["layer"] == "Pool"
    assert problem["message"].startswith("Pool: ")
    assert set(problem) == {"layer", "message"}
    assert [layer["output_shape"] for layer in answer.json["layers"]] == [[7, 7, 2], None, None, None]
    assert answer.json["layers"][2]["params"] is None
    assert f"Problem: {problem['message']}" in cli("summary", "--architecture", file).out


def test_that_fractional_jumps_stay_fractions(cli: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "net.json"
    file.write_text('{"input_shape": [8, 8, 1], "layers": [{"type": "UpSampling2D", "name": "Up"}]}')
    (layer,) = cli("summary", "--architecture", file, "--json").json["layers"]
    assert layer["jump"] == [0.5, 0.5]


def test_that_the_summary_for_people_is_an_aligned_table(cli: Callable[..., Any]) -> None:
    lines = cli("summary", "--preset", "mnist-simple").out.splitlines()
    head, first = lines[1], lines[2]
    assert "\x1b" not in "".join(lines)  # no colours where there is no terminal
    assert first.split() == ["Conv2D_1", "Conv2D", "26×26×32", "320", "194,688", "3×3", "1×1"]
    for title in ("Output", "Parameters", "MACs", "Receptive field", "Jump"):
        end = head.index(title) + len(title)
        assert all(line[end : end + 2].strip() == "" and line[end - 1] != " " for line in lines[2:10])
    assert lines[-1] == "96,844 parameters, 96,844 of them trainable"


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("mnist-simple", 96_844), ("mnist-regularized", 208_982), ("mnist-functional", 104_202),
        ("mnist-no-pooling", 712_202), ("mnist-mlp", 57_390), ("fruits-18", 10_865_724),
    ],
)  # fmt: skip
def test_that_presets_are_listed_with_the_parameters_of_the_articles(
    cli: Callable[..., Any], name: str, params: int
) -> None:
    listed = {row["name"]: row for row in cli("presets", "--json").json}
    assert listed[name]["total_params"] == params
    (line,) = (line for line in cli("presets").out.splitlines() if line.split()[0] == name)
    assert f"{params:,}" in line.split()


def test_that_datasets_say_what_mnist_is(cli: Callable[..., Any]) -> None:
    (mnist,) = (row for row in cli("datasets", "--json").json if row["name"] == "mnist")
    assert (mnist["train_count"], mnist["test_count"], mnist["image_shape"]) == (60_000, 10_000, [28, 28, 1])
    assert mnist["classes"] == list("0123456789")
    assert "60,000" in cli("datasets").out


_ARCHITECTURE = {
    "format": 1,
    "name": "n",
    "input_shape": [28, 28, 1],
    "layers": [{"type": "Flatten", "name": "F"}, {"type": "Conv2D", "name": "C", "filters": "many"}],
}

REFUSED = {
    "unknown command": (("nosuch",), "No such command 'nosuch'. See cnn-explorer --help."),
    "unknown option": (("presets", "--nosuch"), "No such option: --nosuch. See cnn-explorer presets --help."),
    "command of later": (("maximize", "m.h5"), "No such command 'maximize'."),
    "missing option": (("activations", "m.h5"), "Missing option '--layer'."),
    "no number": (
        ("activations", "m.h5", "--layer", "a", "--out", "a.png", "--index", "two"), "Invalid value for '--index':",
    ),
    "other export": (("export", "m.h5", "--to", "pdf", "--out", "m.pdf"), "Invalid value for '--to':"),
    "no network": (("summary",), "Which network? Give one of --preset, --architecture and MODEL."),
    "two networks": (("summary", "m.h5", "--preset", "mnist-mlp"), "Which network?"),
    "unknown preset": (("summary", "--preset", "nosuch"), 'There is no preset "nosuch". The presets are mnist-simple,'),
    "missing file": (("summary", "--architecture", "nosuch.json"), "There is no architecture file nosuch.json."),
    "folder as file": (("summary", "--architecture", "."), "The architecture file . could not be read: Is a"),
    "wrong type": (
        ("summary", "--architecture", "wrong.json"),
        'layers[1].filters: expected an integer from 1 to 4096, got "many".',
    ),
    "no JSON": (("summary", "--architecture", "broken.json"), "This is not a JSON file:"),
    "not a run": (("summary", "empty"), "empty"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_that_wrong_input_is_answered_by_one_line_and_exit_code_2(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wrong.json").write_text(json.dumps(_ARCHITECTURE))
    Path("broken.json").write_text('{"format": 1,')
    Path("empty").mkdir()
    before = sorted(tmp_path.rglob("*"))
    arguments, expected = REFUSED[case]
    assert cli(*arguments).refusal.startswith(expected)
    assert sorted(tmp_path.rglob("*")) == before


def test_that_a_defect_is_one_line_with_exit_code_1_and_a_traceback_only_on_demand(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(architecture: Architecture) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(presets, "infer", broken)
    answer = cli("presets")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "cnn-explorer: Something went wrong inside the program: RuntimeError: two lines\n"
    monkeypatch.setenv("CNN_EXPLORER_DEBUG", "1")
    assert "Traceback (most recent call last)" in cli("presets").err


def test_that_a_home_behind_an_equals_sign_is_the_user_s(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "net.json").write_bytes(preset("mnist-mlp").architecture.to_json())
    assert cli("summary", "--architecture=~/net.json", "--json").json["total_params"] == 57_390
    answer = cli("train", "--preset", "mnist-mlp", "--dataset", "mnist", "--out=~/net.json")
    assert answer.refusal.startswith(f"{tmp_path / 'net.json'} exists already.")


def test_that_a_reader_who_leaves_is_no_error(clean_environment: dict[str, str]) -> None:
    command = subprocess.Popen(
        [sys.executable, "-m", "cnn_explorer", "presets", "--json"],
        env=clean_environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert command.stdout is not None
    command.stdout.close()
    assert command.stderr is not None
    assert command.stderr.read() == ""
    command.stderr.close()
    assert command.wait() == 141


def test_that_a_full_disk_behind_stdout_is_said(clean_environment: dict[str, str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cnn_explorer", "presets"],
            env=clean_environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "cnn-explorer: The result could not be written to standard output: No space left on device. "
        "Send it to another place."
    ]


@pytest.mark.parametrize("arguments", [(), ("gui",)])
def test_that_no_window_is_tried_without_a_display(process: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    answer = process(*arguments)
    assert answer.refusal.startswith("There is no display")
    assert "cnn-explorer demo" in answer.err
