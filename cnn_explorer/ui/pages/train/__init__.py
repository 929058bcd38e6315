"""The Train page: settings, live curves, the state of the run, film, queue and sweep."""
