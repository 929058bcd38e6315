"""What a run that came to its end says of itself."""

from __future__ import annotations

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import EpochEnded, ValidationPart


def ending_words(config: TrainingConfig, part: ValidationPart, last: EpochEnded, best: EpochEnded, early: bool) -> str:
    """One sentence: how far the run came, how good it is, and which epoch's model it leaves."""
    kept = best if restores_best(config) else last
    model = f"model.h5 is that of epoch {kept.epoch}"
    if early:
        waited = "1 epoch" if config.patience == 1 else f"{config.patience} epochs"
        least = f" by more than {config.min_delta:g}" if config.min_delta else ""
        return f"Stopped early in epoch {last.epoch}: {config.monitor} had not improved{least} for {waited}; {model}."
    epochs = "1 epoch" if last.epoch == 1 else f"{last.epoch} epochs"
    message = f"Trained {epochs}; {part} accuracy {last.val_accuracy:.4f}"
    if best is not last:
        if config.monitor == "val_accuracy":
            message += f", the best was {best.val_accuracy:.4f} after epoch {best.epoch}"
        else:
            message += f", the lowest loss there was {best.val_loss:.4f} after epoch {best.epoch}"
    return f"{message}; {model}." if kept is not last else f"{message}."


def restores_best(config: TrainingConfig) -> bool:
    """Whether the model of the best epoch is what a run leaves when it comes to its end."""
    return config.early_stopping != "none" and config.restore_best_weights
