"""The window. The only floor that knows Qt; it gets the engine as callables and never imports it."""
