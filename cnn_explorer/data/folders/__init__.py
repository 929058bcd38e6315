"""Folders of class folders as data sets."""
