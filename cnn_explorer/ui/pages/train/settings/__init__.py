"""The settings of the run to come, what they mean for it, and previews of them."""
