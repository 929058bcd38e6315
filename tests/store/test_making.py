"""A run appears at once and whole, or not at all; killed processes leave nothing that harms."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.events import EpochEnded
from cnn_explorer.store.runs import RunFolder, RunRecord
from cnn_explorer.store.staging import staged

RoomFor = Callable[[int], AbstractContextManager[None]]
FILES = ("initial.weights.h5", "checkpoint.keras", "model.h5", "run.json")
LONG_AGO = 1_000_000_000


class Killed(BaseException):
    """Stands for a process that ends in the middle of something."""


def fill(content: bytes) -> Callable[[RunFolder], None]:
    def write(folder: RunFolder) -> None:
        for file in (folder.initial_weights, folder.checkpoint, folder.model):
            file.write_bytes(content)

    return write


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    """What a run consists of, without the lock and run.json."""
    names = {path.name for path in folder.iterdir()} - {".lock", "run.json"}
    return {name: (folder / name).read_bytes() for name in names}


@pytest.fixture
def old_run(record: RunRecord, epoch: Callable[..., EpochEnded]) -> Callable[[Path], RunFolder]:
    """A function that makes a run of two epochs."""
    return lambda path: _old_run(path, record, epoch)


@pytest.fixture
def old(tmp_path: Path, old_run: Callable[[Path], RunFolder]) -> RunFolder:
    """A run of two epochs."""
    return old_run(tmp_path / "run")


def _old_run(path: Path, record: RunRecord, epoch: Callable[..., EpochEnded]) -> RunFolder:
    run = RunFolder.create(path, msgspec.structs.replace(record, name="old"), fill=fill(b"old"))
    for number in (1, 2):
        run.append_epoch(epoch(number))
    run.best.write_bytes(b"old")
    run.say("old")
    run.annotate(title="old")
    return run


def test_that_nothing_is_at_the_path_before_the_run_is_whole(tmp_path: Path, record: RunRecord) -> None:
    path = tmp_path / "run"

    def read(folder: RunFolder) -> None:
        assert not path.exists()
        assert folder.path.parent == tmp_path
        assert folder.path.name.startswith(".run.")
        fill(b"new")(folder)

    run = RunFolder.create(path, record, fill=read)
    assert run.read() == record
    assert contents(path) == dict.fromkeys(FILES[:3], b"new")
    assert names(tmp_path) == ["run"]


def test_that_the_folder_has_the_rights_of_any_other(tmp_path: Path, record: RunRecord) -> None:
    (tmp_path / "plain").mkdir()
    RunFolder.create(tmp_path / "run", record)
    assert (tmp_path / "run").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("error", [ExplorerError("The disk is full.", "Free some."), Killed(), ZeroDivisionError()])
def test_that_whatever_fails_while_a_run_is_made_leaves_nothing(
    tmp_path: Path, record: RunRecord, error: BaseException
) -> None:
    def fail(folder: RunFolder) -> None:
        fill(b"half")(folder)
        raise error

    with pytest.raises(type(error)):
        RunFolder.create(tmp_path / "new" / "parents" / "run", record, fill=fail)
    assert list(tmp_path.iterdir()) == []


def test_that_a_disk_that_fills_up_is_told_with_the_path_that_was_asked_for(
    tmp_path: Path, record: RunRecord, room_for: RoomFor
) -> None:
    path = tmp_path / "run"

    def write(folder: RunFolder) -> None:
        with room_for(10):
            folder.write(record)

    with pytest.raises(ExplorerError) as caught:
        RunFolder.create(path, record, fill=write)
    assert str(path / "run.json") in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_that_a_folder_that_appears_meanwhile_is_not_harmed(tmp_path: Path, record: RunRecord) -> None:
    path = tmp_path / "run"

    def interfere(folder: RunFolder) -> None:
        path.mkdir()
        (path / "thesis.txt").write_text("years of work")

    with pytest.raises(ExplorerError, match="exists already"):
        RunFolder.create(path, record, fill=interfere)
    assert [file.name for file in path.iterdir()] == ["thesis.txt"]
    assert names(tmp_path) == ["run"]


# ------------------------------------------------------------------------------------------ what a kill leaves


@pytest.fixture
def leftover(tmp_path: Path, record: RunRecord) -> Path:
    """What a process killed long ago left while it made a run: its folder, whole, unlocked."""
    kept = tmp_path / ".other.0123456789ab"

    def die(folder: RunFolder) -> None:
        fill(b"half")(folder)
        (folder.path / ".tmp-1-1-model.h5").write_bytes(b"half")
        shutil.copytree(folder.path, kept)
        raise Killed

    with pytest.raises(Killed):
        RunFolder.create(tmp_path / "other", record, fill=die)
    age(kept)
    return kept


def age(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        os.utime(path, (LONG_AGO, LONG_AGO))


def test_that_the_next_run_removes_what_a_killed_process_left(
    tmp_path: Path, record: RunRecord, leftover: Path
) -> None:
    (tmp_path / ".empty.0123456789ab").mkdir()
    age(tmp_path / ".empty.0123456789ab")
    RunFolder.create(tmp_path / "run", record)
    assert names(tmp_path) == ["run"]


def test_that_a_folder_of_a_living_process_is_left_alone(tmp_path: Path, record: RunRecord) -> None:
    with staged(tmp_path / "slow", FILES) as slow:
        (slow.path / "run.json").write_bytes(b"{}")
        age(slow.path)
        RunFolder.create(tmp_path / "run", record)
        assert (slow.path / "run.json").read_bytes() == b"{}"
        slow.publish(tmp_path / "slow")
    assert (tmp_path / "slow" / "run.json").exists()


def test_that_a_folder_that_may_just_be_renamed_is_left_alone(
    tmp_path: Path, record: RunRecord, leftover: Path
) -> None:
    os.utime(leftover / "model.h5")
    RunFolder.create(tmp_path / "run", record)
    assert (leftover / "model.h5").exists()


@pytest.mark.parametrize("name", [".other.0123456789ab", ".config", ".other.0123456789xy", "other.0123456789ab"])
def test_that_hidden_folders_of_others_are_left_alone(tmp_path: Path, record: RunRecord, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    for file in ("run.json", ".lock", "thesis.txt"):
        (folder / file).write_text("mine")
    age(folder)
    RunFolder.create(tmp_path / "run", record)
    assert {file.name for file in folder.iterdir()} == {"run.json", ".lock", "thesis.txt"}


# --------------------------------------------------------------------------------------------------- replacing


def test_that_an_old_run_stands_until_the_new_one_is_written(tmp_path: Path, record: RunRecord, old: RunFolder) -> None:
    before = contents(old.path)

    def read(folder: RunFolder) -> None:
        assert (contents(old.path), old.read().name) == (before, "old")
        fill(b"new")(folder)

    RunFolder.create(old.path, record, force=True, fill=read)
    assert (contents(old.path), old.read()) == (dict.fromkeys(FILES[:3], b"new"), record)
    assert names(tmp_path) == ["run"]


def test_that_a_new_run_that_cannot_be_written_leaves_the_old_one(record: RunRecord, old: RunFolder) -> None:
    before = contents(old.path)

    def fail(folder: RunFolder) -> None:
        raise ExplorerError("The disk is full.")

    with pytest.raises(ExplorerError, match="disk is full"):
        RunFolder.create(old.path, record, force=True, fill=fail)
    assert (contents(old.path), old.read().name) == (before, "old")


def steps(monkeypatch: pytest.MonkeyPatch, last: int) -> None:
    """From now on the process dies before the ``last``-th time that it removes or renames anything."""
    left = last

    def dying(method: Callable[..., object]) -> Callable[..., object]:
        def step(*arguments: object, **options: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            return method(*arguments, **options)

        return step

    for name in ("unlink", "replace", "rename", "rmdir"):
        monkeypatch.setattr(Path, name, dying(getattr(Path, name)))


def test_that_a_kill_at_any_moment_of_a_replacement_leaves_a_run_that_opens_and_can_be_brought_to_its_end(
    tmp_path: Path, record: RunRecord, old_run: Callable[[Path], RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for last in range(100):
        run, killed = old_run(tmp_path / f"run{last}"), False
        with monkeypatch.context() as patch:
            steps(patch, last)
            try:
                RunFolder.create(run.path, record, force=True, fill=fill(b"new"))
            except Killed:
                killed = True
        assert run.read().name in ("old", "tiny")
        assert run.model.read_bytes() in (b"old", b"new")
        assert [epoch.epoch for epoch in run.history()] in ([1, 2], [])
        with run.working():
            name, files = run.read().name, contents(run.path)
        assert {files[file] for file in FILES[:3]} == {b"new" if name == "tiny" else b"old"}
        assert len(run.history()) == (0 if name == "tiny" else 2)
        assert not [path for path in run.path.iterdir() if path.is_dir()]
        found.append(name)
        if not killed:
            break
    assert len(found) > 12  # files that go, and files that come
    assert found == ["old"] * found.count("old") + ["tiny"] * found.count("tiny")
    assert found[0] == "old"


def test_that_a_run_that_someone_works_on_is_not_replaced(record: RunRecord, old: RunFolder) -> None:
    before = contents(old.path)
    with old.working(), pytest.raises(ExplorerError, match="is being trained just now"):
        RunFolder.create(old.path, record, force=True, fill=fill(b"new"))
    assert (contents(old.path), old.read().name) == (before, "old")
    assert len(list(old.path.parent.iterdir())) == 1


# ------------------------------------------------------------------------------------------------------- locks


def test_that_only_one_works_on_a_run_at_a_time(old: RunFolder) -> None:
    refused: list[ExplorerError] = []

    def other() -> None:
        with pytest.raises(ExplorerError) as caught, RunFolder(old.path).working():
            pass
        refused.append(caught.value)

    assert not old.is_active()
    with old.working():
        assert old.is_active()
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert not old.is_active()
    assert str(old.path) in refused[0].message
    assert refused[0].hint
    with RunFolder(old.path).working():
        pass


WORKER = """
import sys
from pathlib import Path
from cnn_explorer.store.runs import RunFolder
with RunFolder(Path(sys.argv[1])).working():
    print("at work", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def worker(old: RunFolder) -> Iterator[subprocess.Popen[str]]:
    """Another process at work on the old run."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(old.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "at work\n"
    yield process
    process.kill()
    process.communicate()


def test_that_a_killed_process_gives_its_run_back(old: RunFolder, worker: subprocess.Popen[str]) -> None:
    assert old.is_active()
    with pytest.raises(ExplorerError, match="being trained just now"), old.working():
        pass
    worker.kill()
    worker.wait()
    assert not old.is_active()
    with old.working():
        pass


def test_that_a_run_where_nothing_can_be_written_is_not_worked_on(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="could not be written"), RunFolder(tmp_path / "gone").working():
        pass
    assert not RunFolder(tmp_path / "gone").is_active()
