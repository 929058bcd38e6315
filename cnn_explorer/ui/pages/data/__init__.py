"""The Data page: where images come from, all of them in a gallery, and the facts about them."""
