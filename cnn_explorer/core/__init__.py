"""Values and pure functions that need numpy and msgspec only: what a network, a run, a model and its maps are."""
