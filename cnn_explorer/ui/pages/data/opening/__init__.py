"""The dialogue on a person's own images before they are read."""
