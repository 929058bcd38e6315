"""CNN Explorer: build a convolutional network by hand, watch it learn, look inside it."""

__version__ = "0.1.0"
