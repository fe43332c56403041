"""What is kept by way of the pages, counted as what comes by the socket is, and together with it."""

from django.core.cache import caches
from django.http import HttpRequest

from synthesis.admission import KEPT_A_MINUTE, account_of, subject_of
from synthesis.quota import Meter
from themes.errors import ThemeError


def count_new(request: HttpRequest) -> None:
    """Count a theme that is about to be made. Raises ``ThemeError`` ``limit_theme_creations``."""
    subject = subject_of(account_of(request.user), request.META.get("REMOTE_ADDR"))
    kept = Meter(caches["limits"], "kept").take(subject.key, 1, KEPT_A_MINUTE)
    if not kept.granted:
        raise ThemeError(
            "limit_theme_creations",
            f"That is more than {kept.limit} new themes in a minute. Try again in {kept.resets_in_s} s.",
            limit=kept.limit,
            value=kept.used,
            retry_after=kept.resets_in_s,
        )
