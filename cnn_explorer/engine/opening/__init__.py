"""Model files of any origin: checked, repaired where Keras changed, and opened; or shown without being built."""
