"""The unpacked program and the home of its user, and the checkout beside it, for the tests of the executable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import identity

ROOT = Path(__file__).resolve().parents[1]
_NOBODY = 65534


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        """The one sentence of a command that was refused."""
        assert self.code == 2, self
        (line,) = self.err.splitlines()
        assert line.startswith("cnn-explorer: ")
        return line


@dataclass(frozen=True)
class Packaged:
    """The unpacked program, and a user's home beside it. Where tests run as root the user is another one (nobody),
    since root may write anywhere."""

    folder: Path
    home: Path

    @property
    def executable(self) -> Path:
        """The program."""
        return self.folder / identity.NAME

    def start(self, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        """Start it in the home, with nothing in the environment but HOME, an empty PATH and ``environment``."""
        other = {"user": _NOBODY, "group": _NOBODY, "extra_groups": ()} if os.geteuid() == 0 else {}
        return subprocess.Popen(
            [str(self.executable), *map(str, arguments)],
            cwd=self.home, env={"HOME": str(self.home), "PATH": ""} | environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", **other,
        )  # fmt: skip

    def run(self, *arguments: object, **environment: str) -> Answer:
        """Run a command to its end."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate()
        return Answer(process.returncode, out, err)

    def give(self, path: Path) -> Path:
        """Make what the tests wrote in the home the user's own."""
        if os.geteuid() == 0:
            for each in (path, *path.rglob("*")):
                os.chown(each, _NOBODY, _NOBODY)
        return path

    def processes(self) -> list[str]:
        """The processes that run the program just now."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/exe"):
            try:
                target = entry.readlink()
            except OSError:  # it ended meanwhile
                continue
            if target.is_relative_to(self.folder):
                found.append(entry.parent.name)
        return found


def checkout(*arguments: object, home: Path) -> Answer:
    """Run a command of the checkout, in the environment of these tests."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-m", "cnn_explorer", *map(str, arguments)],
        cwd=ROOT, env=kept | {"CNN_EXPLORER_HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Answer(done.returncode, done.stdout, done.stderr)


def history(run: Path) -> list[dict[str, Any]]:
    """The epochs of a run, from the file that it keeps."""
    head, *lines = (run / "history.csv").read_text("utf-8").splitlines()
    return [dict(zip(head.split(","), map(json.loads, line.split(",")), strict=True)) for line in lines]
