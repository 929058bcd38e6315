from __future__ import annotations

from pathlib import Path

import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.engine.device import memory
from cnn_explorer.engine.training import trainer
from tests.ui.fakes import digits

NETWORK = preset("mnist-no-pooling").architecture


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_that_a_training_is_refused_only_where_its_least_need_is_more_than_there_is(
    monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    needed = infer(NETWORK).memory(40_000) // (1 if precision == "float32" else 2)
    monkeypatch.setattr(memory, "available", lambda: needed)
    memory.check_memory(NETWORK, 40_000, precision)
    monkeypatch.setattr(memory, "available", lambda: needed - 1)
    with pytest.raises(ExplorerError, match=r"40,000 images at a time needs at least [0-9.]+ GiB") as caught:
        memory.check_memory(NETWORK, 40_000, precision)
    assert "smaller batch size" in caught.value.hint


def test_that_the_free_memory_is_less_than_the_machine_has_and_more_than_nothing() -> None:
    free = memory.available()
    if free is None:
        pytest.skip("this system does not say how much memory is free")
    total = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    assert free > 0
    assert free <= total + 1024 * int(Path("/proc/meminfo").read_text().split("SwapTotal:")[1].split()[0])


def test_that_a_run_that_cannot_fit_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory, "available", lambda: 1_000_000)
    with pytest.raises(ExplorerError, match="of memory"):
        trainer.train(NETWORK, TrainingConfig(), digits(), tmp_path / "run", lambda _event: None, RunControl())
    assert not list(tmp_path.iterdir())
