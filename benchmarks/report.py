"""How a benchmark says what it measured: one JSON line a figure, which `python -m benchmarks` gathers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """One measured figure and what it must be: ``at_least`` or ``below`` the ``target``.

    Without a ``target`` it is reported only; without a ``value`` it could not be measured, and ``note`` says why.
    """

    name: str
    value: float | None
    unit: str = ""
    target: float | None = None
    must: Literal["at_least", "below"] = "at_least"
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the target is met, if there is one."""
        if self.value is None or self.target is None:
            return True
        return self.value >= self.target if self.must == "at_least" else self.value < self.target

    def row(self) -> tuple[str, str, str, str, str]:
        """The figure as a line of the table: name, measured, must be, whether it is, how."""
        measured = "–" if self.value is None else f"{self.value:.3g} {self.unit}".rstrip()
        if self.target is None:
            return self.name, measured, "", "", self.note
        sign = "≥" if self.must == "at_least" else "<"
        return self.name, measured, f"{sign} {self.target:g} {self.unit}", "yes" if self.holds else "NO", self.note

    def say(self) -> None:
        """Print the figure for ``python -m benchmarks``."""
        print(json.dumps(asdict(self)), flush=True)
