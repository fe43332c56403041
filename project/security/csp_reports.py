"""Endpoint for reports of violations of the Content Security Policy (CSP)."""

import json
import logging
import re
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_ratelimit.core import is_ratelimited

from core import metrics
from core.limits import registry
from core.limits.subjects import address_key

logger = logging.getLogger(__name__)

MAX_REPORT_BYTES = registry.MAX_CSP_REPORT_BYTES.default
RATE = f"{registry.CSP_REPORTS_PER_MINUTE.default}/m"
"""Reports per address, in django-ratelimit's notation. A broken page sends a few at once."""

VIOLATIONS: Counter[str] = Counter()
"""Violations of each directive since the process started."""

_DIRECTIVE = re.compile(r"[a-z-]{1,40}", re.ASCII)


@csrf_exempt  # Browsers send reports without a token; the server stores only a count.
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Count a report by its directive, and log it without text chosen by the client (log injection)."""
    if is_ratelimited(request, group="csp-report", key=address_key, rate=RATE, increment=True):
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    try:
        length = int(request.headers.get("Content-Length") or 0)
        reports = _reports(request.read(MAX_REPORT_BYTES + 1)) if length <= MAX_REPORT_BYTES else None
    except (ValueError, RecursionError, RequestDataTooBig):
        reports = None
    if reports is None:
        return HttpResponse(status=400)
    for report in reports:
        directive = _directive(report)
        VIOLATIONS[directive] += 1
        metrics.CSP_REPORTS.labels(directive).inc()
        logger.warning("CSP violation: %s blocked a resource from %s", directive, _origin(report))
    return HttpResponse(status=204)


def _reports(body: bytes) -> list[dict[str, Any]] | None:
    """Parse one report (``report-uri``) or a list of them (Reporting API). Returns ``None`` for any other JSON."""
    if len(body) > MAX_REPORT_BYTES:
        return None
    sent = json.loads(body)
    listed = sent if isinstance(sent, list) else [sent]
    if not 0 < len(listed) <= 10 or not all(isinstance(report, dict) for report in listed):
        return None
    inner = [report.get("csp-report", report.get("body")) for report in listed]
    return inner if all(isinstance(report, dict) for report in inner) else None


def _directive(report: dict[str, Any]) -> str:
    for name in ("effective-directive", "effectiveDirective", "violated-directive"):
        directive = str(report.get(name, "")).split(" ")[0]
        if _DIRECTIVE.fullmatch(directive):
            return directive if directive in KNOWN_DIRECTIVES else "other"
    return "other"


def _origin(report: dict[str, Any]) -> str:
    """Return the scheme of the blocked URL, or the browser's keyword; the client could choose the host and path."""
    blocked = str(report.get("blocked-uri", report.get("blockedURL", "")))[:200]
    if blocked in ("inline", "eval", "self", "data", "blob", "trusted-types-sink", "trusted-types-policy"):
        return blocked
    try:
        scheme = urlsplit(blocked).scheme
    except ValueError:
        return "an unknown source"
    known = scheme in ("http", "https", "ws", "wss", "data", "blob")
    return f"a {scheme} URL" if known else "an unknown source"


KNOWN_DIRECTIVES = frozenset(
    f"{kind}-src{part}"
    for kind in (
        "default",
        "script",
        "style",
        "connect",
        "img",
        "media",
        "font",
        "frame",
        "object",
        "worker",
        "manifest",
    )
    for part in ("", "-elem", "-attr")
) | {"form-action", "frame-ancestors", "base-uri", "require-trusted-types-for", "trusted-types", "worker-src"}
