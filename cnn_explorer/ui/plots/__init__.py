"""Live plots of runs: curves, legends, axes, values under the cursor."""
