"""Errors in the shape of ElevenLabs' API."""

from collections.abc import Mapping
from typing import Any

from django.http import JsonResponse

from core.api.errors import STATUS, ClientError, error_headers

STATUSES = {
    "token_missing": "needs_authorization",
    "token_unknown": "invalid_api_key",
    "token_expired": "invalid_api_key",
    "scope_missing": "missing_permissions",
    "voice_unknown": "voice_not_found",
}
"""ElevenLabs' names of errors, by our code; the others have none, and keep the code."""
NOT_FOUND = "voice_unknown"
FIELDS = {"input": "text", "voice": "voice_id", "speaker": "voice_id", "speed": "voice_settings.speed"}
"""ElevenLabs' names of our parameters."""


def detail_of(error: ClientError) -> dict[str, Any]:
    """Return the fields of an error: ``status`` is ElevenLabs' name of it, ``code`` ours."""
    param = FIELDS.get(error.param or "", error.param)
    status = STATUSES.get(error.code, error.code)
    return {"status": status, "message": error.message, "param": param, "code": error.code, **error.details}


def error_response(
    error: ClientError, status: int | None = None, headers: Mapping[str, str] | None = None
) -> JsonResponse:
    """Return ``{"detail": {"status", "message", "param", "code"}}``."""
    status = STATUS.get(error.code, 400) if status is None else status
    status = 404 if error.code == NOT_FOUND else status
    return JsonResponse({"detail": detail_of(error)}, status=status, headers=error_headers(error, status, headers))
