"""What the Inspect page saves and copies: pictures, values, reports."""
