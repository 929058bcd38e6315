"""The image in view: of the data set, of the user's own, or drawn; and the prediction for it."""
