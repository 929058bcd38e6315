"""The queue: every run of the session in one table."""
