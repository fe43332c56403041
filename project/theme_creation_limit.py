"""What is kept by way of the pages, counted as what comes by the socket is, and together with it."""

from django.core.cache import caches
from django.http import HttpRequest

from core.quotas import FixedWindowCounter
from core.subjects import subject_for, user_id_of
from synthesis.limits.rate_limiter import THEME_CREATIONS_PER_MINUTE
from themes.errors import ThemeError


def charge_theme_creation(request: HttpRequest) -> None:
    """Count a theme that is about to be made. Raises ``ThemeError`` ``limit_theme_creations``."""
    subject = subject_for(user_id_of(request.user), request.META.get("REMOTE_ADDR"))
    kept = FixedWindowCounter(caches["limits"], "kept").consume(subject.key, 1, THEME_CREATIONS_PER_MINUTE)
    if not kept.allowed:
        raise ThemeError(
            "limit_theme_creations",
            f"That is more than {kept.limit} new themes in a minute. Try again in {kept.reset_in_s} s.",
            limit=kept.limit,
            value=kept.used,
            retry_after=kept.reset_in_s,
        )
