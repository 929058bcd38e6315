"""What a command leaves behind on stdout and stderr, and its exit code."""
