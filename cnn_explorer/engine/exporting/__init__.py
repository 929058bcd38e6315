"""What is written of a run for other programs with TensorFlow's own writers."""
