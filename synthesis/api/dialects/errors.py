"""Errors in the shapes of dialects that have a simple one: a JSON object with ``error``, or a line of text."""

from collections.abc import Mapping

from django.http import HttpResponse, JsonResponse

from core.api.errors import STATUS, ClientError, error_headers

TEXT = "text/plain; charset=utf-8"


def json_error(error: ClientError, status: int | None = None, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return ``{"error": message, "code", "param"}``: clients of Coqui's server expect a string in ``error``."""
    status = STATUS.get(error.code, 400) if status is None else status
    body = {"error": error.message, "code": error.code, "param": error.param, **error.details}
    return JsonResponse(body, status=status, headers=error_headers(error, status, headers))


def text_error(error: ClientError, status: int | None = None, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return the message and the code as a line of text, which clients of MaryTTS show."""
    status = STATUS.get(error.code, 400) if status is None else status
    line = f"{error.message} ({error.code})\n"
    return HttpResponse(line, content_type=TEXT, status=status, headers=error_headers(error, status, headers))
