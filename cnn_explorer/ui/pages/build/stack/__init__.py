"""The stack of layers as a table: its rows, how they are painted, and what stands around it."""
