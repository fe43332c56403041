"""Errors that end the command, each with its exit status."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit statuses; docs/pipe.md lists them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CONFIGURATION = 3
    UNREACHABLE = 4
    REJECTED = 5
    LIMITED = 6
    NO_PLAYER = 7
    INTERRUPTED = 130


class ClientError(Exception):
    """An error with a message for the user."""

    def __init__(self, status: Exit, message: str, *, code: str = "", limit: int = 0) -> None:
        """Create the error; ``code`` and ``limit`` are the server's, if it rejected a request."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.limit = limit
