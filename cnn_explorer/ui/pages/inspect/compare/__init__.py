"""Two sides beside each other with their difference; pins to compare with."""
