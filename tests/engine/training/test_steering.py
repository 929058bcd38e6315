"""What changes a run while it goes, or ends it before its last epoch: wishes, plateaus, patience."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from cnn_explorer.core.network.architecture import Architecture, Dense, Flatten
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import BatchEnded, EpochEnded, LearningRateChanged, RunEvent, Started
from cnn_explorer.core.run.history import best_epoch
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.split import prepare_split
from cnn_explorer.engine.evaluating import feed as feed_module
from cnn_explorer.engine.evaluating.evaluate import evaluate
from cnn_explorer.engine.opening.loader import load_model_file
from cnn_explorer.engine.training.rates import Rates
from cnn_explorer.engine.training.trainer import resume, train
from cnn_explorer.store.runs import RunFolder

PLAIN = Architecture(
    input_shape=(12, 12, 1), layers=(Flatten(name="Flat"), Dense(name="Out", units=3, activation="softmax"))
)
# Nothing improves by so much: the patience is used up as soon as it can be.
HOPELESS = TrainingConfig(
    epochs=9, batch_size=32, early_stopping="val_loss", patience=2, min_delta=50.0, optimizer="sgd", learning_rate=0.02
)


def weights(path: Path) -> list[np.ndarray]:
    return load_model_file(path).model.get_weights()


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def timeless(epochs: list[EpochEnded] | tuple[EpochEnded, ...]) -> list[EpochEnded]:
    return [msgspec.structs.replace(epoch, seconds=0.0, images_per_second=0.0) for epoch in epochs]


def calls_of(batches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every call but an epoch's first work through so many batches, however long it takes."""

    def took(self: feed_module.CallSize, *_measured: float) -> None:
        self.batches = batches

    monkeypatch.setattr(feed_module.CallSize, "took", took)


# ---------------------------------------------------------------------------------------------- the learning rate


@pytest.fixture
def single_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call works through one batch: three calls an epoch."""
    calls_of(1, monkeypatch)


def test_that_a_learning_rate_asked_for_holds_from_the_next_call_on_and_the_schedule_goes_on_from_it(
    tmp_path: Path, toy: Dataset, listener, single_batches: None
) -> None:
    control = RunControl()

    def wish(event: RunEvent) -> None:
        if isinstance(event, BatchEnded) and (event.epoch, event.step) == (1, 2):
            control.set_learning_rate(0.5)

    said = listener(wish)
    config = TrainingConfig(epochs=2, batch_size=32, learning_rate=0.1, schedule="power", decay_steps=1, decay_rate=1.0)
    train(PLAIN, config, toy, tmp_path / "run", said, control)
    change = LearningRateChanged(epoch=1, step=3, learning_rate=0.5, reason="asked")
    assert [event for event in said.events if isinstance(event, LearningRateChanged)] == [change]
    # The schedule gives 0.1 / (1 + step); batch 3 is step 2, where it would have been a 30th.
    scheduled = [0.1, 0.05] + [0.5 * 3 / (1 + step) for step in range(2, 6)]
    used = [event.learning_rate for event in said.events if isinstance(event, BatchEnded)]
    assert used == pytest.approx(scheduled, rel=1e-6)
    assert [epoch.learning_rate for epoch in said.epochs] == pytest.approx([0.5 * 3 / 4, 0.5 * 3 / 7], rel=1e-6)
    folder = RunFolder(tmp_path / "run")
    assert folder.read().rate_changes == (change,)

    # It is the rate that the optimizer really used: without it the weights are others.
    train(PLAIN, config, toy, tmp_path / "other", listener(), RunControl())
    assert not same(weights(tmp_path / "run"), weights(tmp_path / "other"))

    # And a run that is continued goes on from there, and tells of it.
    said = listener()
    resume(folder.path, toy, said, RunControl(), epochs=3)
    assert isinstance(said.events[0], Started)
    assert said.events[0].earlier_changes == (change,)
    assert list(said.events[0].earlier) == list(folder.history())[:2]
    assert said.epochs[0].learning_rate == pytest.approx(0.5 * 3 / 10, rel=1e-6)


def test_that_a_change_in_an_epoch_that_was_not_finished_is_not_kept(tmp_path: Path, toy: Dataset, listener) -> None:
    control = RunControl()

    def steer(event: RunEvent) -> None:
        if isinstance(event, EpochEnded):
            control.set_learning_rate(0.5)
        if isinstance(event, BatchEnded) and event.epoch == 2:
            control.stop()

    said = listener(steer)
    train(PLAIN, TrainingConfig(epochs=2, batch_size=32), toy, tmp_path / "run", said, control)
    assert [event.epoch for event in said.events if isinstance(event, LearningRateChanged)] == [2]
    assert RunFolder(tmp_path / "run").read().rate_changes == ()


def test_that_where_the_schedule_is_0_a_wish_counts_as_the_configurations_rate() -> None:
    rates = Rates(TrainingConfig(learning_rate=0.1, warmup_steps=4))
    rates.set(0, 0.4)
    np.testing.assert_allclose(rates.of_steps(0, 6), [0.0, 0.1, 0.2, 0.3, 0.4, 0.4], rtol=1e-6)


def test_that_a_rate_beyond_all_numbers_is_infinite_and_no_error() -> None:
    config = TrainingConfig(schedule="exponential", decay_steps=1, decay_rate=1e6)
    assert np.isinf(Rates(config).of_steps(60, 2)).all()


def test_that_a_plateau_lowers_the_rate_of_the_next_epoch_and_a_continued_run_does_the_same(
    tmp_path: Path, toy: Dataset, listener
) -> None:
    config = TrainingConfig(
        epochs=5, batch_size=32, optimizer="sgd", learning_rate=1e-7, reduce_on_plateau="val_loss", plateau_patience=1,
        plateau_factor=0.5, min_learning_rate=2e-8,
    )  # fmt: skip
    said = listener()
    train(PLAIN, config, toy, tmp_path / "run", said, RunControl())
    changes = [event for event in said.events if isinstance(event, LearningRateChanged)]
    # So small a rate improves nothing by 0.0001: epoch 2 is the first without, then every one is, down to the lowest.
    assert [(event.epoch, event.step, event.reason) for event in changes] == [
        (3, 1, "plateau"), (4, 1, "plateau"), (5, 1, "plateau"),
    ]  # fmt: skip
    assert [event.learning_rate for event in changes] == pytest.approx([5e-8, 2.5e-8, 2e-8])
    assert [epoch.learning_rate for epoch in said.epochs] == pytest.approx([1e-7, 1e-7, 5e-8, 2.5e-8, 2e-8], rel=1e-6)

    folder = RunFolder(tmp_path / "continued")
    train(PLAIN, msgspec.structs.replace(config, epochs=2), toy, folder.path, listener(), RunControl())
    resume(folder.path, toy, listener(), RunControl(), epochs=5)
    assert folder.read().rate_changes == tuple(changes)
    assert timeless(folder.history()) == timeless(said.epochs)


# ---------------------------------------------------------------------------------------------- the end


def test_that_a_run_stops_early_and_leaves_the_model_of_its_best_epoch(tmp_path: Path, toy: Dataset, listener) -> None:
    # It learns, until the learning rate has grown too large.
    config = msgspec.structs.replace(
        HOPELESS, epochs=20, patience=3, min_delta=0.0, schedule="exponential", decay_steps=3, decay_rate=4.0
    )
    said = listener()
    train(PLAIN, config, toy, tmp_path / "run", said, RunControl())
    last, best = said.epochs[-1], best_epoch(said.epochs, "val_loss")
    assert said.events[0].monitor == "val_loss"
    assert (last.epoch - best.epoch, last.epoch < 20) == (3, True)
    assert said.ended.status == "completed"
    assert said.ended.message == (
        f"Stopped early in epoch {last.epoch}: val_loss had not improved for 3 epochs; "
        f"model.h5 is that of epoch {best.epoch}."
    )
    assert RunFolder(tmp_path / "run").read().epochs_done == last.epoch
    assert same(weights(tmp_path / "run" / "model.h5"), weights(tmp_path / "run" / "best.h5"))
    loaded = load_model_file(tmp_path / "run" / "model.h5")
    assert loaded.metadata is not None
    scores = evaluate(loaded.model, loaded.metadata.preprocessing, toy.test_images, toy.test_labels, toy.classes)
    assert scores is not None
    assert (scores.loss, scores.accuracy) == (best.val_loss, best.val_accuracy)


def test_that_the_last_model_stays_if_the_best_is_not_wanted(tmp_path: Path, toy: Dataset, listener) -> None:
    config = msgspec.structs.replace(HOPELESS, restore_best_weights=False, learning_rate=30.0)
    said = listener()
    train(PLAIN, config, toy, tmp_path / "run", said, RunControl())
    assert said.ended.message.endswith("had not improved by more than 50 for 2 epochs; model.h5 is that of epoch 3.")
    one = msgspec.structs.replace(config, early_stopping="none", epochs=3)
    train(PLAIN, one, toy, tmp_path / "three", listener(), RunControl())
    assert same(weights(tmp_path / "run"), weights(tmp_path / "three"))


def test_that_a_run_that_comes_to_its_end_with_patience_left_leaves_its_best_model_too(
    tmp_path: Path, toy: Dataset, listener
) -> None:
    # The more it learns, the worse it is with labels that are all wrong.
    labels = np.concatenate((toy.train_labels, (toy.test_labels + 1) % 3))
    wrong = replace(toy, labels=labels)
    config = TrainingConfig(epochs=3, batch_size=32, early_stopping="val_loss", patience=50)
    said = listener()
    train(PLAIN, config, wrong, tmp_path / "run", said, RunControl())
    last, best = said.epochs[-1], best_epoch(said.epochs, "val_loss")
    assert best.epoch < 3
    assert said.ended.message == (
        f"Trained 3 epochs; test accuracy {last.val_accuracy:.4f}, "
        f"the lowest loss there was {best.val_loss:.4f} after epoch {best.epoch}; "
        f"model.h5 is that of epoch {best.epoch}."
    )
    assert same(weights(tmp_path / "run" / "model.h5"), weights(tmp_path / "run" / "best.h5"))


def test_that_the_end_says_on_which_images_the_accuracy_is(tmp_path: Path, toy: Dataset, listener) -> None:
    said = listener()
    config = TrainingConfig(epochs=1, batch_size=32, validation_split=0.3)
    train(PLAIN, config, toy, tmp_path / "run", said, RunControl())
    started = said.events[0]
    assert isinstance(started, Started)
    assert (started.train_count, started.validation_count, started.validation_part) == (63, 27, "validation")
    assert said.ended.message == f"Trained 1 epoch; validation accuracy {said.epochs[0].val_accuracy:.4f}."
    # It is fitted on the 63 images that were left, and validated on the others.
    parts = prepare_split(toy, config)
    loaded = load_model_file(tmp_path / "run")
    assert loaded.metadata is not None
    np.testing.assert_allclose(
        loaded.metadata.preprocessing.offset, parts.train_images[:].astype(np.float64).mean(axis=0), rtol=1e-5
    )
    images, labels = parts.validation_images, parts.validation_labels
    scores = evaluate(loaded.model, loaded.metadata.preprocessing, images, labels, toy.classes)
    assert scores is not None
    assert (scores.loss, scores.accuracy) == (said.epochs[0].val_loss, said.epochs[0].val_accuracy)


@pytest.mark.slow
def test_that_a_run_which_stopped_early_goes_on_if_someone_asks_for_more(
    tmp_path: Path, toy: Dataset, listener
) -> None:
    folder = RunFolder(tmp_path / "run")
    train(PLAIN, HOPELESS, toy, folder.path, listener(), RunControl())
    assert folder.read().epochs_done == 3
    said = listener()
    resume(folder.path, toy, said, RunControl())
    assert [epoch.epoch for epoch in said.epochs] == [4, 5]  # the patience anew
    assert said.ended.message.startswith(
        "Stopped early in epoch 5: val_loss had not improved by more than 50 for 2 epochs"
    )
    straight = msgspec.structs.replace(HOPELESS, early_stopping="none", epochs=5)
    train(PLAIN, straight, toy, tmp_path / "straight", listener(), RunControl())
    assert timeless(folder.history()) == timeless(RunFolder(tmp_path / "straight").history())


def test_that_a_run_killed_while_it_stopped_early_is_brought_to_its_end(tmp_path: Path, toy: Dataset, listener) -> None:
    folder = RunFolder(tmp_path / "run")
    train(PLAIN, HOPELESS, toy, folder.path, listener(), RunControl())
    ended = folder.read()
    folder.write(msgspec.structs.replace(ended, status="running", message="", finished=None))
    folder.model.write_bytes(b"of epoch 2, say")
    said = listener()
    resume(folder.path, toy, said, RunControl())
    assert said.epochs == []
    assert (folder.read().status, folder.read().message) == ("completed", ended.message)
    assert same(weights(folder.model), weights(folder.best))


def test_that_a_stop_after_the_epoch_finishes_it_and_saves_it(tmp_path: Path, toy: Dataset, listener) -> None:
    control = RunControl()

    def wish(event: RunEvent) -> None:
        if isinstance(event, BatchEnded) and event.epoch == 2:
            control.stop_after_epoch()

    said = listener(wish)
    train(PLAIN, TrainingConfig(epochs=5, batch_size=32), toy, tmp_path / "run", said, control)
    assert [epoch.epoch for epoch in said.epochs] == [1, 2]
    assert (said.ended.status, said.ended.message) == (
        "stopped", "Stopped after epoch 2; the model is that of epoch 2."
    )  # fmt: skip
    assert len(RunFolder(tmp_path / "run").history()) == 2
    assert RunFolder(tmp_path / "run").read().status == "stopped"


def test_that_a_stop_after_the_last_epoch_is_a_run_that_is_complete(tmp_path: Path, toy: Dataset, listener) -> None:
    control = RunControl()
    control.stop_after_epoch()
    said = listener()
    train(PLAIN, TrainingConfig(epochs=1, batch_size=32), toy, tmp_path / "run", said, control)
    assert (said.ended.status, said.ended.message[:15]) == ("completed", "Trained 1 epoch")


def test_that_a_validation_that_is_not_a_number_fails_the_run_and_keeps_the_epoch_before(
    tmp_path: Path, toy: Dataset, listener, single_batches: None
) -> None:
    # The last batch of epoch 2 throws the weights out of all numbers; its own loss was computed before.
    control = RunControl()

    def explode(event: RunEvent) -> None:
        if isinstance(event, BatchEnded) and (event.epoch, event.step) == (2, 2):
            control.set_learning_rate(1e38)

    said = listener(explode)
    config = TrainingConfig(epochs=4, batch_size=32, optimizer="sgd", learning_rate=0.01)
    train(PLAIN, config, toy, tmp_path / "run", said, control)
    assert said.ended.status == "failed"
    assert said.ended.message == "The loss of the validation after epoch 2 is not a number."
    assert "The model is that of epoch 1." in said.ended.hint
    assert all(np.isfinite(array).all() for array in weights(tmp_path / "run"))
    folder = RunFolder(tmp_path / "run")
    assert (folder.read().epochs_done, folder.read().rate_changes, len(folder.history())) == (1, (), 1)


# ---------------------------------------------------------------------------------------------- chance


def test_that_neither_calls_nor_pauses_change_what_is_learnt(
    tmp_path: Path, toy: Dataset, noisy_network: Architecture, listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainingConfig(epochs=2, batch_size=8, seed=4, augment_shift=0.2, augment_noise=0.1, augment_rotation=20)
    for batches in (1, 100):
        calls_of(batches, monkeypatch)
        train(noisy_network, config, toy, tmp_path / str(batches), listener(), RunControl())
    assert same(weights(tmp_path / "1"), weights(tmp_path / "100"))
    histories = [timeless(RunFolder(tmp_path / name).history()) for name in ("1", "100")]
    for a, b in zip(*histories, strict=True):
        assert (a.loss, a.val_loss, a.accuracy) == pytest.approx((b.loss, b.val_loss, b.accuracy), rel=1e-12)


@pytest.mark.slow
def test_that_three_seeds_give_three_histories_and_one_seed_the_same_twice(
    tmp_path: Path, toy: Dataset, listener
) -> None:
    histories = []
    for number, seed in enumerate((0, 1, 2, 1)):
        config = TrainingConfig(epochs=1, batch_size=32, seed=seed, augment_noise=0.1)
        train(PLAIN, config, toy, tmp_path / str(number), listener(), RunControl())
        histories.append(timeless(RunFolder(tmp_path / str(number)).history()))
    assert histories[1] == histories[3]
    assert all(a != b for n, a in enumerate(histories[:3]) for b in histories[:n])
