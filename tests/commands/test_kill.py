"""``kill -9`` at random moments: it leaves no run, or one that opens, loads in plain Keras and goes on."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from cnn_explorer.store.catalog import RunSummary, list_runs, summary_of
from cnn_explorer.store.runs import RunFolder

ENDLESS = 100_000
TINY = (
    "--preset", "mnist-mlp", "--dataset", "mnist", "--train-limit", 1280, "--test-limit", 256, "--epochs", ENDLESS,
)  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """When a process is killed: ``delay`` seconds after it has come to ``mark``.

    ``begun``: its start. ``staged``: the run is being made, hidden. ``there``: the folder appeared, and the graph is
    being traced. ``epoch``: the ``count``-th epoch of this process was reported; its last files are being written.
    """

    mark: Literal["begun", "staged", "there", "epoch"]
    delay: float
    count: int = 0


def moments(seed: int, begun: int, staged: int, there: int, epochs: int) -> list[Moment]:
    """So many moments of each kind, drawn at random."""
    draw = random.Random(seed)
    return [
        *(Moment("begun", draw.uniform(0, 4)) for _ in range(begun)),
        *(Moment("staged", draw.uniform(0, 0.15)) for _ in range(staged)),
        *(Moment("there", draw.uniform(0, 1.5)) for _ in range(there)),
        *(Moment("epoch", draw.uniform(0, 0.3), draw.randint(1, 5)) for _ in range(epochs)),
    ]


@dataclass(frozen=True)
class Killer:
    """Starts processes that train, and kills them."""

    environment: dict[str, str]

    def kill(self, moment: Moment, run: Path, *arguments: object) -> None:
        """Start ``train`` with ``arguments`` for the run and kill it at ``moment``."""
        words = [sys.executable, "-m", "cnn_explorer", "train", *map(str, arguments), "--json"]
        process = subprocess.Popen(words, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        with process:
            match moment.mark:
                case "staged":
                    _wait_until(process, lambda: any(run.parent.glob(f".{run.name}.*")))
                case "there":
                    _wait_until(process, run.exists)
                case "epoch":
                    _read_epochs(process, moment.count)
            _let_work(process, moment.delay)
            process.kill()
        assert process.returncode == -9


def _wait_until(process: subprocess.Popen[bytes], reached: Callable[[], bool]) -> None:
    while not reached():
        _let_work(process, 0.001)


def _read_epochs(process: subprocess.Popen[bytes], count: int) -> None:
    assert process.stdout is not None
    while count:
        count -= json.loads(process.stdout.readline())["event"] == "epoch"


def _let_work(process: subprocess.Popen[bytes], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
        pytest.fail("The process ended by itself.")


@pytest.fixture
def killer(clean_environment: dict[str, str]) -> Killer:
    return Killer(clean_environment | {"TF_CPP_MIN_LOG_LEVEL": "3"})


def assert_survived(run: Path) -> RunSummary:
    """Assert that a killed run is whole; plain Keras is asked later, for all runs together."""
    summary = summary_of(run)
    assert summary.status == "interrupted"
    done = len(summary.epochs)
    assert [epoch.epoch for epoch in summary.epochs] == list(range(1, done + 1))
    with zipfile.ZipFile(run / "checkpoint.keras") as archive:
        last = json.loads(archive.read("cnn_explorer/progress.json"))["last"]
    assert (last["epoch"] if last else 0) in (done, done + 1)
    assert {done, done + 1} >= {int(max(RunFolder(run).batches().epoch, default=done))}
    return summary


PLAIN_KERAS = """
import sys
import keras
for path in sys.argv[1:]:
    model = keras.models.load_model(path)
    assert model.count_params() == 57_390, path
assert not [name for name in sys.modules if name.startswith("cnn_explorer")]
print(len(sys.argv) - 1)
"""


def assert_plain_keras_opens(models: list[Path], environment: dict[str, str]) -> None:
    """In a process that knows nothing of this program."""
    words = [sys.executable, "-c", PLAIN_KERAS, *map(str, models)]
    run = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert run.stdout.split() == [str(len(models))], run.stderr


def assert_goes_on(cli: Callable[..., Any], run: Path) -> None:
    """Assert that ``--continue`` brings the run to its end, two epochs on."""
    done = len(RunFolder(run).history())
    answer = cli("train", "--continue", run, "--epochs", done + 2, "--json")
    assert answer.code == 0, answer
    summary = summary_of(run)
    assert (summary.status, summary.record.epochs_done) == ("completed", done + 2)
    assert [epoch.epoch for epoch in summary.epochs] == list(range(1, done + 3))
    assert set(RunFolder(run).batches().epoch) == set(range(1, done + 3))
    assert not list(run.glob(".tmp-*"))


def survive(
    killer: Killer, cli: Callable[..., Any], folder: Path, when: list[Moment], when_continued: list[Moment]
) -> list[str]:
    """Kill a run at each moment, and the first ones again while they are continued. The marks that left a folder."""
    models, left = [], []
    again = iter(when_continued)
    for number, moment in enumerate(when):
        run = folder / f"run{number}"
        killer.kill(moment, run, *TINY, "--out", run)
        if not run.exists():
            continue
        left.append(moment.mark)
        assert_survived(run)
        models.append(Path(shutil.copy(run / "model.h5", folder / f"model{number}.h5")))
        second = next(again, None)
        if second is not None:
            killer.kill(second, run, "--continue", run)
            assert_survived(run)
            models.append(Path(shutil.copy(run / "model.h5", folder / f"model{number}-again.h5")))
        assert_goes_on(cli, run)
    assert_plain_keras_opens(models, killer.environment)
    return left


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_that_kills_at_four_moments_leave_nothing_or_a_run_that_goes_on(
    killer: Killer, cli: Callable[..., Any], tmp_path: Path
) -> None:
    left = survive(
        killer, cli, tmp_path, moments(1, begun=0, staged=1, there=1, epochs=1), [Moment("epoch", 0.05, count=1)]
    )
    assert left[-3:] == ["there", "epoch"]
    runs, damaged = list_runs(tmp_path)
    assert (len(runs), damaged) == (len(left), ())


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_that_kills_at_random_moments_leave_nothing_or_a_run_that_goes_on(
    killer: Killer, cli: Callable[..., Any], tmp_path: Path
) -> None:
    left = survive(
        killer, cli, tmp_path,
        moments(20_000, begun=3, staged=5, there=5, epochs=12), moments(30_000, begun=2, staged=0, there=2, epochs=4),
    )  # fmt: skip
    assert left[-17:] == ["there"] * 5 + ["epoch"] * 12
    for hidden in tmp_path.glob(".*"):
        for path in (*hidden.iterdir(), hidden):
            os.utime(path, (0, 0))
    assert cli("train", *TINY[:-1], 1, "--out", tmp_path / "last").code == 0
    assert not list(tmp_path.glob(".*"))  # what was left of runs that never appeared
