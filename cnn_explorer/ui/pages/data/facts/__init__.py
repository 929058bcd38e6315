"""The facts about a data set: tensors, split, classes, duplicates, origin."""
