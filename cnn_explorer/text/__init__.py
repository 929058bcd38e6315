"""Values in words: numbers, shapes, durations, runs, nodes, verdicts; once, for window and command line; no Qt."""
