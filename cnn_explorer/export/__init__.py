"""What leaves the program as a file: Keras scripts, reports, pictures and tables, made from plain values."""
