"""The part of a training script that compiles and trains the model, with the few classes that Keras lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import LearningRateChanged
from cnn_explorer.core.run.optimizers import NEUTRAL, optimizer_named
from cnn_explorer.export.script.code_text import call, long_list
from cnn_explorer.export.script.data_part import validation_name

Changes = Sequence[LearningRateChanged]
"""Changes of the learning rate by hand."""

_SCHEDULES = "keras.optimizers.schedules"
_WARM_UP = f'''\
class WarmUp({_SCHEDULES}.LearningRateSchedule):
    """A straight line from 0 to a rate; then a schedule, which counts from there."""

    def __init__(self, rate, steps, schedule):
        super().__init__()
        self.rate, self.steps, self.schedule = rate, steps, schedule

    def __call__(self, step):
        step = tf.cast(step, "float32")
        rising = self.rate * step / self.steps
        return tf.where(step < self.steps, rising, self.schedule(step - self.steps))
'''
_SCALED = f'''\
class Scaled({_SCHEDULES}.LearningRateSchedule):
    """A schedule times a factor that can change while the model is trained."""

    def __init__(self, schedule):
        super().__init__()
        self.schedule = schedule
        self.factor = keras.Variable(1.0, trainable=False)

    def __call__(self, step):
        return self.factor * self.schedule(step)
'''
_REDUCE = '''\
class ReduceOnPlateau(keras.callbacks.Callback):
    """Keras' ReduceLROnPlateau for a rate that also follows a schedule."""

    def __init__(self, schedule, monitor, factor, patience, min_lr):
        super().__init__()
        self.schedule, self.monitor, self.factor = schedule, monitor, factor
        self.patience, self.min_lr = patience, min_lr
        self.best, self.wait = None, 0

    def on_epoch_end(self, epoch, logs=None):
        value = logs[self.monitor]
        if self.monitor == "val_loss":
            value = -value
        if self.best is None or value > self.best + 1e-4:
            self.best, self.wait = value, 0
            return
        self.wait += 1
        rate = float(self.model.optimizer.learning_rate)
        if self.wait >= self.patience and rate > self.min_lr:
            lowered = max(self.factor, self.min_lr / rate)
            self.schedule.factor.assign(self.schedule.factor * lowered)
            self.wait = 0
'''


_CHANGE = '''\
class ChangeRate(keras.callbacks.Callback):
    """Change the learning rate as it was changed by hand during the run."""

    def __init__(self, changes, schedule=None, rate=None):
        super().__init__()
        self.changes, self.schedule, self.rate = changes, schedule, rate

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch + 1

    def on_train_batch_begin(self, batch, logs=None):
        rate = self.changes.get((self.epoch, batch + 1))
        if rate is not None and self.schedule is None:
            self.model.optimizer.learning_rate = rate
        elif rate is not None:
            now = float(self.schedule.schedule(self.model.optimizer.iterations))
            # No factor makes a rate of 0: it counts as the rate without schedule.
            usable = 0 < now < float("inf")
            self.schedule.factor.assign(rate / (now if usable else self.rate))
'''


_BEST = '''\
class RestoreBest(keras.callbacks.Callback):
    """At the end, give the model the weights of its best epoch, the first of equals.

    The other figure of the validation decides a tie.
    """

    def __init__(self, monitor):
        super().__init__()
        self.monitor, self.best, self.weights = monitor, None, None

    def on_epoch_end(self, epoch, logs=None):
        figures = [-logs["val_loss"], logs["val_accuracy"]]
        if self.monitor == "val_accuracy":
            figures.reverse()
        if self.best is None or figures > self.best:
            self.best, self.weights = figures, self.model.get_weights()

    def on_train_end(self, logs=None):
        self.model.set_weights(self.weights)
'''


class _Rate(NamedTuple):
    """The learning rate of a configuration: how it is defined, and whether by classes that Keras does not know."""

    lines: list[str]
    argument: str
    is_own: bool


def _is_scheduled(config: TrainingConfig) -> bool:
    return config.schedule != "none" or config.warmup_steps > 0


def _needs_warm_up(config: TrainingConfig) -> bool:
    return config.warmup_steps > 0 and config.schedule in ("power", "exponential", "piecewise")


def _needs_scaled(config: TrainingConfig, changes: Changes) -> bool:
    return _is_scheduled(config) and (config.reduce_on_plateau != "none" or bool(changes))


def _restores_best(config: TrainingConfig) -> bool:
    # Keras' EarlyStopping restores weights too, but asks the monitor alone, and not at all below its min_delta.
    return config.early_stopping != "none" and config.restore_best_weights


def needs_tensorflow(config: TrainingConfig) -> bool:
    """Whether what this module writes names ``tf``."""
    return _needs_warm_up(config) or config.augments


def classes(config: TrainingConfig, changes: Changes) -> list[str]:
    """The definitions of classes, each with the empty lines around it; nothing if none is needed."""
    wanted = [_WARM_UP] if _needs_warm_up(config) else []
    if _needs_scaled(config, changes):
        wanted.append(_SCALED)
        if config.reduce_on_plateau != "none":
            wanted.append(_REDUCE)
    if changes:
        wanted.append(_CHANGE)
    if _restores_best(config):
        wanted.append(_BEST)
    return [line for text in wanted for line in ("", *text.splitlines(), "")]


def training(config: TrainingConfig, initial_weights: str | None, changes: Changes) -> list[str]:
    """Compile ``model``, train it and save it; ``initial_weights`` is the path of what it begins with, as code."""
    rate = _rate(config, changes)
    return [
        *_labels(config),
        *_batches(config),
        *rate.lines,
        *_compile(config, rate.argument),
        *_callbacks(config, changes),
        *_beginning(initial_weights),
        *_fit(config, changes),
        *_save(rate),
    ]


def _beginning(initial_weights: str | None) -> list[str]:
    if initial_weights is None:
        return []
    # The path stands alone: it may be too long for a line, and then no one could break it.
    return ["# The run began with these weights.", f"weights = {initial_weights}", "model.load_weights(weights)"]


def _labels(config: TrainingConfig) -> list[str]:
    """Class weights and labels as the loss takes them; weights are counted from the numbers of classes."""
    lines = []
    match config.class_weight:
        case "balanced":
            lines += [
                "# Rare classes count more.",
                "counts = np.bincount(y_train, minlength=model.output_shape[-1]).tolist()",
                "average = len(y_train) / np.count_nonzero(counts)",
                "class_weight = {i: average / max(count, 1) for i, count in enumerate(counts)}",
            ]
        case "custom":
            lines += long_list("of_classes", map(repr, config.class_weight_values))
            lines.append("class_weight = dict(enumerate(of_classes))")
    if config.loss == "categorical_crossentropy":
        lines += [
            f"y_{part} = keras.utils.to_categorical(y_{part}, model.output_shape[-1])"
            for part in ("train", validation_name(config))
        ]
    return lines


def _batches(config: TrainingConfig) -> list[str]:
    if not config.augments:
        return []
    return [
        "batches = (",
        "    tf.data.Dataset.from_tensor_slices((x_train, y_train))",
        "    .shuffle(len(x_train))",
        f"    .batch({config.batch_size})",
        "    .map(augment)",
        "    .prefetch(tf.data.AUTOTUNE)",
        ")",
    ]


def _rate(config: TrainingConfig, changes: Changes) -> _Rate:
    if not _is_scheduled(config):
        return _Rate([], repr(config.learning_rate), False)
    rate, steps = repr(config.learning_rate), f"decay_steps={config.decay_steps}"
    decay, warm_up = f"decay_rate={config.decay_rate!r}", config.warmup_steps
    match config.schedule:
        case "none":  # a straight line from 0, and the rate afterwards
            name, arguments = "PolynomialDecay", ["0.0", f"decay_steps={warm_up}", f"end_learning_rate={rate}"]
        case "power":
            name, arguments = "InverseTimeDecay", [rate, steps, decay]
        case "exponential":
            name, arguments = "ExponentialDecay", [rate, steps, decay]
        case "cosine" if warm_up:
            name, arguments = "CosineDecay", ["0.0", steps, f"warmup_target={rate}", f"warmup_steps={warm_up}"]
        case "cosine":
            name, arguments = "CosineDecay", [rate, steps]
        case "piecewise":
            name, arguments = "PiecewiseConstantDecay", ["boundaries", "rates"]
    lines = []
    if config.schedule == "piecewise":
        lines += long_list("boundaries", map(repr, config.boundaries))
        lines += long_list("rates", map(repr, (config.learning_rate, *config.values)))
    lines += call(f"schedule = {_SCHEDULES}.{name}", arguments)
    if _needs_warm_up(config):
        lines.append(f"schedule = WarmUp({rate}, {warm_up}, schedule)")
    if _needs_scaled(config, changes):
        lines.append("schedule = Scaled(schedule)")
    return _Rate(lines, "schedule", _needs_warm_up(config) or _needs_scaled(config, changes))


def _compile(config: TrainingConfig, rate: str) -> list[str]:
    keras_class, arguments = optimizer_named(config.optimizer).keras_class, config.optimizer_arguments
    told = [f"{name}={value!r}" for name, value in arguments.items() if value != NEUTRAL.get(name)]
    loss = f'"{config.loss}"'
    if config.label_smoothing and config.loss == "categorical_crossentropy":
        loss = f"keras.losses.CategoricalCrossentropy(label_smoothing={config.label_smoothing!r})"
    jit = {"auto": [], "on": ["jit_compile=True"], "off": ["jit_compile=False"]}[config.jit_compile]
    optimizer = call(f"optimizer=keras.optimizers.{keras_class}", [f"learning_rate={rate}", *told], indent=4, end=",")
    return [
        "model.compile(",
        *optimizer,
        f"    loss={loss},",
        '    metrics=["accuracy"],',
        *(f"    {option}," for option in jit),
        ")",
    ]


def _callbacks(config: TrainingConfig, changes: Changes) -> list[str]:
    made: list[str] = []
    scaled = _needs_scaled(config, changes)
    if config.early_stopping != "none":
        arguments = [f'monitor="{config.early_stopping}"', f"patience={config.patience}"]
        if config.min_delta:
            arguments.append(f"min_delta={config.min_delta!r}")
        made += call("keras.callbacks.EarlyStopping", arguments, indent=4, end=",")
    if _restores_best(config):
        made += call("RestoreBest", [f'"{config.early_stopping}"'], indent=4, end=",")
    if config.reduce_on_plateau != "none":
        arguments = [
            f'monitor="{config.reduce_on_plateau}"', f"factor={config.plateau_factor!r}",
            f"patience={config.plateau_patience}", f"min_lr={config.min_learning_rate!r}",
        ]  # fmt: skip
        if scaled:
            made += call("ReduceOnPlateau", ["schedule", *arguments], indent=4, end=",")
        else:
            made += call("keras.callbacks.ReduceLROnPlateau", arguments, indent=4, end=",")
    if not changes:
        return ["callbacks = [", *made, "]"] if made else []
    lines = ["# By epoch and batch, from 1.", "changes = {"]
    lines += [f"    ({change.epoch}, {change.step}): {change.learning_rate!r}," for change in changes]
    made.append(f"    ChangeRate(changes{f', schedule, {config.learning_rate!r}' if scaled else ''}),")
    return [*lines, "}", "callbacks = [", *made, "]"]


def _fit(config: TrainingConfig, changes: Changes) -> list[str]:
    arrays = ["x_train", "y_train", f"batch_size={config.batch_size}"]
    arguments = ["batches"] if config.augments else arrays
    other = validation_name(config)
    arguments += [f"epochs={config.epochs}", f"validation_data=(x_{other}, y_{other})"]
    if config.early_stopping != "none" or config.reduce_on_plateau != "none" or changes:
        arguments.append("callbacks=callbacks")
    if config.class_weight != "none":
        arguments.append("class_weight=class_weight")
    return ["model.fit(", *(f"    {argument}," for argument in arguments), ")"]


def _save(rate: _Rate) -> list[str]:
    if rate.is_own:
        return [
            "# Without the optimizer: plain Keras does not know the schedules of this script.",
            'model.save("model.h5", include_optimizer=False)',
        ]
    return ['model.save("model.h5")']
