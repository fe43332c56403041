"""Access tokens of the HTTP API as immutable values; ``accounts.tokens`` stores them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, cast

from django.conf import settings
from django.utils.module_loading import import_string

from core.limits.subjects import TokenQuota

PREFIX: Final = "an_"
"""First characters of every token, by which users and secret scanners recognize one."""
SCOPES: Final = {
    "speak": "Speak and list voices",
    "say": "Speak in your open tabs",
    "themes": "Read and change your themes",
    "admin": "Read the server's state (staff only)",
}
"""The permissions of tokens, with descriptions for the account page."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A valid token: its account, permissions and own limits."""

    id: str
    name: str
    account: int
    scopes: frozenset[str]
    quota: TokenQuota


async def find_token(secret: str) -> AccessToken:
    """Return the token. Raises ``ApiError`` ``token_unknown`` or ``token_expired``, or ``StorageUnavailableError``.

    The setting ``API_TOKEN_BACKEND`` names the function that finds tokens, because this package imports no models.
    """
    find = cast("Callable[[str], Awaitable[AccessToken]]", import_string(settings.API_TOKEN_BACKEND))
    return await find(secret)
