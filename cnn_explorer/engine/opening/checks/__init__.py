"""Looks at files of unknown origin before anything of them is believed or built: bytes, links, sizes, names."""
