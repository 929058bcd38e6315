"""Configurations as older versions of Keras wrote them, brought to what Keras 3 reads; each change in a sentence."""
