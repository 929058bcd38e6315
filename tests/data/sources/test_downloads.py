"""Downloads: interrupted, resumed, wrong, refused, silent, ended, in the way of each other."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import CancelledError, unwatched
from cnn_explorer.data.sources import downloads
from cnn_explorer.data.sources.remote_file import RemoteFile
from tests.data.sources.file_server import FileServer, Page, file_server

CONTENT = np.random.default_rng(0).bytes(300_000)
NAME = "data.bin"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between attempts."""
    monkeypatch.setattr(downloads, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server(**{NAME: Page(CONTENT)}) as server:
        yield server


def remote(*urls: str, content: bytes = CONTENT, name: str = NAME) -> RemoteFile:
    return RemoteFile(name, urls, len(content), hashlib.sha256(content).hexdigest())


def fetch(server: FileServer, folder: Path, **options: Any) -> None:
    watch = options.pop("watch", unwatched)
    downloads.fetch("Some data", [remote(f"{server.url}/{NAME}")], folder, watch, **options)


def refused(server: FileServer, folder: Path) -> ExplorerError:
    with pytest.raises(ExplorerError) as caught:
        fetch(server, folder)
    return caught.value


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_that_a_file_comes_once_and_is_found_afterwards(server: FileServer, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    fetch(server, tmp_path / "new", watch=lambda what, done, total: seen.append((what, done, total)))
    assert (tmp_path / "new" / NAME).read_bytes() == CONTENT
    assert names(tmp_path / "new") == [NAME]
    assert (f"Downloading {NAME}", 0, len(CONTENT)) in seen
    assert (f"Checking {NAME}.part", len(CONTENT), len(CONTENT)) in seen
    fetch(server, tmp_path / "new")
    assert server.asked == [(NAME, 0)]


def test_that_a_transfer_that_breaks_off_goes_on_where_it_ended(server: FileServer, tmp_path: Path) -> None:
    server.pages[NAME].cuts = [100_000, 70_000]
    fetch(server, tmp_path)
    assert (tmp_path / NAME).read_bytes() == CONTENT
    starts = [start for _, start in server.asked]
    assert starts[0] == 0
    assert 90_000 < starts[1] <= 100_000
    assert starts[1] + 60_000 < starts[2] <= starts[1] + 70_000


def test_that_a_server_that_sends_no_parts_is_asked_for_all_again(server: FileServer, tmp_path: Path) -> None:
    server.pages[NAME] = Page(CONTENT, cuts=[100_000], ranges=False)
    fetch(server, tmp_path)
    assert (tmp_path / NAME).read_bytes() == CONTENT
    assert names(tmp_path) == [NAME]


def test_that_a_download_goes_on_in_the_next_session(server: FileServer, tmp_path: Path) -> None:
    server.pages[NAME].cuts = [20_000] * downloads.ATTEMPTS
    assert "broke off" in refused(server, tmp_path).message
    assert names(tmp_path) == [f"{NAME}.part"]
    came = (tmp_path / f"{NAME}.part").stat().st_size
    assert 10_000 * downloads.ATTEMPTS < came <= 20_000 * downloads.ATTEMPTS
    server.asked.clear()
    fetch(server, tmp_path)
    assert server.asked == [(NAME, came)]
    assert (tmp_path / NAME).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "part", [CONTENT[:1000][::-1], CONTENT[::-1], CONTENT + b"more"], ids=["other", "whole", "long"]
)
def test_that_a_part_of_another_file_does_no_harm(server: FileServer, tmp_path: Path, part: bytes) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(part)
    fetch(server, tmp_path)
    assert (tmp_path / NAME).read_bytes() == CONTENT
    assert names(tmp_path) == [NAME]


def test_that_a_part_longer_than_the_server_s_file_is_thrown_away(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(CONTENT[:200_000])
    server.pages[NAME] = Page(CONTENT[:150_000])
    assert "checksum differs" in refused(server, tmp_path).message
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "content", [CONTENT[:-1] + b"?", CONTENT[:-1], b"<html>Log in to the hotel's network</html>", b""],
    ids=["one byte", "short", "page", "empty"],
)  # fmt: skip
def test_that_another_file_is_never_kept(server: FileServer, tmp_path: Path, content: bytes) -> None:
    server.pages[NAME] = Page(content)
    error = refused(server, tmp_path)
    assert error.message == (
        f"Some data could not be downloaded: what came as {NAME} is not the published file, its checksum differs."
    )
    assert names(tmp_path) == []


def test_that_an_endless_answer_ends(server: FileServer, tmp_path: Path) -> None:
    server.pages[NAME] = Page(CONTENT * 3)
    assert "sends more than the published file" in refused(server, tmp_path).message
    assert names(tmp_path) == []


def test_that_a_missing_file_is_one_sentence_with_the_way_out(server: FileServer, tmp_path: Path) -> None:
    del server.pages[NAME]
    error = refused(server, tmp_path)
    assert error.message == "Some data could not be downloaded: 127.0.0.1 answered 404 Not Found."
    assert error.hint == (
        f"Try it later, or download with a browser {NAME} from {server.url} and save it in {tmp_path}."
    )
    assert server.asked == [(NAME, 0)]
    assert names(tmp_path) == []


def test_that_a_busy_server_is_asked_again(server: FileServer, tmp_path: Path) -> None:
    server.pages[NAME].status = 503
    assert "503" in refused(server, tmp_path).message
    assert len(server.asked) == downloads.ATTEMPTS


def test_that_the_next_address_is_tried(server: FileServer, tmp_path: Path) -> None:
    server.pages["wrong"] = Page(b"something else")
    file = remote(f"{server.url}/nowhere", f"{server.url}/wrong", f"{server.url}/{NAME}")
    downloads.fetch("Some data", [file], tmp_path, unwatched)
    assert (tmp_path / NAME).read_bytes() == CONTENT


def test_that_the_failure_of_each_address_is_told(server: FileServer, tmp_path: Path) -> None:
    server.pages[NAME] = Page(bytes(len(CONTENT)))
    file = remote(f"{server.url}/{NAME}", f"{server.url}/nowhere")
    with pytest.raises(ExplorerError) as caught:
        downloads.fetch("Some data", [file], tmp_path, unwatched)
    assert caught.value.message == (
        f"Some data could not be downloaded: what came as {NAME} is not the published file, its checksum differs; "
        "127.0.0.1 answered 404 Not Found."
    )
    assert names(tmp_path) == []


def test_that_without_a_network_every_missing_file_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    (tmp_path / "here").write_bytes(CONTENT)
    files = [remote(f"{url}/{name}", name=name) for name in ("here", "first", "second")]
    with pytest.raises(ExplorerError) as caught:
        downloads.fetch("Some data", files, tmp_path, unwatched, "A package brings them, too.")
    assert caught.value.message == "Some data could not be downloaded: 127.0.0.1 could not be reached."
    assert caught.value.hint == (
        f"Try it later, or download with a browser first, second from {url} and save them in {tmp_path}. "
        "A package brings them, too."
    )


def test_that_a_file_put_there_by_hand_is_taken(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(CONTENT)
    fetch(server, tmp_path)
    assert server.asked == []


def test_that_the_same_content_packed_in_another_way_is_taken(server: FileServer, tmp_path: Path) -> None:
    also = ((len(CONTENT), hashlib.sha256(CONTENT).hexdigest()),)
    file = RemoteFile(NAME, (f"{server.url}/{NAME}",), len(CONTENT) + 9, "0" * 64, also)
    for _ in range(2):
        downloads.fetch("Some data", [file], tmp_path, unwatched)
    assert server.asked == [(NAME, 0)]
    assert names(tmp_path) == [NAME]


def test_that_another_file_put_there_by_hand_is_replaced_or_said(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(CONTENT[::-1])
    server.pages[NAME].status = 404
    assert "(what lies there is another file)" in refused(server, tmp_path).hint
    assert (tmp_path / NAME).read_bytes() == CONTENT[::-1]
    server.pages[NAME].status = 200
    fetch(server, tmp_path)
    assert (tmp_path / NAME).read_bytes() == CONTENT


def test_that_a_server_that_says_gzip_sends_the_file_as_it_is(server: FileServer, tmp_path: Path) -> None:
    server.pages[NAME].headers["Content-Encoding"] = "x-gzip"
    fetch(server, tmp_path)
    assert (tmp_path / NAME).read_bytes() == CONTENT


@pytest.mark.parametrize("page", [Page(CONTENT, silent=True), Page(CONTENT, stops_at=0)], ids=["answer", "body"])
def test_that_a_silent_server_ends_in_a_sentence(
    server: FileServer, tmp_path: Path, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "READ_SECONDS", 0.3)
    server.pages[NAME] = page
    assert refused(server, tmp_path).message.endswith("127.0.0.1 did not answer in time.")


def test_that_a_server_that_falls_silent_is_asked_for_the_rest(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "READ_SECONDS", 0.3)
    server.pages[NAME].stops_at = 200_000
    fetch(server, tmp_path)
    assert (tmp_path / NAME).read_bytes() == CONTENT
    assert [start > 0 for _, start in server.asked] == [False, True]


@pytest.mark.parametrize("page", [Page(CONTENT, silent=True), Page(CONTENT, stops_at=100_000)], ids=["answer", "body"])
@pytest.mark.parametrize("error", [CancelledError("Ended."), KeyboardInterrupt()], ids=["watch", "Ctrl+C"])
def test_that_it_can_be_ended_while_the_server_is_silent_and_leaves_nothing(
    server: FileServer, tmp_path: Path, page: Page, error: BaseException
) -> None:
    server.pages[NAME] = page

    def watch(what: str, done: int, total: int) -> None:
        if server.stalled.is_set():
            raise error

    with pytest.raises(type(error)):
        fetch(server, tmp_path, watch=watch)
    assert names(tmp_path) == []
    server.ended.set()
    for thread in threading.enumerate():
        if thread.name == "download":
            thread.join()
    assert names(tmp_path) == []


def test_that_it_can_be_ended_while_the_file_is_checked(server: FileServer, tmp_path: Path) -> None:
    def watch(what: str, done: int, total: int) -> None:
        if what.startswith("Checking"):
            raise CancelledError("Ended.")

    with pytest.raises(CancelledError):
        fetch(server, tmp_path, watch=watch)
    assert names(tmp_path) == []


def test_that_a_full_disk_is_said_and_gets_its_room_back(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.FileIO):
        def write(self, data: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", lambda self, mode="r", **_: Full(self, mode.replace("b", "")))
    error = refused(server, tmp_path)
    assert "the disk is full" in error.message
    assert names(tmp_path) == []


def test_that_a_folder_that_cannot_be_made_is_said(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert "could not be written" in refused(server, tmp_path / "file" / "folder").message


@pytest.mark.skipif(os.geteuid() == 0, reason="The superuser may read everything.")
def test_that_a_file_that_may_not_be_read_is_replaced(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(CONTENT)
    (tmp_path / NAME).chmod(0)
    fetch(server, tmp_path)
    assert (tmp_path / NAME).read_bytes() == CONTENT
