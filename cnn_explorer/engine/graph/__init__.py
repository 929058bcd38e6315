"""A model as one flat list of calls: inputs, cost, how nodes are computed, and what they see."""
