"""Keras models made from architectures, compiled, saved, and read back."""
