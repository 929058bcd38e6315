"""The main window around the pages: rail, header, menus, message bar, and what a page is."""
