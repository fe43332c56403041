"""Rejects combinations of settings with which the server is unusable."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def check_combinations(settings: Mapping[str, Any]) -> None:
    """Raise ``ImproperlyConfigured`` for a combination with which the server could not be used."""
    if settings["BEHIND_TLS_PROXY"] and not settings["TRUSTED_PROXIES"]:
        raise ImproperlyConfigured(
            "BEHIND_TLS_PROXY=true needs TRUSTED_PROXIES, the address of the proxy (such as 127.0.0.1): otherwise its "
            "X-Forwarded-Proto is ignored, and every request is redirected to its own address forever."
        )
