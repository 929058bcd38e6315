"""What is kept on the disk: run folders, whole or not at all, and where the user's files are."""
