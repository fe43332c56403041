"""Errors that every app can raise. Pure."""

from typing import Any

RETRY_S = 5
"""Seconds after which clients may retry: SQLite's lock timeout has passed by then."""


class StorageUnavailableError(Exception):
    """The database is locked, full, read-only or overloaded; nothing was changed and a retry may succeed.

    Has the fields of the other client errors: ``code``, ``message``, ``param``, ``details``.
    """

    code = "storage_unavailable"
    message = f"The server's storage is unavailable. Nothing was saved. Try again in {RETRY_S} s."
    param: str | None = None

    def __init__(self) -> None:
        super().__init__(self.message)
        self.details: dict[str, Any] = {"retry_after": RETRY_S}


class LimitsUnavailableError(StorageUnavailableError):
    """The limits cannot be counted, because Redis cannot be reached and ``LIMITS_WITHOUT_REDIS`` is ``reject``."""

    code = "limits_unavailable"
    message = f"The server cannot count its limits at the moment. Try again in {RETRY_S} s."
