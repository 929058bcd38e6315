"""A page in HTML on one model and one image."""
