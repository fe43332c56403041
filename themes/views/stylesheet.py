"""Serves the user's stylesheet."""

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from themes.css import stylesheet
from themes.owners import identity
from themes.store.queries import shipped_defaults
from themes.store.snapshot_cache import snapshot_cache


@require_safe
async def theme_css(request: HttpRequest) -> HttpResponseBase:
    """Return the CSS of the user's themes, which blocks the first paint of every page. Private, with an ETag."""
    who = await identity.afrom_request(request)
    shown = (await snapshot_cache.read(who)).on(who.device)
    css = stylesheet(shown, *shipped_defaults()).encode()
    tag = f'"{hashlib.sha256(css).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie"}
    whole = HttpResponse(css, content_type="text/css; charset=utf-8", headers=headers)
    return get_conditional_response(request, etag=tag, response=whole) or whole
