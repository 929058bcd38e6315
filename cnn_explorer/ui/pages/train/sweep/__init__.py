"""The sweep panel: settings, the values they take, and the runs that come of them."""
