"""Errors of the HTTP API, in the shape of OpenAI's API."""

from collections.abc import Mapping
from typing import Any, Protocol

from django.http import HttpResponse, JsonResponse

from core.logs import correlation
from core.logs.client_errors import client_errors

STATUS = {
    "token_missing": 401,
    "token_unknown": 401,
    "token_expired": 401,
    "scope_missing": 403,
    "cross_site": 403,
    "https_required": 403,
    "address_unknown": 404,
    "model_unknown": 404,
    "theme_unknown": 404,
    "sent_text_unknown": 404,
    "method_unknown": 405,
    "body_too_large": 413,
    "media_type": 415,
    "limit_http": 429,
    "sent_texts_full": 429,
    "internal": 500,
    "storage_unavailable": 503,
    "limits_unavailable": 503,
}
"""HTTP status by error code; 400 for all others."""


class ClientError(Protocol):
    """The fields of every error that is reported to clients; ``details`` are JSON-compatible."""

    code: str
    message: str
    param: str | None
    details: dict[str, Any]


class ApiError(Exception):
    """An error of the HTTP API itself; ``code`` is stable, and docs/api.md lists all codes."""

    def __init__(self, code: str, message: str, *, param: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.details = details


class ErrorResponse(Protocol):
    """Converts an error to a response in the shape of one API; ``status`` defaults to that of the code."""

    def __call__(
        self, error: ClientError, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """Return the response."""
        ...


def error_response(
    error: ClientError, status: int | None = None, headers: Mapping[str, str] | None = None
) -> JsonResponse:
    """Return ``{"error": {"message", "type", "param", "code"}}``; ``status`` defaults to that of the code.

    The error also has the ``correlation_id`` of the request, with which it is logged.
    """
    status = STATUS.get(error.code, 400) if status is None else status
    kind = "invalid_request_error" if status < 500 else "server_error"
    body = {"message": error.message, "type": kind, "param": error.param, "code": error.code, **error.details}
    if correlation_id := correlation.current():
        body["correlation_id"] = correlation_id
    return JsonResponse({"error": body}, status=status, headers=error_headers(error, status, headers))


def error_headers(error: ClientError, status: int, headers: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return ``headers`` and those that every error has, whatever the shape of its body; count the error."""
    client_errors.report("http", error.code, status=status)
    fields = {"Cache-Control": "no-store", **(headers or {})}
    if "retry_after" in error.details:
        fields["Retry-After"] = str(round(error.details["retry_after"]))
    if status == 401:
        fields["WWW-Authenticate"] = "Bearer"
    return fields
