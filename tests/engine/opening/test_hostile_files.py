from __future__ import annotations

import contextlib
import json
import random
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.opening import hostile_files
from tests.engine.opening.hostile_files import FILES

DRIVER = Path(hostile_files.__file__).with_name("hostile_driver.py")
SECONDS = 5.0
PATIENCE = 120.0  # with the start of TensorFlow
BYTES = 1_000_000_000


class Loader:
    """A process in which TensorFlow stands ready and files are loaded one after another; a new one if it dies."""

    def __init__(self, errors: Path) -> None:
        self._errors = errors
        self._process: subprocess.Popen[str] | None = None

    def load(self, path: Path) -> dict[str, Any]:
        """How it ended. Fails if the process did not survive it, or hangs."""
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(f"{path}\n")
            process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
        line = process.stdout.readline() if ready else ""
        if not line:
            process.kill()
            self.close()
            pytest.fail(f"the process {'died' if ready else 'hung'} at {path}: {self._errors.read_text()[-2000:]}")
        found: dict[str, Any] = json.loads(line)
        return found

    def _started(self) -> subprocess.Popen[str]:
        with self._errors.open("w") as errors:
            return subprocess.Popen(
                [sys.executable, str(DRIVER)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=self._errors.parent,
            )  # fmt: skip

    def close(self) -> None:
        """Let the process end."""
        if self._process is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.communicate()
            self._process = None


@pytest.fixture(scope="module")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loader]:
    loader = Loader(tmp_path_factory.mktemp("loader") / "errors.txt")
    yield loader
    loader.close()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The small model's files."""
    folder = tmp_path_factory.mktemp("good")
    for suffix in (".h5", ".keras"):
        hostile_files.small_model().save(folder / f"small{suffix}")
    return {suffix: (folder / f"small{suffix}").read_bytes() for suffix in (".h5", ".keras")}


def harmless(result: dict[str, Any]) -> None:
    """No code has run, nothing else was opened, and it took neither long nor much."""
    assert result["outcome"] in ("sentence", "structure", "model"), result
    assert result["seen"] == []
    assert result["seconds"] < SECONDS, result
    assert result["grown"] < BYTES, result
    assert result["says"].isprintable()


@pytest.mark.parametrize("name", FILES)
def test_that_a_hostile_file_ends_in_a_sentence_and_does_nothing(tmp_path: Path, loader: Loader, name: str) -> None:
    hostile = FILES[name]
    path = tmp_path / "inner" / "folder" / f"hostile{hostile.suffix}"
    path.parent.mkdir(parents=True)
    hostile.make(path)
    before = sorted(tmp_path.rglob("*"))
    result = loader.load(path)
    harmless(result)
    assert result["outcome"] == hostile.outcome, result
    assert hostile.says in result["says"], result
    assert sorted(tmp_path.rglob("*")) == before  # no trace


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_that_the_good_file_opens(tmp_path: Path, loader: Loader, good: dict[str, bytes], suffix: str) -> None:
    path = tmp_path / f"good{suffix}"
    path.write_bytes(good[suffix])
    result = loader.load(path)
    harmless(result)
    assert result["layers"] == ["conv", "pool", "flat", "out"]


def test_that_a_lambda_is_shown_with_the_weights_of_the_others(tmp_path: Path, loader: Loader) -> None:
    FILES["lambda"].make(tmp_path / "lambda.h5")
    shown = loader.load(tmp_path / "lambda.h5")["layers"]
    assert shown == [
        ["input", "InputLayer", 0], ["evil", "Lambda", 0], ["conv", "Conv2D", 40], ["pool", "MaxPooling2D", 0],
        ["flat", "Flatten", 0], ["out", "Dense", 303],
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_that_files_which_end_too_early_say_so(
    tmp_path: Path, loader: Loader, good: dict[str, bytes], suffix: str
) -> None:
    content = good[suffix]
    for cut in range(50):
        path = tmp_path / f"cut{cut}{suffix}"
        path.write_bytes(content[: len(content) * cut // 50])
        result = loader.load(path)
        harmless(result)
        assert result["outcome"] == "sentence", result


def flipped(content: bytes, seed: int) -> bytes:
    """``content`` with one to 64 bits turned."""
    rng = random.Random(seed)
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4, 16, 64))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


@pytest.mark.parametrize(
    "seeds", [range(16), pytest.param(range(16, 500), marks=pytest.mark.slow)], ids=["few", "many"]
)
@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_that_turned_bits_do_no_harm(
    tmp_path: Path, loader: Loader, good: dict[str, bytes], suffix: str, seeds: range
) -> None:
    path = tmp_path / f"flipped{suffix}"
    for seed in seeds:
        path.write_bytes(flipped(good[suffix], seed))
        harmless(loader.load(path) | {"seed": seed})
