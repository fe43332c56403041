"""What can go wrong below every part of the project. Pure."""

from typing import Any

RETRY_S = 5
"""Seconds after which to try again: SQLite has waited as long for its lock by then."""


class StorageUnavailableError(Exception):
    """The database is locked, full, read-only or overloaded: nothing was changed, and trying again may help.

    It has the fields of the other errors that clients are sent: ``code``, ``message``, ``param``, ``details``.
    """

    code = "storage_unavailable"
    message = f"The server's storage cannot be used at the moment, so nothing was saved. Try again in {RETRY_S} s."
    param: str | None = None

    def __init__(self) -> None:
        super().__init__(self.message)
        self.details: dict[str, Any] = {"retry_after": RETRY_S}
