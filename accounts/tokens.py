"""Creates, finds and revokes the access tokens of the HTTP API."""

import hashlib
import secrets
import time
import uuid
from collections import OrderedDict
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from accounts.models import ApiToken
from core.api.errors import ApiError
from core.api.tokens import PREFIX, AccessToken
from core.limits import registry
from core.limits.subjects import TokenQuota
from core.storage import database

SECRET_BYTES = 32
HINT_CHARACTERS = len(PREFIX) + 5
MAX_TOKENS = registry.MAX_TOKENS.default
"""Tokens of one account."""
TOUCH_INTERVAL_S = 60.0
"""Shortest time between two writes of a token's ``last_used_at``."""
MAX_TOUCHED = 10_000
MAX_SECRET_LENGTH = 200
UNKNOWN = "This token is unknown or was revoked. Create one at /accounts/tokens/."

_touched: OrderedDict[uuid.UUID, float] = OrderedDict()


def create_token(
    user: User,
    name: str,
    scopes: list[str],
    *,
    expires_at: datetime | None = None,
    requests_per_minute: int | None = None,
    characters_per_minute: int | None = None,
) -> tuple[ApiToken, str]:
    """Store a new token and return it with its secret, which cannot be read again."""
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        digest=_digest(secret),
        hint=secret[:HINT_CHARACTERS],
        scopes=scopes,
        expires_at=expires_at,
        requests_per_minute=requests_per_minute,
        characters_per_minute=characters_per_minute,
    )
    return token, secret


async def find_token(secret: str) -> AccessToken:
    """Return the valid token with this secret, as ``core.api.tokens.find_token`` does.

    Reads the database each time: revoked tokens and tokens of deactivated accounts are rejected immediately.
    """
    row = await database.read(lambda: _find(secret))
    if row is None:
        raise ApiError("token_unknown", UNKNOWN)
    if row.has_expired:
        raise ApiError("token_expired", "This token has expired. Create one at /accounts/tokens/.")
    if _is_due(row.pk):
        await database.write_later(lambda: ApiToken.objects.filter(pk=row.pk).update(last_used_at=timezone.now()))
    quota = TokenQuota(f"token.{row.pk}", row.requests_per_minute, row.characters_per_minute)
    scopes = set(row.scopes) if row.user.is_staff else set(row.scopes) - {"admin"}
    return AccessToken(str(row.pk), row.name, row.user_id, frozenset(scopes), quota)


def list_tokens(user: User) -> list[ApiToken]:
    """Return the account's tokens, the newest first, including expired ones."""
    return list(ApiToken.objects.filter(user=user))


def revoke_token(user: User, name: str) -> str | None:
    """Delete the account's token with that id, and return its name; ``None`` if the account has no such token."""
    try:
        row = ApiToken.objects.filter(user=user, pk=uuid.UUID(name)).first()
    except ValueError:
        return None
    if row is None:
        return None
    row.delete()
    return row.name


def revoke_all(user: User) -> None:
    """Delete all tokens of the account."""
    ApiToken.objects.filter(user=user).delete()


def expiry(days: int) -> datetime | None:
    """Return the time in ``days`` days; ``None`` for 0, which means never."""
    return timezone.now() + timedelta(days=days) if days else None


def _find(secret: str) -> ApiToken | None:
    if len(secret) > MAX_SECRET_LENGTH:
        return None
    # The secret has 256 random bits, so neither a salt nor a slow hash is needed, and the time of the look-up reveals
    # nothing that helps to guess one.
    return ApiToken.objects.select_related("user").filter(digest=_digest(secret), user__is_active=True).first()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _is_due(token: uuid.UUID) -> bool:
    now = time.monotonic()
    if now - _touched.get(token, float("-inf")) < TOUCH_INTERVAL_S:
        return False
    _touched[token] = now
    _touched.move_to_end(token)
    while len(_touched) > MAX_TOUCHED:
        _touched.popitem(last=False)
    return True
