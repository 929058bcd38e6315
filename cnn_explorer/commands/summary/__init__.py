"""``summary``: what a network does to the data, layer by layer."""
