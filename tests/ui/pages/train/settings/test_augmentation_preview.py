"""The preview of augmentation: right images, no stale ones, and words where there is nothing to show."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.ui.pages.train.settings.augmentation_preview import AugmentationPreview, sample_indices
from cnn_explorer.ui.session.session import Session
from tests.ui.fakes import FakeEngine

SHIFTED = TrainingConfig(augment_shift=0.1)


class Recorder:
    """Stands for ``services.augmented``: notes its calls, makes every pixel 10 times the draw; can wait or fail."""

    def __init__(self) -> None:
        self.calls: list[tuple[TrainingConfig, NDArray[np.uint8], int]] = []
        self.gate: threading.Event | None = None
        self.failure: ExplorerError | None = None

    def __call__(self, config: TrainingConfig, images: NDArray[np.uint8], draw: int) -> NDArray[np.uint8]:
        self.calls.append((config, images, draw))
        if self.gate is not None:
            self.gate.wait(10)
        if self.failure is not None:
            raise self.failure
        return np.full_like(images, 10 + 10 * draw)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def started(qtbot: QtBot, engine: FakeEngine, recorder: Recorder) -> Iterator[Session]:
    session = Session(replace(engine.services(), augmented=recorder), preset("mnist-simple").architecture)
    with qtbot.waitSignals([session.dataset_changed, session.device_changed]):
        session.start(DatasetSpec())
    yield session
    if recorder.gate is not None:
        recorder.gate.set()
    session.shut_down()


@pytest.fixture
def preview(qtbot: QtBot, started: Session) -> AugmentationPreview:
    preview = AugmentationPreview(started)
    qtbot.addWidget(preview)
    preview.resize(284, 400)
    with qtbot.waitExposed(preview):
        preview.show()
    return preview


def wait_for_pictures(qtbot: QtBot, preview: AugmentationPreview) -> None:
    qtbot.waitUntil(lambda: not preview.samples.is_empty and preview.samples.isVisible())


def test_that_unchanged_images_are_told_in_words(preview: AugmentationPreview, recorder: Recorder) -> None:
    preview.show_config(TrainingConfig())
    assert preview.note.isVisible()
    assert preview.note.text().startswith("Training images stay as they are.")
    assert not preview.samples.isVisible()
    assert not preview.again.isVisible()
    assert recorder.calls == []


def test_that_four_classes_are_shown_with_their_originals_first(
    qtbot: QtBot, preview: AugmentationPreview, recorder: Recorder, engine: FakeEngine
) -> None:
    preview.show_config(SHIFTED)
    wait_for_pictures(qtbot, preview)
    ((config, images, draw),) = recorder.calls
    assert (config, draw) == (SHIFTED, 0)
    indices = sample_indices(engine.dataset.train_labels)
    originals = engine.dataset.train_images[indices]
    assert len({int(label) for label in engine.dataset.train_labels[indices]}) == 4
    assert np.array_equal(images, np.repeat(originals, 7, axis=0))
    for row, original in zip(preview.samples.rows, originals, strict=True):
        assert [picture.pixelColor(0, 0).red() for picture in row] == [original[0, 0, 0]] + [10] * 7
    assert not preview.note.isVisible()


def test_that_again_draws_anew(qtbot: QtBot, preview: AugmentationPreview, recorder: Recorder) -> None:
    preview.show_config(SHIFTED)
    wait_for_pictures(qtbot, preview)
    qtbot.mouseClick(preview.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: preview.samples.rows[0][1].pixelColor(0, 0) == QColor(20, 20, 20))
    assert [draw for _, _, draw in recorder.calls] == [0, 1]


def test_that_other_settings_make_no_work(qtbot: QtBot, preview: AugmentationPreview, recorder: Recorder) -> None:
    preview.show_config(SHIFTED)
    wait_for_pictures(qtbot, preview)
    preview.show_config(TrainingConfig(augment_shift=0.1, epochs=9))
    preview.show_config(TrainingConfig(augment_shift=0.1, augment_noise=0.5))
    qtbot.waitUntil(lambda: len(recorder.calls) == 2)
    assert recorder.calls[1][0].augment_noise == 0.5


def test_that_a_late_reply_is_dropped(qtbot: QtBot, preview: AugmentationPreview, recorder: Recorder) -> None:
    recorder.gate = threading.Event()
    preview.show_config(SHIFTED)
    qtbot.waitUntil(lambda: len(recorder.calls) == 1)
    assert preview.note.text() == "The pictures are being made."
    shown: list[Any] = []
    show_images = preview.samples.show_images
    preview.samples.show_images = lambda *args: (shown.append(args), show_images(*args))  # type: ignore[method-assign, assignment, func-returns-value]
    preview.show_config(TrainingConfig(augment_zoom=0.5))
    preview._ask()
    recorder.gate.set()
    wait_for_pictures(qtbot, preview)
    assert len(shown) == 1
    assert [config.augment_zoom for config, _, _ in recorder.calls] == [0.0, 0.5]


def test_that_nothing_is_made_while_it_cannot_be_seen(
    qtbot: QtBot, preview: AugmentationPreview, recorder: Recorder
) -> None:
    preview.hide()
    preview.show_config(SHIFTED)
    assert not preview._timer.isActive()
    preview.show()
    wait_for_pictures(qtbot, preview)
    assert len(recorder.calls) == 1


def test_that_a_failure_is_said_in_place_and_gone_with_other_settings(
    qtbot: QtBot, preview: AugmentationPreview, recorder: Recorder
) -> None:
    recorder.failure = ExplorerError("The images cannot be turned.")
    preview.show_config(SHIFTED)
    qtbot.waitUntil(lambda: preview.note.text() == "The images cannot be turned.")
    assert not preview.samples.isVisible()
    recorder.failure = None
    preview.show_config(TrainingConfig(augment_noise=0.2))
    wait_for_pictures(qtbot, preview)
    assert not preview.note.isVisible()


def test_that_it_waits_for_the_engine(qtbot: QtBot, engine: FakeEngine, recorder: Recorder) -> None:
    session = Session(replace(engine.services(), augmented=recorder), preset("mnist-simple").architecture)
    preview = AugmentationPreview(session)
    qtbot.addWidget(preview)
    preview.show_config(SHIFTED)
    preview.show()
    assert preview.note.text() == "The data set is still loading."
    session.dataset = engine.dataset
    session.dataset_changed.emit()
    assert preview.note.text().startswith("The engine is still loading")
    session.start(DatasetSpec())
    wait_for_pictures(qtbot, preview)
    session.shut_down()


def test_that_pictures_use_the_room_and_stay_whole_multiples(qtbot: QtBot, preview: AugmentationPreview) -> None:
    preview.show_config(SHIFTED)
    wait_for_pictures(qtbot, preview)
    samples = preview.samples
    qtbot.waitUntil(lambda: samples.height() >= samples.heightForWidth(samples.width()))
    assert samples.columns == 6
    assert samples.cell(3, 5).right() < samples.width()
    assert samples.cell(3, 5).bottom() < samples.height()
    preview.resize(900, 500)
    assert samples.columns == 8
    assert samples.cell(0, 0).width() == 84  # three times 28


@pytest.mark.parametrize(
    ("labels", "expected"), [([5, 5, 0, 4, 1, 9], [0, 2, 3, 4]), ([1, 1, 1, 0, 0], [0, 3, 1, 2]), ([7], [0])]
)
def test_that_samples_are_of_different_classes(labels: list[int], expected: list[int]) -> None:
    assert sample_indices(np.array(labels)) == expected
