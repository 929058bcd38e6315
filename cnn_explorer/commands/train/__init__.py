"""``train``: a new run, one that goes on, or a sweep of them."""
