"""The images that activate a layer's maps most, found little by little."""
