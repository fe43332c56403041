"""Serves the service worker, the page that it stores, and the web app manifest."""

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from terminal.offline.release import SCRIPT, current

BACKGROUND = "#0f172a"
"""The background of the default theme and of the icons. The page's ``theme-color`` follows the user's theme."""
ICONS = (
    ("icons/icon-192.png", 192, "any"),
    ("icons/icon-512.png", 512, "any"),
    ("icons/maskable-512.png", 512, "maskable"),
)
"""Name, pixels and purpose; ``scripts/icons.py`` makes them of ``favicon.svg``."""


@cache_control(no_cache=True)
@require_safe
def service_worker(_http: HttpRequest) -> HttpResponseBase:
    """Return the script of the service worker; without OFFLINE_PAGE, one that removes an installed worker."""
    root = reverse("terminal")
    if settings.OFFLINE_PAGE:
        release = current()
        config = {
            "root": root,
            "staticRoot": settings.STATIC_URL,
            "release": release.name,
            "shell": reverse("offline-page", args=[release.name]),
            "files": release.files,
            "maxSharedBytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        }
        call = f"start(self, {json.dumps(config)});"
    else:
        call = f"retire(self, {json.dumps(root)});"
    name = call.partition("(")[0]
    script = f"import {{ {name} }} from {json.dumps(static(SCRIPT))};\n{call}\n"
    # The header tells the security headers that the response is a worker, which needs a policy of its own.
    return HttpResponse(script, content_type="text/javascript", headers={"Service-Worker-Allowed": root})


@gzip_page
@require_safe
def offline_page(_http: HttpRequest, release: str) -> HttpResponseBase:
    """Return the page for a browser without a network, the same for all users.

    Raises ``Http404`` for another release: while several servers are updated one by one, a worker must not store the
    page of one release with the modules of another.
    """
    if not settings.OFFLINE_PAGE or release != current().name:
        raise Http404
    return HttpResponse(current().shell, headers={"Cache-Control": "no-store"})


@cache_control(public=True, max_age=3600)
@require_safe
def manifest(_http: HttpRequest) -> HttpResponseBase:
    """Return the web app manifest, the same for all users: browsers request it without cookies."""
    root = reverse("terminal")
    icons: list[dict[str, Any]] = [
        {"src": static(name), "sizes": f"{pixels}x{pixels}", "type": "image/png", "purpose": purpose}
        for name, pixels, purpose in ICONS
    ]
    pages = (("User manual", "manual"), ("Themes", "themes"), ("Account", "accounts:account"))
    content = {
        "id": root,
        "name": "Alphanumeric",
        "short_name": "Alphanumeric",
        "description": "Type, paste or share a text and hear it immediately, in a neural voice.",
        "lang": "en",
        "start_url": root,
        "scope": root,
        "display": "standalone",
        # A shared text opens a window of its own, so that it interrupts nothing that is spoken.
        "launch_handler": {"client_mode": "navigate-new"},
        "background_color": BACKGROUND,
        "theme_color": BACKGROUND,
        "categories": ["productivity", "utilities"],
        "icons": [{"src": static("favicon.svg"), "sizes": "any", "type": "image/svg+xml"}, *icons],
        "shortcuts": [
            {"name": name, "url": reverse(view), "icons": [{"src": icons[0]["src"], "sizes": icons[0]["sizes"]}]}
            for name, view in pages
        ],
        "share_target": {
            "action": reverse("share"),
            "method": "POST",
            "enctype": "application/x-www-form-urlencoded",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }
    return JsonResponse(content, content_type="application/manifest+json")
