"""What the service worker of this release stores: static files, and a page that is the same for all users."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static

from core.limits import registry
from terminal.views import SPEEDS

SCRIPT = "js/offline/service-worker.js"
ONLINE_ONLY = ("css/pages.css",)
"""Files of server-rendered pages, which are not stored."""


@dataclass(frozen=True, slots=True)
class Release:
    """The contents of a release: its name, the URLs of its files, and the HTML of its page."""

    name: str
    files: tuple[str, ...]
    shell: str


@cache
def current() -> Release:
    """Return the release that this process serves. Cached for the lifetime of the process, like the file names.

    The name is a hash of the page and of the URLs of all files, whose names contain hashes of their content.
    """
    root = Path(settings.BASE_DIR) / "static"
    names = sorted(
        path.relative_to(root).as_posix() for folder in ("js", "css") for path in (root / folder).rglob("*.*")
    )
    files = tuple(static(name) for name in [*names, "favicon.svg"] if name not in (*ONLINE_ONLY, SCRIPT))
    shell = _shell()
    digest = hashlib.sha256("\n".join([static(SCRIPT), *files, shell]).encode()).hexdigest()
    return Release(digest[:16], files, shell)


def _shell() -> str:
    """Render the page without a request, so that nothing of a user or a session can be in it."""
    limits = {"text": registry.MAX_TEXT_LENGTH.default, "file_mb": settings.DOCUMENT_MAX_MB}
    theme = {"theme": {"name": "Default"}}
    return render_to_string(
        "terminal.html",
        {
            "shell": True,
            "offline": True,
            "color_scheme": "dark light",
            "theme_mode": "system",
            "theme_dark": theme,
            "theme_light": theme,
            # Replaced when the page is connected.
            "voices": [{"id": "", "name": "default", "sample_rate": 0}],
            "speed": "1.0",
            "speeds": SPEEDS,
            "limits": limits,
        },
    )
