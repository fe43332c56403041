"""The error of documents that cannot be opened. Pure."""

from typing import Any

STATUSES = {
    "busy": 503,
    "document_empty": 422,
    "document_encrypted": 422,
    "document_failed": 422,
    "document_invalid": 422,
    "document_no_text": 422,
    "document_too_complex": 422,
    "document_too_large": 413,
    "document_too_long": 413,
    "document_type_mismatch": 415,
    "document_type_unsupported": 415,
    "document_unsafe": 422,
    "limit_documents": 429,
    "limits_unavailable": 503,
    "url_disabled": 404,
}
"""The HTTP status of each code; 422 for all others."""


class DocumentError(Exception):
    """Reports why a file or a URL is not opened: a stable ``code``, and a message with the user's next step."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param: str | None = None
        self.details = details

    @property
    def status(self) -> int:
        """Return the HTTP status of the error."""
        return STATUSES.get(self.code, 422)
