"""What is known of each type of layer: its settings, what it does to the data, and facts that are true of it."""
