"""Checks that stop the start where a setting would weaken what the pages promise."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from project.csp import DIRECTIVES
from project.networks import networks

NEEDED_MIDDLEWARE = (
    "csp.middleware.CSPMiddleware",
    "project.headers.more_headers",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
STRICT = {"'none'", "'self'", "'script'"}
"""The only sources that the policy may name: nothing unsafe, no other host, no scheme, no hash."""


@register(Tags.security)
def policy_is_whole(**_kwargs: Any) -> Iterable[CheckMessage]:
    """Every page has the policy, enforced, with all its directives and without a hole in it."""
    in_force = getattr(settings, "CONTENT_SECURITY_POLICY", None) or {}
    directives = in_force.get("DIRECTIVES", {})
    for name in NEEDED_MIDDLEWARE:
        if name not in settings.MIDDLEWARE:
            yield Error(f"{name} is missing from MIDDLEWARE.", id="project.E001")
    for name in DIRECTIVES:
        if name not in directives:
            yield Error(f"The content security policy lacks {name}.", id="project.E002")
    for name, sources in directives.items():
        for source in sources if name != "report-uri" else ():
            if source not in STRICT:
                yield Error(f"The content security policy's {name} allows {source}.", id="project.E003")
    if in_force.get("EXCLUDE_URL_PREFIXES"):
        yield Error("The content security policy leaves some addresses out.", id="project.E004")


@register(Tags.security)
def cookies_and_hosts_are_safe(**_kwargs: Any) -> Iterable[CheckMessage]:
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
    if any(network.prefixlen == 0 for network in networks(settings.TRUSTED_PROXIES)):
        yield Error(
            "TRUSTED_PROXIES believes everybody, who could then claim to come from anywhere.",
            hint="Name the networks of your proxies.",
            id="project.E008",
        )
