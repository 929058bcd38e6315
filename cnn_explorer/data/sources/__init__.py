"""Where data sets come from: the table of published ones, downloads, and a first look at the user's own."""
