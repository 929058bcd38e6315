"""Files of arrays (NPZ, IDX, HDF5) as data sets."""
