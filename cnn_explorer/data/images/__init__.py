"""Single image files: read, brought to what a network takes, handwriting centred as MNIST has it."""
