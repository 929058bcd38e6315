"""Maps as pictures and tables: grids, colour maps, legends, lettering."""
