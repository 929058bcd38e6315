"""Which images a run is about, as one frozen value: a data set by name, or the user's own and how they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

LONGEST_SIDE = 4096
"""Of the images that a network learns from, in pixels."""
Side = Annotated[int, Meta(ge=1, le=LONGEST_SIDE)]
Color = Literal["auto", "gray", "rgb"]
Resize = Literal["fit", "crop", "stretch"]


class DatasetSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``source`` is the name of a data set of the registry, or the absolute path of a file or folder of the user's.

    The other fields are for the user's own images and stay at their defaults for a registered data set.
    ``image_size``: rows and columns that every image is brought to, ``None`` for the most frequent size; ``resize``
    says how: ``fit`` keeps the whole image and fills the rest, ``crop`` fills and cuts off what is too much,
    ``stretch`` gives up the proportions. ``color``: gray or rgb, ``auto`` for what most images are.
    ``train_images`` to ``test_labels`` name the arrays of an NPZ or HDF5 file, "" where their names tell.
    ``test_part`` is the share that is kept for the test, drawn by class, where the source has no test part.
    """

    source: str = "mnist"
    image_size: tuple[Side, Side] | None = None
    color: Color = "auto"
    resize: Resize = "fit"
    train_images: str = ""
    train_labels: str = ""
    test_images: str = ""
    test_labels: str = ""
    test_part: Annotated[float, Meta(gt=0.0, lt=1.0)] = 0.2

    @property
    def path(self) -> Path | None:
        """The user's file or folder; ``None`` for a registered data set."""
        path = Path(self.source)
        return path if path.is_absolute() else None

    def arguments(self) -> tuple[str, ...]:
        """What says the same on the command line: the source, and an option for each field that is not a default."""
        words = [self.source]
        for field in self.__struct_fields__[1:]:
            value = getattr(self, field)
            if value != getattr(DatasetSpec(), field):
                text = "x".join(map(str, value)) if isinstance(value, tuple) else str(value)
                words += ["--" + field.replace("_", "-"), text]
        return tuple(words)

    @classmethod
    def of(cls, text: str, names: tuple[str, ...]) -> DatasetSpec:
        """What a person means who writes ``text``: one of the registered ``names``, else a path."""
        return cls(source=text if text in names else str(Path(text).expanduser().absolute()))
