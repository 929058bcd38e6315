"""A training as values: configuration, optimizers, schedules, patience, events, history, and how it is steered."""
