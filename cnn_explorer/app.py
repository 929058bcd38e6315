"""The composition root: the application, the services behind the window, and the table of its pages."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QProcess, QSocketNotifier
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from cnn_explorer import __version__
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.top_images import ClassAverage
from cnn_explorer.core.model.info import DeviceReport, Predictions
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.progress import Watch
from cnn_explorer.core.run.config import RuntimeOptions, TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import RunEvent
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.store.paths import new_run_folder, program, require_places, resource, runs_dir, settings_file
from cnn_explorer.ui.session import settings
from cnn_explorer.ui.session.jobs import Failure
from cnn_explorer.ui.session.services import (
    ContinueRequest,
    OpenModel,
    RunRequest,
    Services,
    TopImagesPass,
    TrainRequest,
)
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.ui.shell.page import Page
from cnn_explorer.ui.shell.page_table import PageEntry
from cnn_explorer.ui.theme import theme

FIRST_NETWORK = "mnist-simple"
ENGINE_NICE = 10
"""The niceness of the engine's threads, on Linux."""


def _data(session: Session) -> Page:
    # Imports stand inside these functions, since the rail is shown before the pages are needed.
    from cnn_explorer.ui.pages.data.page import DataPage

    return DataPage(session)


def _build(session: Session) -> Page:
    from cnn_explorer.ui.pages.build.page import BuildPage

    return BuildPage(session)


def _train(session: Session) -> Page:
    from cnn_explorer.ui.pages.train.page import TrainPage  # with pyqtgraph: too slow before the first painting

    return TrainPage(session)


def _inspect(session: Session) -> Page:
    from cnn_explorer.ui.pages.inspect.page import InspectPage

    return InspectPage(session)


def _runs(session: Session) -> Page:
    from cnn_explorer.ui.pages.runs.page import RunsPage

    return RunsPage(session)


PAGES: tuple[PageEntry, ...] = (
    PageEntry("data", "Data", "images", "See the images, and choose which ones to train on.", _data),
    PageEntry("build", "Build", "layers", "Put the network together, layer by layer.", _build, at_once=True),
    PageEntry("train", "Train", "activity", "Train the network and watch it learn.", _train),
    PageEntry("inspect", "Inspect", "scan-eye", "Look at the maps of any layer for any image.", _inspect),
    PageEntry("runs", "Runs", "history", "Compare all runs that lie on the disk.", _runs),
)
"""The pages in the order of the rail."""


def run_window(model_or_run: Path | None = None, painted: Callable[[], None] | None = None) -> int:
    """Show the window until it is closed; the exit code of the program.

    ``model_or_run`` is opened at once; ``painted`` is called when the window can be seen, for a stop-watch.
    Raises ``ExplorerError`` if there is no such file, or no place to keep anything. ``system_check.require_window``
    must have passed.
    """
    require_places()
    if model_or_run is not None:
        # Here, as the window itself imports it: it knows the readers of all data sets.
        from cnn_explorer.ui.session.file_kinds import openable

        openable(model_or_run)
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("cnn-explorer")
    application.setApplicationDisplayName("CNN Explorer")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("cnn-explorer")
    application.setWindowIcon(_icon())
    remembered = settings.load(settings_file())
    theme().set_text_scale(remembered.text_scale)
    theme().set_mode(remembered.theme)

    session = Session(services(), remembered.network or preset(FIRST_NETWORK).architecture)
    session.config = remembered.config or session.config
    session.set_own_sources(remembered.own_sources)
    session.recent.set_paths(map(Path, remembered.recent))
    window = MainWindow(session, PAGES, remembered, _keep)

    def start() -> None:
        session.start(remembered.dataset)
        if model_or_run is not None:
            window.open_path(model_or_run)

    window.ready.connect(start)
    if painted is not None:
        window.painted.connect(painted)
    application.aboutToQuit.connect(session.shut_down)
    sys.excepthook = reporting(session)
    signals = SystemSignals(window.close_now)
    window.show()
    code = application.exec()
    signals.forget()
    return signals.received + 128 if signals.received else code


def _icon() -> QIcon:
    """The icon of the program in all sizes; small ones have drawings of their own."""
    icon = QIcon()
    for picture in resource("icons", "app").glob("*.png"):
        icon.addFile(str(picture))
    return icon


def services() -> Services:
    """The real thing behind the window. Nothing of it imports TensorFlow before a worker thread calls it."""
    return Services(
        load_dataset=_load_dataset,
        start_engine=lambda options: _engine().start(options),
        train=_train_run,
        open_model=lambda path, trusted=False: _engine().open_model(path, trusted=trusted),
        open_with_weights=lambda architecture, weights: _engine().open_with_weights(architecture, weights),
        augmented=lambda config, images, draw: _engine().augmented(config, images, draw),
        predicted=lambda model, dataset, split, watch: _engine().predict(model, dataset, split, watch),
        find_top_images=lambda *what: _engine().find_top_images(*what),
        class_average=lambda *what: _engine().class_average(*what),
        export_tensorboard=lambda run, folder: _engine().export_tensorboard(run, folder),
        give_memory_back=lambda: _engine().give_memory_back(),
        new_run_folder=new_run_folder,
        runs_folder=runs_dir,
        restart=restart,
    )


def _load_dataset(spec: DatasetSpec, watch: Watch) -> Dataset:
    # Here, on a worker thread: the readers bring h5py and Pillow with them.
    from cnn_explorer.data.loading import load_dataset

    return load_dataset(spec, watch)


@dataclass(frozen=True)
class _Engine:
    start: Callable[[RuntimeOptions], DeviceReport]
    train: Callable[..., None]
    resume: Callable[..., None]
    open_model: Callable[..., OpenModel]
    open_with_weights: Callable[[Architecture, Path], OpenModel]
    augmented: Callable[[TrainingConfig, NDArray[np.uint8], int], NDArray[np.uint8]]
    predict: Callable[..., Predictions]
    find_top_images: Callable[..., TopImagesPass]
    class_average: Callable[..., ClassAverage]
    export_tensorboard: Callable[[Path, Path], None]
    give_memory_back: Callable[[], None]


@cache
def _engine() -> _Engine:
    """The engine's functions. The first call takes seconds and has to come from a worker thread."""
    _step_back()
    # The one import of TensorFlow: the window must stand and answer before it begins.
    from cnn_explorer.engine.device import runtime
    from cnn_explorer.engine.evaluating import augmentation
    from cnn_explorer.engine.exporting import tensorboard
    from cnn_explorer.engine.inspecting import class_average, predictions, top_images
    from cnn_explorer.engine.inspecting import inspector as activations
    from cnn_explorer.engine.training import cleanup, trainer

    return _Engine(
        runtime.start,
        trainer.train,
        trainer.resume,
        activations.open_model,
        activations.open_with_weights,
        augmentation.augmented,
        predictions.predict,
        top_images.find_top_images,
        class_average.class_average,
        tensorboard.export_tensorboard,
        cleanup.give_memory_back,
    )


def _step_back() -> None:
    """Let the window go first wherever it and TensorFlow want the same processor or the interpreter's lock.

    On Linux a thread has a niceness of its own, which TensorFlow's pools inherit from the thread that starts them:
    training keeps all the time that the window does not need.
    """
    sys.setswitchinterval(0.001)
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), ENGINE_NICE)


def _train_run(request: RunRequest, dataset: Dataset, emit: Callable[[RunEvent], None], control: RunControl) -> None:
    engine = _engine()
    _step_back()
    match request:
        case TrainRequest():
            engine.train(
                request.architecture, request.config, dataset, request.folder, emit, control,
                initial_weights=request.initial_weights, sweep=request.sweep,
            )  # fmt: skip
        case ContinueRequest():
            engine.resume(request.folder, dataset, emit, control, request.epochs)


def restart() -> None:
    """Start the program anew with the arguments of this process, and independent of it.

    Settings are kept and the session has ended by now: the main window calls it after it has closed.
    """
    command, *arguments = (*program(), *sys.argv[1:])
    started, _pid = QProcess.startDetached(command, arguments)
    if not started:
        print("cnn-explorer: The program could not be started anew. Start it by hand.", file=sys.stderr)


def _keep(remembered: settings.Settings) -> None:
    """Save the settings; a disk that is full must not keep anyone from closing the window."""
    try:
        settings.save(settings_file(), remembered)
    except ExplorerError as error:
        print(f"cnn-explorer: {error}", file=sys.stderr)


def reporting(session: Session) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """A hook that shows a defect of the program in the message bar, and on stderr as ever."""

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        session.report(Failure.of(error))

    return report


class SystemSignals:
    """Calls ``close`` in the event loop when the system asks the program to end (Ctrl+C, ``kill``).

    A second such signal ends the process at once, as if nobody had caught it. A signal that was ignored before,
    as the shell does it for a program in the background, stays ignored.
    """

    def __init__(self, close: Callable[[], None]) -> None:
        self.received = 0
        self._close = close
        # Python runs its own handlers between two of its own instructions only, and Qt's event loop has none:
        # the interpreter writes the number of a signal to this socket, and the event loop listens to it.
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._on_signal)
        signal.set_wakeup_fd(self._writer.fileno())
        both = (signal.SIGINT, signal.SIGTERM)
        self._caught = [number for number in both if signal.getsignal(number) is not signal.SIG_IGN]
        for number in self._caught:
            signal.signal(number, lambda *_arguments: None)

    def _on_signal(self) -> None:
        self.received = self._reader.recv(1)[0]
        self.forget()
        self._close()

    def forget(self) -> None:
        """Leave signals to the system again."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(-1)
        for number in self._caught:
            signal.signal(number, signal.SIG_DFL)
        self._reader.close()
        self._writer.close()
