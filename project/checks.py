"""System checks that prevent the server from starting with settings that weaken security."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from project.security.admin_networks import parse_networks
from project.security.csp import DIRECTIVES

REQUIRED_MIDDLEWARE = (
    "csp.middleware.CSPMiddleware",
    "project.security.headers.security_headers_middleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
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
        for source in sources if name != "report-uri" else ():
            if source not in ALLOWED_SOURCES:
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
