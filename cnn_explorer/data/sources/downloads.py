"""Getting published files from their servers: with progress, to be ended at once, resumed, and checked.

A file takes its name only when its checksum is right. What comes is kept beside it as ``NAME.part``: a transfer that
breaks off goes on from there, at the next attempt or in the next session. Who calls this is alone with the folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import requests
import urllib3

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import Watch
from cnn_explorer.data.sources.remote_file import RemoteFile
from cnn_explorer.store.atomic import write_failure

CONNECT_SECONDS, READ_SECONDS = 10.0, 20.0
"""How long a server may take to be reached, and to send something."""
ATTEMPTS = 5
"""How often a transfer that breaks off is taken up again."""
PAUSE_SECONDS = 1.0
"""Between two attempts."""

_BUSY = (429, 502, 503)
_NO_SUCH_RANGE = 416
_TICK = 0.1  # seconds between two questions whether it shall end
_CHUNK = 1 << 13  # what is lost of the end when a transfer breaks off
_PIECE = 1 << 22


def fetch(title: str, files: Sequence[RemoteFile], folder: Path, watch: Watch, advice: str = "") -> None:
    """See to it that all ``files`` lie in ``folder``, each with its checksum; what is missing is downloaded.

    A file that somebody has put there counts like one from the server. ``title`` is the data set's, ``advice`` a
    further way to it, a sentence for the hint. Raises ``ExplorerError`` that says which files to put where if a
    server cannot be reached or sends something else; ``CancelledError`` if the watch ends it: nothing unfinished is
    left then. After a broken transfer the part that came is kept.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_failure(folder, error) from error
    missing = [file for file in files if not _is_good(folder / file.name, file, watch)]
    total, done = sum(file.size for file in missing), 0
    for number, file in enumerate(missing):
        try:
            _download(file, folder / file.name, watch, done, total)
        except _FailedError as failure:
            hint = _by_hand(missing[number:], folder)
            raise ExplorerError(
                f"{title} could not be downloaded: {failure}.", " ".join(filter(None, (hint, advice)))
            ) from failure
        done += file.size


class _FailedError(Exception):
    """Why a file cannot be had, as a part of a sentence; ``again``: another attempt may help."""

    def __init__(self, reason: str, again: bool = False) -> None:
        super().__init__(reason)
        self.again = again


def _by_hand(missing: Sequence[RemoteFile], folder: Path) -> str:
    """Which files to put where; one that lies there, but is another one, is said to be so."""
    names: dict[str, list[str]] = {}
    for file in missing:
        is_other = (folder / file.name).exists()
        said = f"{file.name} (what lies there is another file)" if is_other else file.name
        names.setdefault(file.urls[0].rpartition("/")[0], []).append(said)
    wanted = "; ".join(f"{', '.join(files)} from {server}" for server, files in names.items())
    it = "it" if len(missing) == 1 else "them"
    return f"Try it later, or download with a browser {wanted} and save {it} in {folder}."


def _is_good(path: Path, file: RemoteFile, watch: Watch) -> bool:
    with contextlib.suppress(OSError):  # what cannot be read is replaced
        return file.is_in(path.parent) and file.is_told_by(_size(path), _checksum(path, watch))
    return False


def _checksum(path: Path, watch: Watch) -> str:
    digest, done, size = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            done += len(piece)
            watch(f"Checking {path.name}", done, size)
    return digest.hexdigest()


def _download(file: RemoteFile, path: Path, watch: Watch, before: int, total: int) -> None:
    """Bring ``file`` to ``path`` from one of its addresses. Raises ``_FailedError``."""
    part = path.with_name(f"{path.name}.part")
    reason, reasons = "", dict[str, None]()  # why each address failed in the end; the same is said once
    try:
        for url in file.urls:
            for attempt in range(ATTEMPTS):
                if attempt:
                    _pause(file, part, watch, before, total)
                resumes = _size(part) > 0
                try:
                    _transfer(url, file, part, watch, before, total)
                    _publish(file, part, path, watch, resumes)
                    return
                except _FailedError as error:
                    reason = str(error)
                    if not error.again:
                        break
            reasons[reason] = None
    except OSError as error:
        part.unlink(missing_ok=True)  # a full disk is to have room again
        raise write_failure(path, error) from error
    except BaseException:  # cancelled, or Ctrl+C
        part.unlink(missing_ok=True)
        raise
    raise _FailedError("; ".join(reasons))


def _publish(file: RemoteFile, part: Path, path: Path, watch: Watch, resumed: bool) -> None:
    """Give ``part`` its name, if it is the published file. If not, it goes, so that nobody takes it for good."""
    if not part.exists() or not file.is_told_by(_size(part), _checksum(part, watch)):
        part.unlink(missing_ok=True)
        # Two halves that were put together may be of two files: that is worth an attempt with a whole one.
        raise _FailedError(f"what came as {file.name} is not the published file, its checksum differs", again=resumed)
    part.replace(path)


def _pause(file: RemoteFile, part: Path, watch: Watch, before: int, total: int) -> None:
    end = time.monotonic() + PAUSE_SECONDS
    while (left := end - time.monotonic()) > 0:
        watch(f"Downloading {file.name} again", before + _size(part), total)
        time.sleep(min(left, _TICK))


def _transfer(url: str, file: RemoteFile, part: Path, watch: Watch, before: int, total: int) -> None:
    """Bring what is missing in ``part``. Raises ``_FailedError``, or ``OSError`` if it cannot be written."""
    if _size(part) > file.size:
        part.unlink()
    began = _size(part)
    if began == file.size:  # it ended between the last byte and the checksum
        return
    with part.open("ab") as target:
        transfer = _Transfer(url, target, began, file.size)
        try:
            watch(f"Downloading {file.name}", before + began, total)
            transfer.start()
            while transfer.is_alive():
                transfer.join(_TICK)
                watch(f"Downloading {file.name}", before + transfer.size, total)
        finally:
            transfer.leave()
    if not transfer.size:
        part.unlink()
    if transfer.disk_error is not None:
        raise transfer.disk_error
    if transfer.error is not None:
        if isinstance(transfer.error, _FailedError) or _status(transfer.error) == _NO_SUCH_RANGE:
            part.unlink(missing_ok=True)  # what came is of no use
        raise _failure(url, transfer.error, transfer.size > began) from transfer.error


class _Transfer(threading.Thread):
    """One request, on a thread of its own: whoever waits for a silent server can leave at any moment."""

    def __init__(self, url: str, target: IO[bytes], size: int, most: int) -> None:
        super().__init__(name="download", daemon=True)
        self.size, self.error, self.disk_error = size, None, None
        self._url, self._target, self._most = url, target, most
        self._response: requests.Response | None = None
        self._left = threading.Event()

    size: int
    error: BaseException | None
    disk_error: OSError | None

    def run(self) -> None:
        """Do the request; how it failed is in ``error`` or ``disk_error``."""
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={self.size}-"} if self.size else {})
        timeout = CONNECT_SECONDS, READ_SECONDS
        try:
            with requests.get(
                self._url, headers=headers, stream=True, timeout=timeout, hooks={"response": self._begin}
            ) as response:
                response.raise_for_status()
                for chunk in response.iter_content(_CHUNK):
                    self._write(chunk)
        except Exception as error:  # told by whoever waits for this thread
            self.error = error

    def leave(self) -> None:
        """End it, whatever it waits for. It may live on until a server's silence has lasted too long; it is harmless
        then, since it writes no more."""
        self._left.set()
        if self._response is not None:
            with contextlib.suppress(ValueError, RuntimeError, OSError):  # it is at its end already
                self._response.raw.shutdown()
            self.join(READ_SECONDS)

    def _write(self, chunk: bytes) -> None:
        """Take a piece of the file; what the disk says against it is kept apart from failures of the network."""
        if self._left.is_set():
            raise _FailedError("it was ended")
        if self.size + len(chunk) > self._most:
            raise _FailedError("the server sends more than the published file")
        try:
            self._target.write(chunk)
        except OSError as error:
            self.disk_error = error
            raise
        self.size += len(chunk)

    def _begin(self, response: requests.Response, *_arguments: Any, **_keywords: Any) -> None:
        """The answer begins: from where it was asked for, or from the file's first byte again."""
        if self._left.is_set():
            raise _FailedError("it was ended")
        if response.is_redirect:
            return
        self._response = response
        # The file is wanted as it lies on the server. Some call a .gz file the packed form of another one.
        response.raw.headers.pop("Content-Encoding", None)
        if self.size and response.status_code == requests.codes.ok:
            self._target.truncate(0)
            self.size = 0


def _failure(url: str, error: BaseException, is_moving: bool) -> _FailedError:
    """What went wrong, in words. ``is_moving``: something came before, so that another attempt may bring more."""
    host = urllib3.util.parse_url(url).host
    if isinstance(error, _FailedError):
        return error
    if isinstance(error, requests.HTTPError) and (answer := error.response) is not None:
        again = answer.status_code in (*_BUSY, _NO_SUCH_RANGE)
        return _FailedError(f"{host} answered {answer.status_code} {answer.reason}", again)
    # While a body comes, requests calls a silence a ConnectionError with the true one inside.
    if isinstance(error, requests.Timeout) or any(
        isinstance(arg, urllib3.exceptions.TimeoutError) for arg in error.args
    ):
        return _FailedError(f"{host} did not answer in time", again=is_moving)
    if isinstance(error, requests.exceptions.SSLError):
        return _FailedError(f"no secure connection to {host} could be made")
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return _FailedError(f"the connection to {host} broke off", again=True)
    if isinstance(error, requests.ConnectionError):
        return _FailedError(f"{host} could not be reached", again=is_moving)
    return _FailedError(f"{host}: {type(error).__name__}: {error}")


def _status(error: BaseException) -> int | None:
    response = error.response if isinstance(error, requests.HTTPError) else None
    return None if response is None else response.status_code


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
