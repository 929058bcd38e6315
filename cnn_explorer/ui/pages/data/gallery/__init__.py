"""The gallery of all images of a data set: filtered, sorted, checked with a model, saved."""
