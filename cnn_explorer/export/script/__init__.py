"""Architecture, data and training as a Keras script that runs without this program."""
