"""Run all benchmarks, each in a process of its own, and print one table. Exit code 1 if a target is missed."""

from __future__ import annotations

import json
import subprocess
import sys

from rich.console import Console
from rich.table import Table

from benchmarks.report import Figure

PARTS = ("startup", "activations", "drawing", "maps", "event_loop", "throughput", "memory", "gallery")


def main() -> int:
    """Run the parts named on the command line, or all."""
    table = Table(title="CNN Explorer: benchmark", title_justify="left")
    for column in ("figure", "measured", "must be", "", "how"):
        table.add_column(column, overflow="fold")
    held = True
    for part in sys.argv[1:] or PARTS:
        print(f"{part} …", file=sys.stderr, flush=True)
        run = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{part}"], stdout=subprocess.PIPE, text=True, check=True
        )
        for line in run.stdout.splitlines():
            figure = Figure(**json.loads(line))
            held = held and figure.holds
            table.add_row(*figure.row())
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
