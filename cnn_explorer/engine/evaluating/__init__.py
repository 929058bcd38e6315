"""Images on their way into a model: feed, streaming, augmentation; and how well the model does on them."""
