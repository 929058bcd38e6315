"""What an opened model, its layers and its weights are, as plain values."""
