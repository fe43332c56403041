"""The rate limit on new themes, the same for the socket and for the pages."""

from django.core.cache import caches

from core.limits import registry
from core.limits.quotas import FixedWindowCounter
from core.limits.subjects import RateLimitSubject
from themes.errors import ThemeError

THEME_CREATIONS_PER_MINUTE = registry.THEME_CREATIONS_PER_MINUTE.default
"""Themes per minute for each account or address. Users create a few; the limit stops programs that fill the disk."""


def charge_theme_creation(subject: RateLimitSubject) -> None:
    """Count a theme before it is created; blocks, as the cache may be remote.

    Raises ``ThemeError`` ``limit_theme_creations``.
    """
    quota = FixedWindowCounter(caches["limits"], "kept").consume(subject.key, 1, THEME_CREATIONS_PER_MINUTE)
    if not quota.allowed:
        raise ThemeError(
            "limit_theme_creations",
            f"The limit is {quota.limit} new themes per minute. Try again in {quota.reset_in_s} s.",
            limit=quota.limit,
            value=quota.used,
            retry_after=quota.reset_in_s,
        )
