"""mnist-simple in PyTorch with bfloat16 autocast: prints the training seconds of its epochs.

``python -m benchmarks.torch_fit MNIST.npz IMAGES EPOCHS``. The same network, images, batches and optimizer settings as
ours, written as PyTorch's own examples are: images on hand as one tensor, an order by chance in each epoch.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any

import numpy as np

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.data.preprocessing import fit_preprocessing

torch: Any = importlib.import_module("torch")  # not among our dependencies, so that there are no types of it
nn: Any = torch.nn


def network() -> Any:
    """The layers of mnist-simple; the loss takes logits."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten(),
        nn.Linear(576, 70), nn.ReLU(), nn.Linear(70, 10),
    )  # fmt: skip


def main() -> None:
    """Train and print."""
    path, count, epochs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    config = TrainingConfig()
    with np.load(path) as file:
        raw, labels = file["x_train"][:count, ..., np.newaxis], file["y_train"][:count]
    prepared = fit_preprocessing("standardize", raw).apply(raw)
    images = torch.from_numpy(np.moveaxis(prepared, -1, 1)).contiguous(memory_format=torch.channels_last)
    targets = torch.from_numpy(labels.astype(np.int64))
    model = network().to(memory_format=torch.channels_last)
    assert sum(weights.numel() for weights in model.parameters()) == 96_844
    # Keras' defaults; PyTorch's own are alpha 0.99 and eps 1e-8.
    optimizer = torch.optim.RMSprop(model.parameters(), lr=config.learning_rate, alpha=0.9, eps=1e-7)
    loss = nn.CrossEntropyLoss()
    seconds = []
    for _ in range(epochs):
        began = time.perf_counter()
        for batch in torch.randperm(count).split(config.batch_size):
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                error = loss(model(images[batch]), targets[batch])
            error.backward()
            optimizer.step()
        seconds.append(time.perf_counter() - began)
    assert torch.isfinite(error)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
