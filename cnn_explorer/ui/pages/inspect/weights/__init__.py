"""The weights of a layer: kernels, matrices, histogram, statistics."""
