"""The part of a training script that reads the images, splits and prepares them."""

from __future__ import annotations

from cnn_explorer.core.architecture import Architecture
from cnn_explorer.core.code_text import call
from cnn_explorer.core.training import TrainingConfig


def validation_name(config: TrainingConfig) -> str:
    """What the images of the validation are called in the script."""
    return "val" if config.validation_split else "test"


def data(architecture: Architecture, config: TrainingConfig) -> list[str]:
    """Define ``x_train``, ``y_train`` and what is validated on, and if images are augmented the function for that."""
    return [*_loading(config), *_drawing(config), "", *_preparation(architecture, config)]


def _loading(config: TrainingConfig) -> list[str]:
    lines = ["with np.load(sys.argv[1]) as data:", '    x_train, y_train = data["x_train"], data["y_train"]']
    uses_test = not config.validation_split
    if uses_test or config.split == "shuffled":
        lines.append('    x_test, y_test = data["x_test"], data["y_test"]')
    if config.split == "shuffled":
        lines += [
            "# Both parts are drawn anew from all images, in the same sizes.",
            "images, labels = np.concatenate((x_train, x_test)), np.concatenate((y_train, y_test))",
            f"order = np.random.default_rng({config.split_seed}).permutation(len(images))",
            "train, test = np.split(order, [len(x_train)])",
            "x_train, y_train = images[train], labels[train]",
        ]
        if uses_test:
            lines.append("x_test, y_test = images[test], labels[test]")
    for part, limit in (("train", config.train_limit), ("test", config.test_limit)):
        if limit is not None and (part == "train" or uses_test):
            lines.append(f"x_{part}, y_{part} = x_{part}[:{limit}], y_{part}[:{limit}]")
    return lines


def _drawing(config: TrainingConfig) -> list[str]:
    if not config.validation_split:
        return []
    return [
        "# A part of the training images, drawn at random, is kept for validation.",
        f"order = np.random.default_rng({config.split_seed}).permutation(len(x_train))",
        f"count = round(len(x_train) * {config.validation_split!r})",
        "kept, learnt = np.sort(order[:count]), np.sort(order[count:])",
        "x_val, y_val = x_train[kept], y_train[kept]",
        "x_train, y_train = x_train[learnt], y_train[learnt]",
    ]


def _preparation(architecture: Architecture, config: TrainingConfig) -> list[str]:
    if config.augments:
        return _augmented_preparation(architecture, config)
    shape, parts = _shape(architecture), ("train", validation_name(config))
    if config.preprocessing != "standardize":
        divided = " / 255" if config.preprocessing == "scale" else ""
        return [f'x_{part} = x_{part}.reshape(len(x_{part}), {shape}).astype("float32"){divided}' for part in parts]
    other = parts[1]
    return [
        *_WHY_TRAINING_IMAGES,
        "scaler = StandardScaler()",
        'x_train = scaler.fit_transform(x_train.reshape(len(x_train), -1).astype("float32"))',
        f'x_{other} = scaler.transform(x_{other}.reshape(len(x_{other}), -1).astype("float32"))',
        *(f"x_{part} = x_{part}.reshape(len(x_{part}), {shape})" for part in parts),
    ]


_WHY_TRAINING_IMAGES = (
    "# Each pixel gets mean 0 and deviation 1 over the training images, and only over them:",
    "# numbers learnt from other images would make the test easier than it is.",
)


def _augmented_preparation(architecture: Architecture, config: TrainingConfig) -> list[str]:
    """Images are changed as they were read, in 0…255, and prepared afterwards: the training images batch by batch."""
    shape, other = _shape(architecture), validation_name(config)
    lines = [
        f"x_train = x_train.reshape(len(x_train), {shape})",
        f'x_{other} = x_{other}.reshape(len(x_{other}), {shape}).astype("float32")',
    ]
    prepared = {"standardize": "({} - mean) / deviation", "scale": "{} / 255", "none": "{}"}[config.preprocessing]
    if config.preprocessing == "standardize":
        lines += [
            *_WHY_TRAINING_IMAGES,
            "scaler = StandardScaler().fit(x_train.reshape(len(x_train), -1))",
            f'mean = scaler.mean_.reshape({shape}).astype("float32")',
            f'deviation = scaler.scale_.reshape({shape}).astype("float32")',
        ]
    if config.preprocessing != "none":
        lines.append(f"x_{other} = {prepared.format(f'x_{other}')}")
    moves = _moves(config)
    if moves:
        lines += [
            "# The training images are other ones in every epoch.",
            "moved = keras.Sequential(",
            "    [",
            *(line for name, arguments in moves for line in call(f"layers.{name}", arguments, indent=8, end=",")),
            "    ]",
            ")",
        ]
    body = ['images = tf.cast(images, "float32")']
    if moves:
        body.append("images = moved(images, training=True)")
    if config.augment_noise:
        body.append(f"images += tf.random.normal(tf.shape(images), stddev={config.augment_noise!r} * 255)")
    body += ["images = tf.clip_by_value(images, 0, 255)", f"return {prepared.format('images')}, labels"]
    return [*lines, "", "", "def augment(images, labels):", *(f"    {line}" for line in body), ""]


def _moves(config: TrainingConfig) -> list[tuple[str, list[str]]]:
    """The layers that change images, and their arguments."""
    moves, nearest = [], 'fill_mode="nearest"'
    if config.augment_flip != "none":
        ways = {"both": "horizontal_and_vertical"}.get(config.augment_flip, config.augment_flip)
        moves.append(("RandomFlip", [f'"{ways}"']))
    if config.augment_zoom:
        moves.append(("RandomZoom", [repr(config.augment_zoom), nearest]))
    if config.augment_rotation:
        moves.append(("RandomRotation", [f"{config.augment_rotation!r} / 360", nearest]))
    if config.augment_shift:
        shift = repr(config.augment_shift)
        moves.append(("RandomTranslation", [shift, shift, nearest]))
    return moves


def _shape(architecture: Architecture) -> str:
    return ", ".join(map(str, architecture.input_shape))
