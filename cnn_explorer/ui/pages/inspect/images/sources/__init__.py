"""Where the image in view comes from: the data set, the user's files, a drawing."""
