"""The part of a training script that reads the images, splits and prepares them."""

from __future__ import annotations

from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import FITTED_PREPROCESSING, TrainingConfig
from cnn_explorer.export.script.code_text import call


def validation_name(config: TrainingConfig) -> str:
    """What the images of the validation are called in the script."""
    return "val" if config.validation_split else "test"


def data(architecture: Architecture, config: TrainingConfig) -> list[str]:
    """Define ``x_train``, ``y_train`` and what is validated on, and if images are augmented the function for that."""
    return [*_loading(config), *_drawing(config), "", *_preparation(architecture, config)]


def imports(config: TrainingConfig) -> list[str]:
    """What the lines of ``data`` need of scikit-learn."""
    lines = []
    if config.split == "stratified":
        lines.append("from sklearn.model_selection import train_test_split")
    if config.preprocessing in FITTED_PREPROCESSING:
        lines.append("from sklearn.preprocessing import StandardScaler")
    return lines


def needs_tensorflow(config: TrainingConfig) -> bool:
    """Whether the lines of ``data`` call TensorFlow itself."""
    return config.augments or config.preprocessing == "standardize_image"


def _loading(config: TrainingConfig) -> list[str]:
    lines = [
        "if len(sys.argv) != 2:",
        '    arrays = "x_train, y_train, x_test and y_test"',
        '    sys.exit(f"usage: python {sys.argv[0]} DATA.npz, a file with {arrays}")',
        "with np.load(sys.argv[1]) as data:",
        '    x_train, y_train = data["x_train"], data["y_train"]',
    ]
    uses_test = not config.validation_split
    if uses_test or config.split != "official":
        lines.append('    x_test, y_test = data["x_test"], data["y_test"]')
    if config.split != "official":
        lines += [
            f"# Both parts are drawn anew from all images, in the same sizes{_BY_CLASS[config.split]}.",
            "images, labels = np.concatenate((x_train, x_test)), np.concatenate((y_train, y_test))",
        ]
        if config.split == "shuffled":
            lines += [
                f"order = np.random.default_rng({config.split_seed}).permutation(len(images))",
                "train, test = np.split(order, [len(x_train)])",
            ]
        else:
            lines += _stratified("train, test", "images", "len(x_test)", config.split_seed, "labels")
        lines.append("x_train, y_train = images[train], labels[train]")
        if uses_test:
            lines.append("x_test, y_test = images[test], labels[test]")
    for part, limit in (("train", config.train_limit), ("test", config.test_limit)):
        if limit is not None and (part == "train" or uses_test):
            lines.append(f"x_{part}, y_{part} = x_{part}[:{limit}], y_{part}[:{limit}]")
    return lines


_BY_CLASS = {"shuffled": "", "stratified": ", evenly by class"}


def _stratified(names: str, images: str, count: str, seed: int, labels: str) -> list[str]:
    """Draw ``count`` of ``images`` by class: the places of the others, and of those."""
    arguments = [f"np.arange(len({images}))", f"test_size={count}", f"random_state={seed}", f"stratify={labels}"]
    return call(f"{names} = train_test_split", arguments)


def _drawing(config: TrainingConfig) -> list[str]:
    if not config.validation_split:
        return []
    count = f"count = round(len(x_train) * {config.validation_split!r})"
    if config.split == "stratified":
        how = "by class"
        draw = [count, *_stratified("learnt, kept", "x_train", "count", config.split_seed, "y_train")]
        draw.append("kept, learnt = np.sort(kept), np.sort(learnt)")
    else:
        how = "at random"
        draw = [
            f"order = np.random.default_rng({config.split_seed}).permutation(len(x_train))",
            count,
            "kept, learnt = np.sort(order[:count]), np.sort(order[count:])",
        ]
    return [
        f"# A part of the training images, drawn {how}, is kept for validation.",
        *draw,
        "x_val, y_val = x_train[kept], y_train[kept]",
        "x_train, y_train = x_train[learnt], y_train[learnt]",
    ]


_PREPARED = {
    "standardize": "({} - mean) / deviation",
    "standardize_channel": "({} - mean) / deviation",
    "standardize_image": "tf.image.per_image_standardization({})",
    "scale": "{} / 255",
    "scale_signed": "{} / 127.5 - 1",
    "none": "{}",
}
"""Images in 0…255 as the network gets them."""
_ALONE = "# Each image gets mean 0 and deviation 1 by itself."


def _preparation(architecture: Architecture, config: TrainingConfig) -> list[str]:
    if config.augments:
        return _augmented_preparation(architecture, config)
    shape, other = _shape(architecture), validation_name(config)
    parts = ("train", other)
    match config.preprocessing:
        case "scale" | "scale_signed" | "none" as name:
            floats = 'x_{0}.reshape(len(x_{0}), {1}).astype("float32")'
            return [f"x_{part} = {_PREPARED[name].format(floats.format(part, shape))}" for part in parts]
        case "standardize_image":
            return [_ALONE, *(line for part in parts for line in _each_alone(part, shape))]
    columns = _columns(architecture, config)
    return [
        *_why_training_images(config),
        "scaler = StandardScaler()",
        f'x_train = scaler.fit_transform(x_train.reshape({columns.format("train")}).astype("float32"))',
        f'x_{other} = scaler.transform(x_{other}.reshape({columns.format(other)}).astype("float32"))',
        *(f"x_{part} = x_{part}.reshape(len(y_{part}), {shape})" for part in parts),
    ]


def _each_alone(part: str, shape: str) -> list[str]:
    return [
        f'x_{part} = x_{part}.reshape(len(x_{part}), {shape}).astype("float32")',
        f"x_{part} = tf.image.per_image_standardization(x_{part}).numpy()",
    ]


def _columns(architecture: Architecture, config: TrainingConfig) -> str:
    """The shape of the table whose columns are standardized: one a pixel, or one a channel."""
    if config.preprocessing == "standardize_channel":
        return f"-1, {architecture.input_shape[-1]}"
    return "len(x_{}), -1"


def _why_training_images(config: TrainingConfig) -> list[str]:
    what = "channel" if config.preprocessing == "standardize_channel" else "pixel"
    return [
        f"# Each {what} gets mean 0 and deviation 1 over the training images, and only over them:",
        "# numbers learnt from other images would make the test easier than it is.",
    ]


def _augmented_preparation(architecture: Architecture, config: TrainingConfig) -> list[str]:
    """Images are changed as they were read, in 0…255, and prepared afterwards: the training images batch by batch."""
    shape, other = _shape(architecture), validation_name(config)
    lines = [f"x_train = x_train.reshape(len(x_train), {shape})"]
    prepared = _PREPARED[config.preprocessing]
    if config.preprocessing == "standardize_image":
        lines += [_ALONE, *_each_alone(other, shape)]
    else:
        lines.append(f'x_{other} = x_{other}.reshape(len(x_{other}), {shape}).astype("float32")')
    if config.preprocessing in FITTED_PREPROCESSING:
        per_pixel = f".reshape({shape})" if config.preprocessing == "standardize" else ""
        lines += [
            *_why_training_images(config),
            f"scaler = StandardScaler().fit(x_train.reshape({_columns(architecture, config).format('train')}))",
            f'mean = scaler.mean_{per_pixel}.astype("float32")',
            f'deviation = scaler.scale_{per_pixel}.astype("float32")',
        ]
    if config.preprocessing not in ("none", "standardize_image"):
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
