"""A decorator for the views of the HTTP API: methods, cross-site requests and errors."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from core.api.cors import is_allowed_origin
from core.api.errors import ApiError, ErrorResponse, error_response
from core.errors import StorageUnavailableError
from core.web.same_site import is_cross_site

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def api_view(
    *methods: str, error_response: ErrorResponse = error_response, safe: tuple[str, ...] = ("GET", "HEAD")
) -> Callable[[View], View]:
    """Return a decorator that answers ``methods``, ``HEAD`` where there is ``GET``, and ``OPTIONS``.

    Other methods get 405. Requests with a method that is not ``safe`` and that a browser sends for a page of another
    site get 403, unless the page's origin is allowed (``API_CORS_ORIGINS``): the API has no CSRF tokens.
    ``ApiError`` becomes a response.
    """
    served = (*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS")
    allow = {"Allow": ", ".join(served)}

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        async def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "OPTIONS":
                response = HttpResponse(status=204, headers=allow)
                del response["Content-Type"]
                return response
            if request.method not in served:
                return error_response(
                    ApiError("method_unknown", f"Use the method {' or '.join(methods)}."), headers=allow
                )
            if request.method not in safe and is_cross_site(request) and not is_allowed_origin(request):
                return error_response(ApiError("cross_site", "Cross-site requests are not allowed."))
            try:
                return await view(request, *args, **kwargs)
            except (ApiError, StorageUnavailableError) as error:
                return error_response(error)

        # For the errors that occur before the view is called.
        answer.error_response = error_response  # type: ignore[attr-defined]
        return answer

    return decorate
