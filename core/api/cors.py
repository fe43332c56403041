"""Cross-origin resource sharing (CORS) of the HTTP API, for the origins in ``API_CORS_ORIGINS`` only."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

MAX_AGE_S = 600
"""Seconds for which a browser may cache a preflight response."""
ALLOWED_HEADERS = "authorization, content-type, x-request-id, xi-api-key"
EXPOSED_HEADERS = "Content-Disposition, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"


def is_allowed_origin(request: HttpRequest) -> bool:
    """Return whether the page that sent the request may use the API from another origin."""
    return request.headers.get("Origin", "") in settings.API_CORS_ORIGINS


def add_cors_headers(request: HttpRequest, response: HttpResponseBase) -> None:
    """Allow pages of an allowed origin to read the response, never with the browser's credentials (cookies)."""
    if not settings.API_CORS_ORIGINS:
        return
    patch_vary_headers(response, ("Origin",))
    if not is_allowed_origin(request):
        return
    response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
    response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, POST")
        response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = str(MAX_AGE_S)
