"""Checks that stop the start where a setting would weaken what the pages promise."""

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
"""The only sources that the policy may name: nothing unsafe, no other host, no scheme, no hash."""


@register(Tags.security)
def check_csp(**_kwargs: Any) -> Iterable[CheckMessage]:
    """Every page has the policy, enforced, with all its directives and without a hole in it."""
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
                yield Error(f"The content security policy's {name} allows {source}.", id="project.E003")
    if in_force.get("EXCLUDE_URL_PREFIXES"):
        yield Error("The content security policy leaves some addresses out.", id="project.E004")


@register(Tags.security)
def check_cookies_and_hosts(**_kwargs: Any) -> Iterable[CheckMessage]:
    """Sessions cannot be read by scripts or sent by other sites, and the host's name is checked."""
    if not settings.SESSION_COOKIE_HTTPONLY or settings.SESSION_COOKIE_SAMESITE not in ("Lax", "Strict"):
        yield Error("The session's cookie must be HttpOnly and SameSite.", id="project.E005")
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS allows every name, so that other sites could pose as this one (DNS rebinding).",
            hint="List the names and addresses by which this machine is reached.",
            id="project.E006",
        )
    if "*" in settings.TRUSTED_ORIGINS:
        yield Error("TRUSTED_ORIGINS must name origins one by one.", id="project.E007")
    if any(network.prefixlen == 0 for network in parse_networks(settings.TRUSTED_PROXIES)):
        yield Error(
            "TRUSTED_PROXIES believes everybody, who could then claim to come from anywhere.",
            hint="Name the networks of your proxies.",
            id="project.E008",
        )
