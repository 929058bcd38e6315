"""The list of data sets: published ones, and the user's own."""
