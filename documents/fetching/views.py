"""The view that opens a URL as a document, where the operator allows it."""

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.api.errors import error_response
from core.limits import registry
from core.limits.quotas import FixedWindowCounter
from core.web.same_site import same_site_only
from documents.errors import DocumentError
from documents.fetching.addresses import AddressPolicy
from documents.places import Places
from documents.views import charge, extracted, user_key

PER_MINUTE = registry.URLS_PER_MINUTE.default
MAX_BODY_BYTES = 4 * registry.MAX_URL_CHARACTERS.default
_opened = FixedWindowCounter(caches["limits"], "document-urls")
_places = Places(registry.MAX_FETCHES_PER_USER.default, registry.MAX_FETCHES.default)


@csrf_exempt  # The decorator below refuses other sites; the page has no token, because it works without cookies.
@same_site_only
@require_POST
async def fetch(http: HttpRequest) -> HttpResponseBase:
    """Return the text at the URL in the body, ``{"url"}``, as ``documents.views.extract`` does for files.

    If the browser disconnects, the fetch is cancelled.
    """
    try:
        if not settings.DOCUMENT_URLS_ENABLED:
            message = "This server opens no addresses. Save the page as a file, and open that."
            raise DocumentError("url_disabled", message)
        url = _url(http)
        user = await user_key(http)
        await charge(_opened, user, PER_MINUTE, "addresses")
        with _places.of(user):
            found = await fetcher().fetch(url, settings.DOCUMENT_MAX_MB * 2**20)
        return await extracted(http, found.data, found.extension, user)
    except DocumentError as error:
        return error_response(error, error.status)


@cache
def fetcher() -> Any:
    """Return the fetcher of this process. Loads the HTTP client, which servers without URLs do not need."""
    from documents.fetching.fetcher import Fetcher

    policy = AddressPolicy.of(settings.DOCUMENT_URL_ALLOWED_NETWORKS, settings.DOCUMENT_URL_BLOCKED_NETWORKS)
    return Fetcher(policy, settings.DOCUMENT_URL_PORTS)


def _url(http: HttpRequest) -> str:
    """Return the URL in the body. Raises ``DocumentError``."""
    try:
        url = json.loads(http.read(MAX_BODY_BYTES))["url"]
    except (ValueError, TypeError, KeyError, RecursionError, RequestDataTooBig):
        url = None
    if not isinstance(url, str):
        raise DocumentError("url_invalid", 'The body must be {"url": "https://..."}.')
    return url.strip()
