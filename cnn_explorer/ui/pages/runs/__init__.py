"""The Runs page: every run on disk in a table, with curves, settings and actions."""
