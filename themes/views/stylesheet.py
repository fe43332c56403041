"""The stylesheet of the person who asks."""

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from themes import identity
from themes.css import stylesheet
from themes.queries import shipped_defaults
from themes.snapshot_cache import snapshot_cache


@require_safe
async def theme_css(request: HttpRequest) -> HttpResponseBase:
    """The owner's themes, asked for by every page before it is drawn; nobody else may keep them."""
    who = await identity.afrom_request(request)
    shown = (await snapshot_cache.read(who)).on(who.device)
    css = stylesheet(shown, *shipped_defaults()).encode()
    tag = f'"{hashlib.sha256(css).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie"}
    whole = HttpResponse(css, content_type="text/css; charset=utf-8", headers=headers)
    return get_conditional_response(request, etag=tag, response=whole) or whole
