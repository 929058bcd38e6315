"""The data sets that the program knows by name, as one table, and the way to their images."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import Watch, unwatched
from cnn_explorer.core.sizes import megabytes
from cnn_explorer.data.arrays.npz import PublishedArrays, read_npz
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.prepared import Facts, Writer, is_prepared, prepared
from cnn_explorer.data.sources import published
from cnn_explorer.data.sources.remote_file import RemoteFile
from cnn_explorer.store.paths import datasets_dir, resource, system_datasets_dirs


@dataclass(frozen=True)
class DatasetSource:
    """A row of the table: what is known of a data set before it is loaded.

    ``image_shape`` is (rows, columns, channels). ``fingerprint`` is that of the published arrays (``fingerprint_of``);
    it is "" where only the checksum of the published archive is known: that is the guard then, and the arrays'
    fingerprint is computed when they are first read. ``load`` reads the arrays from a folder, in which ``files`` lie
    if there are any, and raises ``ExplorerError`` if it cannot; sets without ``files`` come with the program or, if
    ``library`` names one, with a library. ``package`` is the package of Debian's that brings the files, too.
    ``remarks`` are sentences on what differs from the published files.
    """

    name: str
    title: str
    description: str
    licence: str
    image_shape: tuple[int, int, int]
    classes: tuple[str, ...]
    train_count: int
    test_count: int
    fingerprint: str
    load: Callable[[Path], PublishedArrays]
    files: tuple[RemoteFile, ...] = ()
    library: str = ""
    package: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where its files are downloaded to, and found if somebody puts them there."""
        return datasets_dir() / self.name

    @property
    def installed(self) -> Path | None:
        """The folder into which a package of the system has put all its files; ``None`` if there is none."""
        if not self.package:
            return None
        folders = (folder / self.name for folder in system_datasets_dirs())
        return next((folder for folder in folders if published.is_idx_folder(folder)), None)

    @property
    def key(self) -> str:
        """What its content is told by."""
        return self.fingerprint or " ".join(file.sha256 for file in self.files)


_ORIGINAL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"
_MIRROR = "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion"
_TORONTO = "https://www.cs.toronto.edu/~kriz"


def _fashion(name: str, size: int, sha256: str, debian: str) -> RemoteFile:
    # Debian packs the same content without the name in the head of the file, and the zero byte after it.
    shorter = size - len(name.removesuffix(".gz")) - 1
    return RemoteFile(name, (f"{_ORIGINAL}/{name}", f"{_MIRROR}/{name}"), size, sha256, ((shorter, debian),))


_CIFAR_LICENCE = "none is stated; A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009"
_CIFAR_100 = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle
caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish
forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle
mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine
possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale
willow_tree wolf woman worm"""

# The checksums of Fashion-MNIST, CIFAR and EMNIST are those that TensorFlow Datasets publishes for the same files.
SOURCES: tuple[DatasetSource, ...] = (
    DatasetSource(
        name="mnist",
        title="MNIST",
        description="70,000 handwritten digits, grey, bright on dark, centred by their mass.",
        licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
        image_shape=(28, 28, 1),
        classes=tuple("0123456789"),
        train_count=60_000,
        test_count=10_000,
        fingerprint="81b5b7068b487449d7b931d1a017285f103d3a0a4db56f3de6ac0bd9b268bdb3",
        load=lambda _folder: read_npz(resource("datasets", "mnist.npz")),
    ),
    DatasetSource(
        name="fashion-mnist",
        title="Fashion-MNIST",
        description="70,000 photographs of clothes, grey, bright on dark: as large as MNIST, and harder.",
        licence="MIT, Zalando SE",
        image_shape=(28, 28, 1),
        classes=(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
        ),
        train_count=60_000,
        test_count=10_000,
        fingerprint="abf4cdc7be0d9c228398ac0cf5e497a09c7e922e721564006ac1a5942474e36e",
        load=published.read_idx_folder,
        files=(
            _fashion(
                "train-images-idx3-ubyte.gz", 26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
            ),
            _fashion(
                "train-labels-idx1-ubyte.gz", 29_515,
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
            ),
            _fashion(
                "t10k-images-idx3-ubyte.gz", 4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
            ),
            _fashion(
                "t10k-labels-idx1-ubyte.gz", 5_148,
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
            ),
        ),
        package="dataset-fashion-mnist",
    ),
    DatasetSource(
        name="cifar-10",
        title="CIFAR-10",
        description="60,000 small colour photographs of animals and vehicles.",
        licence=_CIFAR_LICENCE,
        image_shape=(32, 32, 3),
        classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        train_count=50_000,
        test_count=10_000,
        fingerprint="",
        load=published.read_cifar_10,
        files=(
            RemoteFile(
                published.CIFAR_10, (f"{_TORONTO}/{published.CIFAR_10}",), 170_052_171,
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            ),
        ),
    ),
    DatasetSource(
        name="cifar-100",
        title="CIFAR-100",
        description="60,000 small colour photographs in 100 fine classes, 600 of each.",
        licence=_CIFAR_LICENCE,
        image_shape=(32, 32, 3),
        classes=tuple(_CIFAR_100.split()),
        train_count=50_000,
        test_count=10_000,
        fingerprint="",
        load=published.read_cifar_100,
        files=(
            RemoteFile(
                published.CIFAR_100, (f"{_TORONTO}/{published.CIFAR_100}",), 168_513_733,
                "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
            ),
        ),
    ),
    DatasetSource(
        name="emnist-letters",
        title="EMNIST letters",
        description="145,600 handwritten letters, grey, bright on dark; capital and small ones are one class.",
        licence="public domain, NIST; G. Cohen et al., EMNIST: an extension of MNIST to handwritten letters, 2017",
        image_shape=(28, 28, 1),
        classes=tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        train_count=124_800,
        test_count=20_800,
        fingerprint="",
        load=published.read_emnist_letters,
        files=(
            RemoteFile(
                published.EMNIST, ("https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",), 561_753_746,
                "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
            ),
        ),
        remarks=("The images lie on their side in the published files; they were turned upright.",),
    ),
    DatasetSource(
        name="digits",
        title="Digits 8×8",
        description="1,797 tiny handwritten digits, grey, bright on dark: learnt in seconds.",
        licence="CC BY 4.0, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository; brought by scikit-learn",
        image_shape=(8, 8, 1),
        classes=tuple("0123456789"),
        train_count=1_442,
        test_count=355,
        fingerprint="102bad33248feab0ef1eb8f84a7744cfcebf5925ed8589e7212386aec92404ce",
        load=lambda _folder: published.read_digits(published.digits_folder()),
        library="scikit-learn",
        remarks=(
            "The published values from 0 to 16 became bytes from 0 to 255.",
            "No test part is published: every fifth image of each class is the test part.",
        ),
    ),
)  # fmt: skip


def source_of(name: str) -> DatasetSource:
    """The row of that name. Raises ``ExplorerError``, which lists the names, if there is none."""
    for source in SOURCES:
        if source.name == name:
            return source
    known = ", ".join(source.name for source in SOURCES)
    raise ExplorerError(f'There is no data set "{name}".', f"Choose one of: {known}.")


def title_of(name: str, spec: DatasetSpec) -> str:
    """How people call the data set ``name`` that ``spec`` finds: the title of its row; own images have their name."""
    return next((source.title for source in SOURCES if source.name == name == spec.source), name)


@dataclass(frozen=True)
class SourceState:
    """Whether a data set can be loaded without a network, and where from.

    ``path`` is the folder in which its files were found; ``download_bytes`` is what is still to be downloaded.
    """

    kind: Literal["bundled", "library", "found", "downloaded", "remote"]
    text: str
    path: Path | None = None
    download_bytes: int = 0

    @property
    def is_here(self) -> bool:
        """Whether no network is needed."""
        return self.kind != "remote"


def state_of(source: DatasetSource) -> SourceState:
    """How ``source`` stands just now. Looks at names and sizes of files only, which takes no time."""
    if not source.files:
        if source.library:
            return SourceState("library", f"installed with {source.library}")
        return SourceState("bundled", "bundled")
    missing = [file for file in source.files if not file.is_in(source.folder)]
    if not missing or is_prepared(source.folder, source.key):
        return SourceState("downloaded", "downloaded", source.folder)
    if (installed := source.installed) is not None:
        return SourceState("found", f"found at {installed}", installed)
    size = sum(file.size for file in missing)
    return SourceState("remote", f"to be downloaded ({megabytes(size)})", None, size)


def load_registered(name: str, watch: Watch = unwatched) -> Dataset:
    """Load a data set in its official split and check it; what is not there is downloaded.

    What comes with the program or a library is read into memory and checked by its fingerprint: 0.03 s for MNIST
    where the processor has SHA instructions, reading the file about 0.3 s. Other sets are checked once and mapped
    from a copy in the cache then. Raises ``ExplorerError`` if the name is unknown or the data are missing, damaged
    or other ones, ``CancelledError`` if ``watch`` ends it.
    """
    source = source_of(name)
    if source.files:
        spec = DatasetSpec(source=source.name)
        return prepared(source.folder, source.key, spec, partial(_prepare, source, watch), watch)
    watch(f"Reading {source.title}", 0, 0)
    arrays = source.load(Path())
    _verify(source, arrays, "Install CNN Explorer again.")
    dataset = Dataset.of_parts(source.name, source.title, source.classes, source.fingerprint, *arrays)
    return replace(dataset, remarks=source.remarks)


def _prepare(source: DatasetSource, watch: Watch, writer: Writer) -> Facts:
    """Write the images of ``source``, wherever its files lie, into its copy in the cache."""
    writer.reserve(source.train_count + source.test_count, source.image_shape)
    folder = source.folder
    if (installed := source.installed) is not None and not all(file.is_in(folder) for file in source.files):
        folder, hint = installed, f"Install the package {source.package} again, or remove it."
    else:
        # Here, since requests takes 0.3 s to import, which nobody need wait for who downloads nothing.
        from cnn_explorer.data.sources.downloads import fetch

        advice = f"On Debian and Ubuntu the package {source.package} brings them, too." if source.package else ""
        fetch(source.title, source.files, folder, watch, advice)
        hint = f"Remove {folder} and try it again."
    arrays = _watched(lambda: source.load(folder), f"Reading {source.title}", watch)
    _verify(source, arrays, hint)
    for images, labels in ((arrays.train_images, arrays.train_labels), (arrays.test_images, arrays.test_labels)):
        writer.add(images, labels)
    return Facts(
        name=source.name,
        title=source.title,
        classes=source.classes,
        train_count=source.train_count,
        remarks=source.remarks,
    )


def _watched(work: Callable[[], PublishedArrays], what: str, watch: Watch) -> PublishedArrays:
    """Do ``work``, which takes seconds, on another thread, so that ``watch`` is asked meanwhile and can end it."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="reading")
    try:
        result = pool.submit(work)
        while not result.done():
            watch(what, 0, 0)
            wait([result], timeout=0.1)
        return result.result()
    finally:
        pool.shutdown(wait=False)  # it ends by itself, and nobody hears of it


def fingerprint_of(arrays: PublishedArrays) -> str:
    """SHA-256, in hexadecimal, over shape and bytes of the four arrays in their order, labels as little-endian int64.

    It depends on the data alone and not on the file that they came in.
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).data)
    return digest.hexdigest()


def _verify(source: DatasetSource, arrays: PublishedArrays, hint: str) -> None:
    """Raise ``ExplorerError`` if ``arrays`` are not what the table says of ``source``."""
    expected = ((source.train_count, *source.image_shape), (source.test_count, *source.image_shape))
    got = (arrays.train_images.shape, arrays.test_images.shape)
    if got != expected:
        raise ExplorerError(
            f"The data of {source.title} are not complete: expected images of shapes {expected}, got {got}.", hint
        )
    if source.fingerprint and fingerprint_of(arrays) != source.fingerprint:
        raise ExplorerError(f"The data of {source.title} are not the published ones: the fingerprint differs.", hint)
