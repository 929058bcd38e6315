"""Pictures of maps: grids, single pictures with zoom, colour bars."""
