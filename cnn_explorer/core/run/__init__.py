"""A training as values: configuration, schedules, patience, events, history, and how it is steered."""
