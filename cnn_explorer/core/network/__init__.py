"""Architectures: layers to stack, what each does to shapes, weights and receptive fields, and presets."""
