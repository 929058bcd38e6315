"""The microscope: one node, every number that made it, and the way down to the image."""
