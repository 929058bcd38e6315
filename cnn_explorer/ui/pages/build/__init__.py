"""The Build page: presets, the stack of layers with its live shapes, the form of the chosen layer."""
