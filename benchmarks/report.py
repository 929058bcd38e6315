"""How a benchmark says what it measured: one JSON line a figure, which `python -m benchmarks` gathers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """One measured figure and what it must be: ``at_least`` or ``below`` the ``target``."""

    name: str
    value: float
    unit: str
    target: float
    must: Literal["at_least", "below"]
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        return self.value >= self.target if self.must == "at_least" else self.value < self.target

    def say(self) -> None:
        """Print the figure for ``python -m benchmarks``."""
        print(json.dumps(asdict(self)), flush=True)
