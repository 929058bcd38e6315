"""The exit codes of the program, as the contract says."""

from __future__ import annotations

DONE = 0
DEFECT = 1
"""A defect of the program itself."""
REFUSED = 2
"""The input was wrong, or a run failed; one line on stderr says what."""
INTERRUPTED = 130
READER_GONE = 141
"""Nobody reads stdout any more."""
