"""Collects the licences of everything that went into the executable."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path

_LICENCE_NAME = re.compile(r"(?i)(licen[cs]e|copying|notice|authors|copyright|third.party)")
_TEXT = (".txt", ".md", ".rst", "")
# Those whose packages name a licence and bring no text of it: theirs are in packaging/licences.
_WITHOUT_TEXT = {
    "tensorflow-cpu": ("Apache-2.0.txt",),
    "tensorflow": ("Apache-2.0.txt",),
    "flatbuffers": ("Apache-2.0.txt",),
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
}
_HEAD = """Software of others in CNN Explorer
==================================

Each folder beside this file holds the licences of one package that is part of this program, as it came with them.
CNN Explorer itself is under the MIT licence, in the file LICENSE one folder up.

Qt and Qt for Python (PySide6, Shiboken) are used under the LGPL, version 3. They are files of their own in
_internal/PySide6 and _internal/shiboken6, unchanged, so that they can be replaced by others that you have built.
Their source is at the download site of the Qt project, under the version that stands below. PyInstaller's starter is
under the GPL with an exception that lets it start programs under any licence.

"""


class MissingLicenceError(Exception):
    """A package is part of the program, and no text of its licence was found."""


def write(folder: Path, sources: Iterable[Path], texts: Path) -> None:
    """Make ``folder`` with the licences of all distributions and system packages that ``sources`` are from.

    ``texts`` holds those that their packages lack. Raises ``MissingLicenceError``.
    """
    folder.mkdir(parents=True)
    files = {path.resolve() for path in sources}
    lines = []
    for distribution in sorted(_used(files), key=_name):
        _write_one(distribution, folder / _name(distribution), texts)
        lines.append(f"{_name(distribution)} {distribution.version}: {_licence(distribution)}")
    _copy(_python_licence(), folder / "python")
    lines.append(f"python {sys.version.split()[0]}: PSF-2.0")
    for package, notice in sorted(_system_notices(files).items()):
        _copy(notice, folder / "system" / package)
        lines.append(f"system/{package}")
    (folder / "README.txt").write_text(_HEAD + "\n".join(lines) + "\n", "utf-8")


def _name(distribution: Distribution) -> str:
    return re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()


def _licence(distribution: Distribution) -> str:
    data = distribution.metadata
    kinds = [line.rpartition(" :: ")[2] for line in data.get_all("Classifier", []) if line.startswith("License ::")]
    named = data["License-Expression"] or ", ".join(kinds) or (data["License"] or "see its folder").splitlines()[0]
    return str(named)


def _used(files: set[Path]) -> list[Distribution]:
    """The installed distributions that at least one of ``files`` belongs to."""
    found = []
    for distribution in distributions():
        own = distribution.files or ()
        if any(Path(str(distribution.locate_file(file))).resolve() in files for file in own):
            found.append(distribution)
    return found


def _write_one(distribution: Distribution, folder: Path, texts: Path) -> None:
    wanted = [texts / name for name in _WITHOUT_TEXT.get(_name(distribution), ())]
    brought = [file for file in distribution.files or () if _LICENCE_NAME.search(file.name)]
    wanted += [Path(str(distribution.locate_file(file))) for file in brought if file.suffix.lower() in _TEXT]
    for path in wanted:
        _copy(path, folder)
    if not wanted:
        raise MissingLicenceError(f"{_name(distribution)} brings no text of its licence: name one in notices.py.")


def _copy(path: Path, folder: Path) -> None:
    """Copy a text into ``folder``; a second one of its name gets that of its own folder in front."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / path.name
    if target.exists():
        if target.read_bytes() == path.read_bytes():
            return
        target = folder / f"{path.parent.name}-{path.name}"
    shutil.copyfile(path, target)


def _python_licence() -> Path:
    candidates = [Path(sys.base_prefix) / "LICENSE.txt"]
    candidates += sorted(Path(sys.base_prefix).glob("lib/python3.*/LICENSE.txt"))
    candidates += sorted(Path("/usr/share/doc").glob("python3*/copyright"))
    return next(path for path in candidates if path.exists())


def _system_notices(files: set[Path]) -> dict[str, Path]:
    """Of libraries that came from Debian's packages: package -> its file of copyrights."""
    if shutil.which("dpkg-query") is None:
        return {}
    libraries = [str(path) for path in files if path.is_relative_to("/usr/lib") or path.is_relative_to("/lib")]
    # Debian's own list may have a path from before /lib became /usr/lib.
    libraries += [path.removeprefix("/usr") for path in libraries]
    found = subprocess.run(["dpkg-query", "-S", *libraries], capture_output=True, text=True, check=False)
    packages = {line.partition(":")[0] for line in found.stdout.splitlines()}
    notices = {package: Path("/usr/share/doc") / package / "copyright" for package in packages}
    return {package: notice for package, notice in notices.items() if notice.exists()}
