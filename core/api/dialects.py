"""The dialects, speech APIs of other servers that this server answers, and which requests are the HTTP API's. Pure."""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

DIALECTS: Final = ("elevenlabs", "coqui", "marytts", "piper")
"""Names in the setting ``API_DIALECTS``; all are enabled by default."""
PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "/v2/voices": ("elevenlabs",),
    "/api/tts": ("coqui",),
    "/process": ("marytts",),
    "/locales": ("marytts",),
    "/version": ("marytts",),
    "/audioformats": ("marytts",),
    "/voices": ("marytts", "piper"),
    "/synthesize": ("piper",),
    "/info": ("piper",),
}
"""Paths outside of ``/v1/``, with the dialects that have them."""
_SLASHES = re.compile("/{2,}")


def api_path(path: str, method: str, content_type: str, enabled: Collection[str]) -> str | None:
    """Return the path of a request to the API without doubled and trailing slashes, ``None`` for other requests.

    Clients join a base URL that ends with a slash and a path that begins with one. ``enabled`` are names of dialects.
    Piper's older servers speak at ``/``, where this server has its page, whose form is not JSON.
    """
    if path.startswith("/v1"):
        path = _SLASHES.sub("/", path).rstrip("/")
        return path if path == "/v1" or path.startswith("/v1/") else None
    if path == "/" and method == "POST" and content_type == "application/json" and "piper" in enabled:
        return "/synthesize"
    path = path.rstrip("/")
    return path if any(name in enabled for name in PATHS.get(path, ())) else None


def is_api_scope(scope: Mapping[str, Any], enabled: Collection[str]) -> bool:
    """Return whether ``api_path`` returns a path for the request of an ASGI scope."""
    content_type = dict(scope["headers"]).get(b"content-type", b"").split(b";")[0].strip().lower()
    return api_path(scope["path"], scope["method"], content_type.decode("latin1"), enabled) is not None
