"""The runs of one window: one at a time, the others in a queue, each with a colour of its own in comparisons."""
