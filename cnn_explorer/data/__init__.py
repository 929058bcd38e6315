"""Data sets: images as bytes, their labels, splits and preprocessing, wherever they come from."""
