"""The model in view: opening it, its layers, its inputs and outputs, or why it was not opened."""
