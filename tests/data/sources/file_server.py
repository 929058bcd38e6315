"""A server on loopback that publishes files, well or badly, for tests of downloads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Page:
    """A file on the server.

    ``cuts``: for each request in turn after how many bytes of the answer the connection breaks off; when the list is
    at its end the answers are whole. ``stops_at``: after so many bytes of the file nothing comes any more, until the
    server ends. ``ranges``: whether a part of the file can be asked for. ``silent``: there is no answer at all.
    """

    content: bytes
    status: int = 200
    cuts: list[int] = field(default_factory=list)
    stops_at: int | None = None
    ranges: bool = True
    silent: bool = False
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class FileServer:
    """What is published, by name, and what was asked for: (name, first byte). ``stalled`` is set when it is silent."""

    url: str
    pages: dict[str, Page]
    asked: list[tuple[str, int]] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def file_server(**pages: Page) -> Iterator[FileServer]:
    """A server for the block. It answers as a proxy, too: only the last part of a path counts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = urlsplit(self.path).path.rpartition("/")[2]
            page = served.pages.get(name)
            asked = self.headers.get("Range", "bytes=0-")
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            served.asked.append((name, start))
            if page is None:
                self.send_error(404)
                return
            if page.silent:
                served.stalled.set()
                served.ended.wait()
                return
            if page.status != 200:
                self.send_error(page.status)
                return
            if not page.ranges:
                start = 0
            if start and start >= len(page.content):
                self.send_error(416)
                return
            self._answer(page, start)

        def _answer(self, page: Page, start: int) -> None:
            body = page.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            for key, value in page.headers.items():
                self.send_header(key, value)
            self.end_headers()
            if page.cuts:
                self.wfile.write(body[: page.cuts.pop(0)])
                return  # the connection ends too early
            if page.stops_at is not None:
                self.wfile.write(body[: page.stops_at])
                served.stalled.set()
                served.ended.wait()
                return
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name that the library gives it
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that leaves is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    served = FileServer(f"http://127.0.0.1:{server.server_port}", pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
