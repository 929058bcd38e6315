"""The epoch film: how the maps of one image change while a network learns."""
