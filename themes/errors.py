"""What can be wrong with a wish to change a theme, each with a code that programs can tell apart."""

from typing import Any


class ThemeError(Exception):
    """A refusal that the person who asked is told about.

    ``code`` is stable and part of the protocol (docs/protocol.md lists them); ``message`` is a whole sentence that
    says what to do; ``param`` names the place at fault: a field, ``colors.accent``, a key of a file; ``details`` are
    further JSON-ready facts (``line``, ``column``, ``limit``, ``choices``).
    """

    def __init__(self, code: str, message: str, *, param: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.details = details
