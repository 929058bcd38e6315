"""The one exception for everything that a user can cause."""

from __future__ import annotations


class ExplorerError(Exception):
    """A failure that the user can understand and mend.

    ``message`` says in one sentence what was expected and what came; ``hint`` says what to do next.
    The window shows both in the message bar, the command line prints them on one line of stderr and
    ends with exit code 2. Everything else that is raised is a defect of the program.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()
