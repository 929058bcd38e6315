"""Stands in the executable where ``contents.EMPTY_MODULES`` says."""
