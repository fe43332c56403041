"""Exports all stored data of an account."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser, User

from accounts import sessions, tokens
from accounts.models import caches_speech, reports_page_metrics
from themes.appearance import ThemeView
from themes.owners.identity import Identity
from themes.store import queries

_parts: dict[str, Callable[[User | AnonymousUser], Any]] = {}


def register_part(name: str, read: Callable[[User | AnonymousUser], Any]) -> None:
    """Add what another package stores about an account to its export, as the field ``name``."""
    _parts[name] = read


def own_themes(who: Identity) -> list[ThemeView]:
    """Return the user's own themes."""
    return [theme for theme in queries.list_available(who) if theme.own]


def export_account(user: User | AnonymousUser, who: Identity) -> dict[str, Any]:
    """Return all stored data except the password, of which only a hash is stored."""
    state = queries.snapshot(who)
    return {
        "format": "alphanumeric-account",
        "version": 1,
        "name": user.get_username(),
        "joined": user.date_joined if user.is_authenticated else None,
        "signed_in": user.last_login if user.is_authenticated else None,
        "sessions": _sessions(user),
        "tokens": _tokens(user),
        "sent_texts": _sent_texts(user),
        "voices": _voices(user),
        "cache_speech": user.pk is not None and caches_speech(user.pk),
        "page_metrics": user.pk is not None and reports_page_metrics(user.pk),
        **{name: read(user) for name, read in _parts.items()},
        "minimum_contrast": state.minimum_contrast,
        "preference": _preference(state.general),
        "devices": [_preference(shown) for shown in state.devices.values()],
        "themes": [theme.to_dict() for theme in own_themes(who)],
    }


def _sessions(user: User | AnonymousUser) -> list[dict[str, Any]]:
    places = sessions.list_sessions(user) if isinstance(user, User) else []
    return [
        {"browser": place.user_agent, "signed_in": place.signed_in_at, "seen": place.last_seen_at} for place in places
    ]


def _tokens(user: User | AnonymousUser) -> list[dict[str, Any]]:
    rows = tokens.list_tokens(user) if isinstance(user, User) else []
    fields = (
        "name",
        "scopes",
        "created_at",
        "expires_at",
        "last_used_at",
        "requests_per_minute",
        "characters_per_minute",
    )
    return [{field: getattr(row, field) for field in fields} for row in rows]


def _sent_texts(user: User | AnonymousUser) -> list[dict[str, Any]]:
    """Return the texts of programs that wait for a tab."""
    fields = ("sender", "title", "text", "voice", "speed", "created_at")
    return list(user.sent_texts.values(*fields)) if isinstance(user, User) else []


def _voices(user: User | AnonymousUser) -> dict[str, Any]:
    """Return the favorite voices, and the default voices by language."""
    row = getattr(user, "voice_choices", None)
    return {"favorites": row.favorites, "defaults": row.defaults} if row is not None else {}


def _preference(shown: tuple[str, ThemeView, ThemeView]) -> dict[str, str]:
    mode, dark, light = shown
    return {"mode": mode, "dark": dark.id, "light": light.id}
