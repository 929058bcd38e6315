"""The graph of a branching model: its layout, and how it is painted."""
