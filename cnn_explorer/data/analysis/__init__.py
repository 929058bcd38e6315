"""Facts about all images of a data set: statistics and duplicates, a chunk at a time."""
