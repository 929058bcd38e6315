"""What ``make package`` made, on a computer that has nothing else. For ``make package-test``, not ``make test``."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import contents
import identity
import numpy as np
import pytest
from unpacked import ROOT, Packaged, checkout, history

from cnn_explorer.system_check import QT_LIBRARIES, WAYLAND_LIBRARIES, X11_LIBRARIES

SMALL = ("--preset", "mnist-simple", "--dataset", "mnist", "--train-limit", 500, "--test-limit", 200, "--seed", 3)
# Of the C library, and of every graphics driver.
_SYSTEM = re.compile(
    r"(ld-linux-x86-64|ld-linux-aarch64|libc|libm|libdl|libpthread|librt|libutil|libresolv|libcrypt|libnsl"
    r"|libwayland-egl|libdrm)\.so(\.\d+)?"
)


def test_that_doctor_finds_everything_inside(packaged: Packaged) -> None:
    answer = packaged.run("doctor", "--json")
    assert (answer.code, answer.err) == (0, "")
    report = json.loads(answer.out)
    assert Path(report["paths"]["resources"]).is_relative_to(packaged.folder)
    assert Path(report["paths"]["runs"]).is_relative_to(packaged.home)
    assert report["versions"]["cnn_explorer"] == identity.version(ROOT)
    assert report["missing_libraries"] == []
    assert "is built for the processor only" in report["gpu_note"]


def test_that_summary_counts_as_ever(packaged: Packaged) -> None:
    answer = packaged.run("summary", "--preset", "mnist-simple", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out)["total_params"] == 96_844


def test_that_demo_shows_everything_without_a_screen(packaged: Packaged) -> None:
    answer = packaged.run("demo")
    assert answer.code == 0, answer
    assert "Warning" not in answer.err
    (run,) = (packaged.home / ".local/share/cnn-explorer/runs").iterdir()
    assert (run / "window.png").read_bytes().startswith(b"\x89PNG")
    assert len(list((run / "activations").glob("*.png"))) == 8
    shutil.copy(run / "window.png", ROOT / "dist" / "demo-window.png")


def test_that_it_trains_and_gives_the_checkout_s_activations(packaged: Packaged) -> None:
    run = packaged.home / "mein Lauf"
    trained = packaged.run("train", *SMALL, "--epochs", 1, "--out", run, "--json")
    assert trained.code == 0, trained
    events = [json.loads(line) for line in trained.out.splitlines()]
    assert [event["event"] for event in events] == ["started", "epoch", "ended"]
    assert "failed" not in (run / "log.txt").read_text("utf-8")
    for layer in ("Conv2D_1", "Conv2D_3", "Dense_2"):
        chosen = (run / "model.h5", "--layer", layer, "--dataset", "mnist", "--index", 7, "--out")
        assert packaged.run("activations", *chosen, packaged.home / f"{layer}.npz").code == 0
        assert checkout("activations", *chosen, packaged.home / f"{layer}-checkout.npz", home=packaged.home).code == 0
        with np.load(packaged.home / f"{layer}.npz") as ours, np.load(packaged.home / f"{layer}-checkout.npz") as its:
            np.testing.assert_allclose(ours["activations"], its["activations"], rtol=0, atol=1e-6)
            np.testing.assert_array_equal(ours["image"], its["image"])


def test_that_runs_go_on_from_the_checkout_to_the_executable_and_back(packaged: Packaged) -> None:
    whole, there, back = (packaged.home / name for name in ("whole", "there", "back"))
    assert checkout("train", *SMALL, "--epochs", 2, "--out", whole, home=packaged.home).code == 0
    assert checkout("train", *SMALL, "--epochs", 1, "--out", there, home=packaged.home).code == 0
    packaged.give(there)
    assert packaged.run("train", "--continue", there, "--epochs", 2).code == 0
    assert packaged.run("train", *SMALL, "--epochs", 1, "--out", back).code == 0
    assert checkout("train", "--continue", back, "--epochs", 2, home=packaged.home).code == 0
    for run in (there, back):
        for epoch, expected in zip(history(run), history(whole), strict=True):
            assert epoch["loss"] == pytest.approx(expected["loss"], rel=1e-3)
            assert epoch["val_accuracy"] == pytest.approx(expected["val_accuracy"], abs=0.02)


def test_that_a_run_is_exported_in_every_form(packaged: Packaged) -> None:
    run = packaged.home / "run"
    assert packaged.run("train", *SMALL, "--epochs", 1, "--out", run).code == 0
    for form, name in (("tensorboard", "log"), ("keras-code", "network.py"), ("keras", "m.keras"), ("csv", "run.csv")):
        answer = packaged.run("export", run, "--to", form, "--out", packaged.home / name)
        assert answer.code == 0, answer
        assert (packaged.home / name).exists()


def test_that_a_download_without_a_network_is_one_sentence(packaged: Packaged) -> None:
    proxy = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    answer = packaged.run("datasets", "--download", "cifar-10", **proxy)
    assert answer.code == 2, answer
    assert "could not be downloaded" in answer.err.splitlines()[-1]


def test_that_without_a_display_one_sentence_says_so(packaged: Packaged) -> None:
    assert "There is no display" in packaged.run().refusal
    assert "There is no display" in packaged.run("gui").refusal
    assert "does not answer" in packaged.run(DISPLAY=":987").refusal


def test_that_a_missing_library_of_the_system_is_one_sentence(packaged: Packaged) -> None:
    broken = packaged.home / "lib"
    broken.mkdir()
    (broken / "libfontconfig.so.1").touch()  # found first, and not a library
    broken.chmod(0o755)
    for command, display in (("gui", ":0"), ("demo", "")):
        said = packaged.run(command, LD_LIBRARY_PATH=str(broken), **({"DISPLAY": display} if display else {})).refusal
        assert "libfontconfig.so.1" in said
        assert "sudo apt-get install libfontconfig1" in said


def test_that_a_home_that_cannot_be_written_to_is_one_sentence(packaged: Packaged) -> None:
    packaged.home.chmod(0o555)
    for arguments, environment in (((), {"QT_QPA_PLATFORM": "offscreen"}), (("demo",), {})):
        said = packaged.run(*arguments, **environment).refusal
        assert str(packaged.home / ".local/share/cnn-explorer") in said
    assert list(packaged.home.iterdir()) == []


def test_that_nothing_needs_a_library_that_is_not_named(folder: Path) -> None:
    inside = {path.name for path in folder.rglob("*.so*")}
    named = {**QT_LIBRARIES, **X11_LIBRARIES, **WAYLAND_LIBRARIES}
    files = [path for path in folder.rglob("*.so*") if path.is_file() and not path.is_symlink()]
    asked = {}
    for path in files:
        said = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout
        for library in re.findall(r"\(NEEDED\).*\[(.*)\]", said):
            asked.setdefault(library, path.name)
    known = inside | named.keys()
    assert {name: by for name, by in asked.items() if name not in known and not _SYSTEM.fullmatch(name)} == {}


def test_that_nothing_goes_along_that_stays_out(folder: Path) -> None:
    inside = folder / "_internal"
    files = [path.relative_to(inside).as_posix() for path in inside.rglob("*") if path.is_file()]
    words = ("Qml", "Quick", "Qt3D", "Qt6Network", "tensorflow/include/", "/jax", "/torch", "tflite", "/tests/")
    assert [file for file in files if any(word in file for word in words)] == []
    for module in (*contents.EXCLUDED_MODULES, *contents.EMPTY_MODULES):
        path = module.replace(".", "/")
        assert [*inside.glob(f"{path}.so"), *inside.glob(f"{path}.*.so"), *inside.glob(f"{path}/**/*.so")] == []


def test_that_the_licence_of_everything_is_there(folder: Path) -> None:
    licences = folder / "licences"
    lines = (licences / "README.txt").read_text("utf-8").splitlines()
    for name in ("tensorflow-cpu", "keras", "pyside6-essentials", "numpy", "scipy", "scikit-learn", "python", "pillow"):
        assert any(line.startswith(f"{name} ") for line in lines)
        assert any(path.stat().st_size > 500 for path in (licences / name).rglob("*"))
    assert "Apache License" in (licences / "tensorflow-cpu" / "Apache-2.0.txt").read_text("utf-8")
    assert (folder / "LICENSE").read_text("utf-8").startswith("MIT License")
    inside = {path.name for path in (folder / "_internal" / "resources").rglob("LICENSE*")}
    assert inside == {"LICENSE-mnist.md", "LICENSE-colormaps.md", "LICENSE"}


def test_that_it_installs_into_a_home_and_removes_itself(packaged: Packaged) -> None:
    environment = {"HOME": str(packaged.home), "PATH": "/usr/bin:/bin"}
    script = packaged.folder / "install.sh"
    installed = subprocess.run([script], env=environment, capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed
    command = [packaged.home / ".local/bin/cnn-explorer", "presets"]
    said = subprocess.run(command, env=environment | {"PATH": ""}, capture_output=True, check=True)
    assert b"mnist-simple" in said.stdout
    script = packaged.home / ".local/lib/cnn-explorer/install.sh"
    subprocess.run([script, "--remove"], env=environment, capture_output=True, check=True)
    assert [path for path in packaged.home.rglob("*") if not path.is_dir()] == []
