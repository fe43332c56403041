"""Convert speech errors to HTTP responses: status, JSON body and headers."""

from django.http import JsonResponse

from core.limits.quotas import QuotaStatus
from core.limits.rate_limit_headers import rate_limit_headers
from synthesis.errors import SpeechError

STATUS = {
    "address_unknown": 404,
    "method_unknown": 405,
    "body_too_large": 413,
    "media_type": 415,
    "limit_requests": 429,
    "limit_characters": 429,
    "limit_utterances": 429,
    "engine_failed": 500,
    "busy": 503,
    "not_ready": 503,
    "timeout": 503,
}


def error_status(error: SpeechError) -> int:
    """Return the HTTP status of an error; 400 unless ``STATUS`` has its code."""
    return STATUS.get(error.code, 400)


def error_response(error: SpeechError) -> JsonResponse:
    """Return an error in the format of OpenAI's API."""
    status = error_status(error)
    kind = "invalid_request_error" if status < 500 else "server_error"
    body = {"message": error.message, "type": kind, "param": error.param, "code": error.code, **error.details}
    headers = error_headers(error) | ({"Allow": "POST"} if status == 405 else {})
    return JsonResponse({"error": body}, status=status, headers=headers)


def error_headers(error: SpeechError) -> dict[str, str]:
    """Return ``Retry-After``, and the RateLimit headers if a quota was exceeded, for an error that has them."""
    if "retry_after" not in error.details:
        return {}
    wait = round(error.details["retry_after"])
    fields = {"Retry-After": str(wait)}
    if error.code in ("limit_requests", "limit_characters"):
        limit, used = error.details["limit"], error.details["value"]
        fields |= rate_limit_headers(error.code.removeprefix("limit_"), limit, max(0, limit - used), wait)
    return fields


def quota_headers(quota: QuotaStatus) -> dict[str, str]:
    """Return the RateLimit headers of the request quota."""
    return rate_limit_headers("requests", quota.limit, quota.remaining, quota.reset_in_s)
