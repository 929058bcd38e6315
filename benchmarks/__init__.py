"""What `make bench` runs. Every figure is a ratio or a latency taken within one run on one machine."""
