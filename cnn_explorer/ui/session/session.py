"""What all pages share: data set, network, devices, the current run, and the one place for messages."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import DeviceReport
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.inference import Problem, training_problems
from cnn_explorer.core.progress import CancelledError
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.text.numbers import counted
from cnn_explorer.ui.session.document import ArchitectureDocument
from cnn_explorer.ui.session.jobs import Failure, Job, JobRunner
from cnn_explorer.ui.session.readiness import obstacle
from cnn_explorer.ui.session.recent_files import RecentFiles
from cnn_explorer.ui.session.runs.colors import ColorBook
from cnn_explorer.ui.session.runs.manager import RunManager
from cnn_explorer.ui.session.services import RunRequest, Services, TrainRequest

Level = Literal["info", "success", "warning", "error"]
_MOST_OWN_SOURCES = 12


class Session(QObject):
    """The shared state of one window. Pages read it, change it through its methods, and follow its signals."""

    message = Signal(str, str, str, str)
    """level, text, hint, details: for the message bar."""
    dataset_changed = Signal()
    dataset_progress = Signal(str, int, int)
    """What is being loaded, how much of it is done, and of how much (0 if nobody knows); "" when that has ended."""
    own_sources_changed = Signal()
    device_changed = Signal()
    page_requested = Signal(str)
    """Object name of the page that should come to the front: ``build``, ``train``, ``inspect``."""
    runs_changed = Signal()
    """What lies on disk of some run has changed: it began, ended, was renamed or deleted."""
    config_changed = Signal()
    restart_requested = Signal()
    """The program should start anew: everything is kept, the engine begins with the configuration's options."""
    compared_changed = Signal()
    model_ready = Signal(object)
    """``Path`` of a model that was just trained, or that someone asked to look into."""
    image_requested = Signal(str, int)
    """Someone wants to look at this image: ``train`` or ``test``, and the index in that part of ``dataset``."""

    def __init__(self, services: Services, architecture: Architecture, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.services = services
        self.document = ArchitectureDocument(architecture, self)
        self.problems: tuple[Problem, ...] = ()
        """Why the network cannot be trained, as far as can be said before the data set is there."""
        self._config = TrainingConfig()
        self.dataset: Dataset | None = None
        self.dataset_loading: DatasetSpec | None = None
        """What is on its way to take the data set's place."""
        self.loading_words = ""
        """How far that is: ``Reading fruits · 43 %``."""
        self.own_sources: tuple[DatasetSpec, ...] = ()
        """Files and folders of the user's that were a data set once, the newest first."""
        self.device: DeviceReport | None = None
        self.model_path: Path | None = None
        self.compared: tuple[Path, ...] = ()
        """Folders of the runs whose curves are laid over those of the current one, and over each other."""
        self.colors = ColorBook()
        self.recent = RecentFiles(self)
        self.dataset_failure = ""
        self.engine_failure = ""
        # The first to hear of a change, so that everyone after it finds the problems up to date.
        self.document.changed.connect(self._check_network)
        self.dataset_changed.connect(self._check_network)
        self._check_network()
        self.engine = JobRunner("engine", self)
        self.engine.failed.connect(self.report)
        # Reading and moving run folders must not wait for TensorFlow, nor for a large model.
        self.disk = JobRunner("disk", self)
        self.disk.failed.connect(self.report)
        # Reading a new data set may take minutes; looking at the current one must not wait for it.
        self._loader = JobRunner("data", self)
        self._loading: Job | None = None
        self.pictures = JobRunner("pictures", self)
        self.pictures.failed.connect(self.report)
        # What one scrolls past must appear at once, also while statistics of all images are gathered.
        self.thumbnails = JobRunner("thumbnails", self)
        self.thumbnails.failed.connect(self.report)
        # Looking at every image may take minutes as well; scrolling over them must not wait for it.
        self.scans = JobRunner("scans", self)
        self.scans.failed.connect(self.report)
        self.runs = RunManager(services, self)
        self.runs.failed.connect(self.report)
        self.runs.model_written.connect(self.model_ready)
        self.runs.disk_changed.connect(self.runs_changed)
        self.model_ready.connect(self._remember_model)  # for pages that are made later

    def start(self, dataset: DatasetSpec) -> None:
        """Load the data set, then the engine, in the background. Call it after the first painting.

        ``dataset_changed`` and ``device_changed`` follow in any case; after a failure, ``dataset_failure`` or
        ``engine_failure`` says why there is none.
        """
        start, options = self.services.start_engine, self.config.runtime
        self.load_dataset(dataset)
        self.engine.submit(lambda _job: start(options), self._set_device, failed=self._engine_failed)

    def load_dataset(self, spec: DatasetSpec) -> None:
        """Load another data set in the background; the current one stays until it is there.

        ``dataset_progress`` tells how far it is, ``dataset_changed`` follows in any case.
        """
        self.cancel_loading()
        load = self.services.load_dataset
        self.dataset_loading = spec

        def work(job: Job) -> Dataset:
            def watch(what: str, done: int, total: int) -> None:
                if job.control.stopped:
                    raise CancelledError(f"{what} was cancelled.")
                job.emit((what, done, total))

            return load(spec, watch)

        self._loading = self._loader.submit(
            work, self._set_dataset, failed=self._dataset_failed,
            progress=lambda told: self._tell_loading(*told), channel="dataset",
        )  # fmt: skip
        self._tell_loading("Loading the data set", 0, 0)

    def cancel_loading(self) -> None:
        """End the loading of a data set; the current one stays."""
        if self._loading is not None:
            self._loading.control.stop()

    def set_own_sources(self, sources: tuple[DatasetSpec, ...]) -> None:
        """Keep other files and folders in mind; the disk is not touched."""
        if sources != self.own_sources:
            self.own_sources = sources[:_MOST_OWN_SOURCES]
            self.own_sources_changed.emit()

    def say(self, level: Level, text: str, hint: str = "", details: str = "") -> None:
        """Show something in the message bar."""
        self.message.emit(level, text, hint, details)

    def report(self, failure: Failure | ExplorerError) -> None:
        """Show an error in the message bar."""
        if isinstance(failure, ExplorerError):
            failure = Failure.of(failure)
        self.say("error", failure.message, failure.hint, failure.details)

    @property
    def config(self) -> TrainingConfig:
        """How the next run is trained; ``config_changed`` follows every change."""
        return self._config

    @config.setter
    def config(self, config: TrainingConfig) -> None:
        if config != self._config:
            self._config = config
            self.config_changed.emit()

    @property
    def obstacle(self) -> str:
        """Why no run can be started now, in a sentence; "" if nothing is in the way."""
        return obstacle(
            self.config, self.problems, self.dataset, self.device, self.dataset_failure, self.engine_failure
        )

    def train(self, initial_weights: Path | None = None) -> None:
        """Start a run of the current network with the current configuration and data set, or queue it."""
        architecture = self.document.architecture
        folder = self.runs.new_folder(architecture.name)
        self.enqueue(TrainRequest(architecture, self.config, folder, initial_weights))

    def enqueue(self, *requests: RunRequest) -> None:
        """Start a run on the current data set; all that cannot start at once wait in the queue, and that is said."""
        if self.dataset is None:
            self.say("warning", "The data set is still loading.", "Press Train again in a moment.")
            return
        waiting = self.runs.add(requests, self.dataset)
        if waiting:
            count = counted(waiting, "run was", "runs were")
            begun = waiting < len(requests)
            text = (
                f"The first of {len(requests):,} runs begins, {waiting:,} wait."
                if begun
                else f"{count} added to the queue."
            )
            self.say("info", text, "The queue is on the Train page.")

    def compare(self, folders: tuple[Path, ...]) -> None:
        """Lay the curves of these runs over each other, in this order."""
        if folders != self.compared:
            self.compared = folders
            self.compared_changed.emit()

    def shut_down(self) -> None:
        """Stop everything that runs and wait for it; the window must be gone or hidden by now."""
        self.runs.shut_down()
        self.engine.shut_down()
        self.disk.shut_down()
        self._loader.shut_down()
        self.pictures.shut_down()
        self.thumbnails.shut_down()
        self.scans.shut_down()

    def _check_network(self) -> None:
        architecture, dataset = self.document.architecture, self.dataset
        if dataset is None:
            self.problems = self.document.inference.problems
        else:
            self.problems = training_problems(architecture, dataset.image_shape, len(dataset.classes))

    def _remember_model(self, path: Path) -> None:
        self.model_path = path

    def _set_dataset(self, dataset: Dataset) -> None:
        self.dataset, self.dataset_failure = dataset, ""
        if dataset.spec.path is not None:
            self.set_own_sources(_with(self.own_sources, dataset.spec))
        self._loaded()

    def _loaded(self) -> None:
        self.dataset_loading = self._loading = None
        self._tell_loading("", 0, 0)
        self.dataset_changed.emit()

    def _tell_loading(self, what: str, done: int, total: int) -> None:
        self.loading_words = f"{what} · {100 * done // total} %" if total else what
        self.dataset_progress.emit(what, done, total)

    def _set_device(self, device: DeviceReport) -> None:
        self.device = device
        self.device_changed.emit()

    def _dataset_failed(self, failure: Failure) -> None:
        by_hand = self._loading is not None and self._loading.control.stopped
        if by_hand:
            self.say("info", failure.message)
        else:
            self.report(failure)
        spec = self.dataset_loading
        if self.dataset is None:
            self.dataset_failure = failure.message
        self._loaded()
        if self.dataset is None and spec != DatasetSpec():
            # The user's images of the last session are gone: better the bundled ones than none.
            self.load_dataset(DatasetSpec())

    def _engine_failed(self, failure: Failure) -> None:
        self.engine_failure = failure.message
        self.report(failure)
        self.device_changed.emit()


def _with(sources: tuple[DatasetSpec, ...], spec: DatasetSpec) -> tuple[DatasetSpec, ...]:
    """A new source goes first; a known one keeps its place, or the list would jump under the mouse that chose it."""
    if all(known.source != spec.source for known in sources):
        return (spec, *sources)
    return tuple(spec if known.source == spec.source else known for known in sources)
