"""The error of rejected theme requests, with stable codes."""

from typing import Any


class ThemeError(Exception):
    """A rejected request, shown to the user.

    ``code`` is stable and part of the protocol (docs/protocol.md lists the codes); ``message`` is a complete sentence;
    ``param`` names the invalid input: a field, ``colors.accent``, or a key of a file; ``details`` has further
    JSON-serializable values (``line``, ``column``, ``limit``, ``choices``).
    """

    def __init__(self, code: str, message: str, *, param: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.details = details
