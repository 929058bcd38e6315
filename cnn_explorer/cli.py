"""The command line: the table of commands, and how the program ends.

Exit codes: 0 done; 2 the user's input was wrong, or a run failed, with one line on stderr; 130 interrupted;
141 nobody reads stdout any more; 1 a defect of the program (its traceback with CNN_EXPLORER_DEBUG=1).
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from io import TextIOWrapper

import typer

from cnn_explorer.commands.activations import activations
from cnn_explorer.commands.datasets import datasets
from cnn_explorer.commands.demo import demo
from cnn_explorer.commands.doctor import doctor
from cnn_explorer.commands.evaluate import evaluate
from cnn_explorer.commands.export import export
from cnn_explorer.commands.gui import gui
from cnn_explorer.commands.output import console
from cnn_explorer.commands.output.exit_codes import DEFECT, DONE, INTERRUPTED, READER_GONE, REFUSED
from cnn_explorer.commands.presets import presets
from cnn_explorer.commands.report import report
from cnn_explorer.commands.summary.command import summary
from cnn_explorer.commands.train.command import train
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import CancelledError

COMMANDS: tuple[Callable[..., int | None], ...] = (
    gui,
    demo,
    doctor,
    presets,
    datasets,
    summary,
    train,
    evaluate,
    activations,
    report,
    export,
)
"""All commands, in the order of ``--help``. The name of a function, and of its module, is that of the command."""

app = typer.Typer(
    name="cnn-explorer",
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in COMMANDS:
    app.command()(command)


@app.callback(invoke_without_command=True)
def without_command(context: typer.Context) -> None:
    """Build a convolutional network by hand, watch it learn, look inside it. Without a command: the window."""
    if context.invoked_subcommand is None:
        raise typer.Exit(gui())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command with ``arguments`` (those of the process by default); returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without × gets a question mark, no traceback
    try:
        code = app(None if arguments is None else list(arguments), prog_name="cnn-explorer", standalone_mode=False)
        if not code:
            console.say_remarks()
    except ExplorerError as error:
        console.say_error(str(error))
        code = INTERRUPTED if isinstance(error, CancelledError) else REFUSED
    except typer.TyperException as error:  # a usage error
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "cnn-explorer"
        console.say_error(f"{error.format_message().rstrip('. ')}. See {path} --help.")
        code = REFUSED
    except console.ReaderGone:
        code = READER_GONE
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        console.say_error(f"Something went wrong inside the program: {type(error).__name__}: {error}")
        if console.debugging():
            console.say(traceback.format_exc())
        code = DEFECT
    finally:
        console.forget_remarks()
    return code or DONE
