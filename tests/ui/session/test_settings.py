"""What the window remembers: whole or not at all."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.ui.session.settings import Settings, load, save

CHANGED = Settings(
    theme="dark",
    text_scale=125,
    page="inspect",
    geometry=b"\x00\xff\x01",
    splitters={"s": b"\x80"},
    columns={"t": b"\x81"},
    windows={"microscope_window": b"\x07"},
    dataset=DatasetSpec(source="fashion-mnist"),
    own_sources=(DatasetSpec(source=str(Path("/fruits").absolute()), image_size=(100, 100), resize="crop"),),
    recent=("/models/digits.h5",),
    network=preset("mnist-mlp").architecture,
    config=TrainingConfig(epochs=7, train_limit=500),
)


def test_that_every_setting_comes_back(tmp_path: Path) -> None:
    for field in fields(Settings):
        assert getattr(CHANGED, field.name) != getattr(Settings(), field.name), "the test must change each of them"
    path = tmp_path / "new folder" / "settings.json"
    save(path, CHANGED)
    assert load(path) == CHANGED
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe\x00", b"[1, 2]", b'{"theme": "pink"}', b'{"text_scale": 100000}', b'{"geometry": "%%%"}',
     b"[" * 100_000],
    ids=["empty", "cut", "binary", "list", "unknown theme", "giant text", "no base64", "deep"],
)  # fmt: skip
def test_that_a_damaged_file_means_the_defaults(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    assert load(path) == Settings()


def test_that_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path / "none.json") == Settings()
    assert load(tmp_path) == Settings()


def test_that_settings_of_another_version_are_taken_as_far_as_they_are_known(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"theme": "light", "wallpaper": "dunes"}', "utf-8")
    assert load(path) == Settings(theme="light")


def test_that_a_path_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(ExplorerError, match="could not be written"):
        save(tmp_path / "file" / "settings.json", CHANGED)


def test_that_the_old_settings_stay_if_the_new_ones_do_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.json"
    save(path, CHANGED)

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ExplorerError, match="disk is full"):
        save(path, Settings())
    assert load(path) == CHANGED
    assert [file.name for file in tmp_path.iterdir()] == ["settings.json"]
