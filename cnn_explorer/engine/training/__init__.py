"""A run: epochs, checkpoints, its files, its end, and how it goes on."""
