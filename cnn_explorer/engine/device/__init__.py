"""What TensorFlow runs on: its start, GPUs, memory, determinism, and which device computed what."""
