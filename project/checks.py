"""System checks: errors for settings that weaken security prevent the start; warnings name settings without effect."""

import os
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning

from core.storage.database_integrity import network_file_system
from project.security.admin_networks import parse_networks
from project.security.csp import DIRECTIVES, WORKER_POLICY

REQUIRED_MIDDLEWARE = (
    "csp.middleware.CSPMiddleware",
    "project.security.headers.security_headers_middleware",
    "django.middleware.security.SecurityMiddleware",
    "project.security.csrf.OriginAwareCsrfMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
ALLOWED_SOURCES = {"'none'", "'self'", "'script'"}
"""The only sources that the policy may contain: no ``unsafe-*``, other host, scheme or hash."""


@register(Tags.security)
def check_csp(**_kwargs: Any) -> Iterable[CheckMessage]:
    """Check that every page gets the CSP, enforced, with all directives and only allowed sources."""
    in_force = getattr(settings, "CONTENT_SECURITY_POLICY", None) or {}
    directives = in_force.get("DIRECTIVES", {})
    for name in REQUIRED_MIDDLEWARE:
        if name not in settings.MIDDLEWARE:
            yield Error(f"{name} is missing from MIDDLEWARE.", id="project.E001")
    for name in DIRECTIVES:
        if name not in directives:
            yield Error(f"The content security policy lacks {name}.", id="project.E002")
    for name, sources in directives.items():
        allowed = ALLOWED_SOURCES | ({WORKER_POLICY} if name == "trusted-types" else set())
        for source in sources if name != "report-uri" else ():
            if source not in allowed:
                yield Error(f"The directive {name} of the content security policy allows {source}.", id="project.E003")
    if in_force.get("EXCLUDE_URL_PREFIXES"):
        yield Error("The content security policy excludes some URLs.", id="project.E004")


@register(Tags.security)
def check_cookies_and_hosts(**_kwargs: Any) -> Iterable[CheckMessage]:
    """Check that session cookies are HttpOnly and SameSite, and that hosts, origins and proxies are restricted."""
    if not settings.SESSION_COOKIE_HTTPONLY or settings.SESSION_COOKIE_SAMESITE not in ("Lax", "Strict"):
        yield Error("The session cookie must be HttpOnly and SameSite.", id="project.E005")
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS allows every host, which permits DNS rebinding.",
            hint="List the host names and addresses of this server.",
            id="project.E006",
        )
    if "*" in settings.TRUSTED_ORIGINS:
        yield Error("TRUSTED_ORIGINS must list each origin; wildcards are not allowed.", id="project.E007")
    if any(network.prefixlen == 0 for network in parse_networks(settings.TRUSTED_PROXIES)):
        yield Error(
            "TRUSTED_PROXIES contains every address, so any client can forge its address.",
            hint="List only the networks of your proxies.",
            id="project.E008",
        )


@register(Tags.compatibility)
def check_names(**_kwargs: Any) -> Iterable[CheckMessage]:
    """Warn about environment variables with misspelled names of settings."""
    for name, meant in settings.MISSPELLED.items():
        hint = f"Did you mean {meant}?" if meant else "docs/configuration.md lists all settings."
        yield CheckWarning(f"{name} is no setting and has no effect.", hint=hint, id="project.W001")


@register(Tags.compatibility)
def check_reachable(**_kwargs: Any) -> Iterable[CheckMessage]:
    """Warn if the server accepts other machines, but no host name under which they can reach it."""
    local_names = {*settings.LOCAL_HOST_NAMES, "[::1]", "0.0.0.0"}  # noqa: S104 - compared, not bound
    if settings.HOST not in settings.LOCAL_HOST_NAMES and not set(settings.ALLOWED_HOSTS) - local_names:
        yield CheckWarning(
            f"HOST={settings.HOST} accepts other machines, but ALLOWED_HOSTS lists only names of this one.",
            hint="Add the name or address under which they reach it: ALLOWED_HOSTS=192.168.1.20",
            id="project.W002",
        )


@register(Tags.compatibility)
def check_owner(**_kwargs: Any) -> Iterable[CheckMessage]:
    """Warn if root uses another user's DATA_DIR: that user cannot use the files that root creates there."""
    if not hasattr(os, "geteuid"):
        return
    owner = settings.DATA_DIR.stat().st_uid
    if os.geteuid() == 0 and owner != 0:
        yield CheckWarning(
            f"DATA_DIR={settings.DATA_DIR} belongs to user {owner}, who cannot use files that root creates there.",
            hint=f"Run the command as that user: sudo -u '#{owner}' ...",
            id="project.W003",
        )


@register(Tags.compatibility)
def check_file_system(**_kwargs: Any) -> Iterable[CheckMessage]:
    """Warn if SQLite's database is on a network file system, whose locks can fail silently."""
    kind = network_file_system(settings.DATA_DIR) if not settings.DATABASE_URL else None
    if kind:
        yield CheckWarning(
            f"DATA_DIR={settings.DATA_DIR} is on a network file system ({kind}), where SQLite's locks can fail.",
            hint="Set DATA_DIR to a folder on a local disk, or use PostgreSQL: DATABASE_URL=postgresql://...",
            id="project.W004",
        )
