"""Activation maps as numbers: scales, statistics, order, arrangement, comparison, and top images."""
