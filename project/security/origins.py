"""Validates the origins in ``API_CORS_ORIGINS``."""

import re

from environs import ValidationError

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/*\s?#@]+", re.ASCII)


def check_cors_origins(origins: list[str]) -> list[str]:
    """Return the origins, each a scheme and a host. Raises ``ValidationError``, which names the invalid origin.

    Unlike ``TRUSTED_ORIGINS``, they can have the schemes and hosts of programs, such as ``app://-`` of Electron.
    """
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValidationError(
                f"{origin!r} is not an origin such as https://chat.example.com; wildcards are not allowed."
            )
    return origins
