"""Small widgets and helpers that two pages or more use."""
