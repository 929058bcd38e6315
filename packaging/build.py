"""Builds the executable: the folder ``dist/cnn-explorer`` and the archive of it. Called by ``make package``.

Runs in the environment made from ``packaging/requirements.lock``, which holds nothing else: what is installed there
may end up in the program.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import identity
import notices
import PyInstaller.__main__

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DIST, WORK = ROOT / "dist", ROOT / "build" / "package"


def main() -> None:
    """Build, complete and pack it; says how large it is."""
    PyInstaller.__main__.run(
        ["--noconfirm", "--log-level=WARN", f"--distpath={DIST}", f"--workpath={WORK}", str(HERE / "cnn-explorer.spec")]
    )
    folder = DIST / identity.NAME
    bundle = DIST / f"{identity.TITLE}.app"
    shutil.copy(ROOT / "LICENSE", folder)
    sources = (WORK / identity.NAME / "sources.txt").read_text("utf-8").splitlines()
    notices.write(folder / "licences", [Path(source) for source in sources], HERE / "licences")
    if sys.platform == "linux":
        add_desktop_files(folder)
    if bundle.exists():  # macOS: the same files in Apple's order
        shutil.copytree(folder / "licences", bundle / "Contents" / "Resources" / "licences")
    archive = pack(bundle if bundle.exists() else folder)
    print(f"{folder.relative_to(ROOT)}: {size_of(folder) / 1e6:,.0f} MB")
    print(f"{archive.relative_to(ROOT)}: {archive.stat().st_size / 1e6:,.0f} MB")


def add_desktop_files(folder: Path) -> None:
    """Put menu entry, icons, AppStream metadata and ``install.sh`` into ``folder``, laid out as below ``~/.local``."""
    share = folder / "share"
    icons = share / "icons" / "hicolor"
    for size in identity.ICON_SIZES:
        place(identity.icon(ROOT, size), icons / f"{size}x{size}" / "apps" / f"{identity.NAME}.png")
    place(ROOT / "resources" / "icons" / "app.svg", icons / "scalable" / "apps" / f"{identity.NAME}.svg")
    entry, metadata = f"{identity.NAME}.desktop", f"{identity.APP_ID}.metainfo.xml"
    place(HERE / "linux" / entry, share / "applications" / entry)
    place(HERE / "linux" / metadata, share / "metainfo" / metadata)
    place(HERE / "linux" / "install.sh", folder / "install.sh")


def place(source: Path, target: Path) -> None:
    """Copy a file and make the folders that it needs."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def pack(folder: Path) -> Path:
    """Write ``folder`` into an archive beside it: .tar.xz, on Windows .zip; returns its path."""
    system = {"linux": "linux", "darwin": "macos", "win32": "windows"}[sys.platform]
    stem = f"{identity.NAME}-{identity.version(ROOT)}-{system}-{platform.machine().lower()}"
    if sys.platform == "win32":
        return Path(shutil.make_archive(str(DIST / stem), "zip", DIST, folder.name))
    archive = DIST / f"{stem}.tar.xz"
    archive.unlink(missing_ok=True)
    if shutil.which("xz") is None:  # Python packs on one processor only
        with tarfile.open(archive, "w:xz") as tar:
            tar.add(folder, folder.name, filter=anonymous)
        return archive
    with archive.open("wb") as out:
        xz = subprocess.Popen(["xz", "-T0", "-0"], stdin=subprocess.PIPE, stdout=out)
        assert xz.stdin is not None
        with tarfile.open(fileobj=xz.stdin, mode="w|") as tar:
            tar.add(folder, folder.name, filter=anonymous)
        xz.stdin.close()
        if xz.wait():
            raise SystemExit("xz could not pack the archive.")
    return archive


def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the user and group of the machine on which it was built; readable by all."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mode |= 0o444 | (0o111 if member.isdir() or member.mode & 0o100 else 0)
    return member


def size_of(folder: Path) -> int:
    """Bytes of all files in ``folder``; links count nothing."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


if __name__ == "__main__":
    main()
