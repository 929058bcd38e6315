"""Forms made from specs: their groups, and an editor for each kind of field."""
