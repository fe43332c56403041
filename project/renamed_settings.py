"""Environment variables that were renamed in version 0.2.0."""

from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

RENAMED = {
    "ADMIN_NETWORKS": "ADMIN_ALLOWED_NETWORKS",
    "ADMIN_SECOND_FACTOR": "ADMIN_REQUIRE_2FA",
    "PHRASES_MB": "SEGMENT_CACHE_MB",
    "SIGN_UP": "SIGN_UP_ENABLED",
    "SYNTHESIS_UTTERANCES": "SYNTHESIS_MAX_CONCURRENT",
    "SYNTHESIS_VOICES_LOADED": "SYNTHESIS_MAX_LOADED_VOICES",
    "TLS": "BEHIND_TLS_PROXY",
}


def reject_old_names(environment: Mapping[str, str]) -> None:
    """Raise ``ImproperlyConfigured`` for a variable under its old name: ignoring it could expose the admin or
    disable TLS.
    """
    found = [f"{old} is now {new}" for old, new in RENAMED.items() if old in environment]
    if found:
        raise ImproperlyConfigured(f"Rename these settings, in .env or in the environment: {'; '.join(found)}.")
