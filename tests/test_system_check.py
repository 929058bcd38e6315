"""Whether Qt can start is known before Qt is asked."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cnn_explorer import system_check
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.system_check import QT_LIBRARIES, WAYLAND_LIBRARIES, X11_LIBRARIES, require_libraries, require_window

TABLES = (QT_LIBRARIES, X11_LIBRARIES, WAYLAND_LIBRARIES)


@pytest.fixture
def asked() -> set[str]:
    """The libraries that were looked for."""
    return set()


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch, asked: set[str]) -> set[str]:
    """A Linux with a living X server that lacks the libraries in this set, and no other."""
    absent: set[str] = set()

    def loads(library: str) -> bool:
        asked.add(library)
        return library not in absent

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system_check, "_loads", loads)
    monkeypatch.setattr(system_check, "_answers", lambda: True)
    return absent


def test_that_without_a_display_the_demo_is_named(lacking: set[str]) -> None:
    with pytest.raises(ExplorerError, match="no display") as caught:
        require_window({})
    assert "cnn-explorer demo" in caught.value.hint


@pytest.mark.parametrize(
    ("environment", "more"),
    [
        ({"DISPLAY": ":0"}, X11_LIBRARIES),
        ({"WAYLAND_DISPLAY": "w"}, WAYLAND_LIBRARIES),
        ({"QT_QPA_PLATFORM": "offscreen"}, {}),
        ({"QT_QPA_PLATFORM": "vnc:size=9"}, {}),
    ],
)
def test_that_a_display_or_another_platform_is_enough_with_its_libraries(
    lacking: set[str], asked: set[str], environment: dict[str, str], more: dict[str, str]
) -> None:
    require_window(environment)
    assert asked == {*QT_LIBRARIES, *more}


def test_that_a_missing_library_is_named_with_the_command_that_installs_it(lacking: set[str]) -> None:
    lacking |= {"libEGL.so.1", "libdbus-1.so.3"}
    for check in (require_libraries, lambda: require_window({"DISPLAY": ":0"})):
        with pytest.raises(ExplorerError) as caught:
            check()
        assert "libEGL.so.1, libdbus-1.so.3" in caught.value.message
        assert "sudo apt-get install libegl1 libdbus-1-3" in caught.value.hint
        assert "\n" not in str(caught.value)


def test_that_libraries_of_x11_are_asked_for_only_where_x11_is_used(lacking: set[str]) -> None:
    lacking.add("libxcb-cursor.so.0")
    require_libraries()
    require_window({"WAYLAND_DISPLAY": "w"})
    require_window({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"})
    require_window({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"})
    for environment in ({"DISPLAY": ":0"}, {"DISPLAY": ":0", "WAYLAND_DISPLAY": "w", "QT_QPA_PLATFORM": "xcb"}):
        with pytest.raises(ExplorerError, match="libxcb-cursor"):
            require_window(environment)


def test_that_x11_does_where_the_libraries_of_wayland_are_missing(lacking: set[str]) -> None:
    lacking |= set(WAYLAND_LIBRARIES)
    require_window({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"})
    with pytest.raises(ExplorerError, match="libwayland-client"):
        require_window({"WAYLAND_DISPLAY": "w"})


def test_that_a_dead_display_is_told_from_none(lacking: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_check, "_answers", lambda: False)
    with pytest.raises(ExplorerError, match="display :0 does not answer"):
        require_window({"DISPLAY": ":0"})


def test_that_other_systems_are_left_alone(lacking: set[str], asked: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    lacking |= set(QT_LIBRARIES)
    require_libraries()
    require_window({})
    assert asked == set()


def test_that_each_library_has_its_package() -> None:
    for table in TABLES:
        for library, package in table.items():
            assert library.startswith("lib")
            assert ".so." in library
            assert package.startswith("lib")


def test_that_the_check_needs_nothing_but_the_standard_library() -> None:
    probe = (
        "import sys; from cnn_explorer import system_check; "
        "print(*{name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names))"
    )
    run = subprocess.run([sys.executable, "-S", "-c", probe], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) <= {"cnn_explorer", "__main__"}
