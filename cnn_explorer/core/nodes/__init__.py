"""One node of one layer computed by hand: steps, windows, activation functions, and what a node sees of the image."""
