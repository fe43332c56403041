"""A decorator for the JSON views that only this site's page calls."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from core.api.errors import ApiError, ClientError
from core.api.errors import error_response as core_error_response
from core.errors import StorageUnavailableError
from core.web.same_site import same_site_only
from synthesis.api.errors import error_headers, error_status
from synthesis.errors import SpeechError

View = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
JsonView = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def page_api(method: str) -> Callable[[View], JsonView]:
    """Return a decorator that answers ``method`` with the view's object, or with its error, as JSON.

    Requests that change something are refused if a browser sends them for a page of another site, as on the websocket.
    """

    def decorate(view: View) -> JsonView:
        @csrf_exempt  # Cross-site requests are refused.
        @same_site_only
        @wraps(view)
        async def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method != method:
                return error_response(ApiError("method_unknown", f"Use the method {method}."))
            try:
                return JsonResponse(await view(request, *args, **kwargs), headers={"Cache-Control": "no-store"})
            except (ApiError, SpeechError, StorageUnavailableError) as error:
                return error_response(error)

        return answer

    return decorate


def error_response(error: ApiError | SpeechError | StorageUnavailableError) -> JsonResponse:
    """Return an error as JSON, with its status."""
    client_error: ClientError = error
    headers = {} if isinstance(error, StorageUnavailableError) else error_headers(error)
    return core_error_response(client_error, error_status(client_error), headers)


def text_field(fields: dict[str, Any], name: str, *, needed: bool = False) -> str:
    """Return a string of a request, empty if it is missing. Raises ``ApiError``."""
    value = fields.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value):
        raise ApiError("field_invalid", f"The parameter {name} must be a string.", param=name)
    return value
