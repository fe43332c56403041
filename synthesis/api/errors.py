"""Convert speech errors to HTTP responses: status, JSON body and headers."""

from django.http import JsonResponse

from core.api.errors import STATUS as API_STATUS
from core.api.errors import ApiError, ClientError
from core.api.errors import error_response as api_error_response
from core.limits.quotas import QuotaStatus
from core.limits.rate_limit_headers import rate_limit_headers
from synthesis.errors import SpeechError

STATUS = {
    **API_STATUS,
    "limit_requests": 429,
    "limit_characters": 429,
    "limit_utterances": 429,
    "limit_sockets": 429,
    "engine_failed": 500,
    "busy": 503,
    "not_ready": 503,
    "timeout": 503,
}
"""HTTP status by error code; 400 for all others."""


def error_status(error: ClientError) -> int:
    """Return the HTTP status of an error; 400 unless ``STATUS`` has its code."""
    return STATUS.get(error.code, 400)


def error_response(error: SpeechError | ApiError) -> JsonResponse:
    """Return an error in the format of OpenAI's API. The API calls the text ``input``."""
    if error.param == "text":
        error = SpeechError(error.code, error.message, param="input", **error.details)
    return api_error_response(error, error_status(error), error_headers(error))


def error_headers(error: SpeechError | ApiError) -> dict[str, str]:
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
