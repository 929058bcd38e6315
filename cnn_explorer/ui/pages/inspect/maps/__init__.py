"""What one layer makes of one image: maps, one map enlarged, vectors, and the controls of how they are shown."""
