"""The Inspect page: any layer of any model for any image, and what its parts agree on."""
