"""Rejects forms in encodings other than UTF-8 before Django decodes them."""

import codecs
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from django.views.defaults import bad_request

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@sync_and_async_middleware
def utf8_forms(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Answer 400 to a form whose ``charset`` is not UTF-8, or is unknown."""
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            return bad_request(request, ValueError()) if _is_foreign(request) else await get_response(request)

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        answer: HttpResponseBase = bad_request(request, ValueError()) if _is_foreign(request) else get_response(request)
        return answer

    return handle


def _is_foreign(request: HttpRequest) -> bool:
    charset = (request.content_params or {}).get("charset")
    if charset is None or request.content_type not in FORMS:
        return False
    try:
        return codecs.lookup(charset).name != "utf-8"
    except (LookupError, ValueError):
        return True
