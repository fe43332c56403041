"""Timings of the page in real browsers: which loads report them, and the endpoint that counts them.

A report consists of numbers only. It has no text, no identifier and no address, and the server stores only counts.
"""

import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_ratelimit.core import is_ratelimited

from core import metrics
from core.api.errors import ApiError, error_response
from core.limits import registry
from core.limits.subjects import address_key
from core.web.same_site import is_cross_site

MAX_BYTES = registry.MAX_PAGE_REPORT_BYTES.default
RATE = f"{registry.PAGE_REPORTS_PER_MINUTE.default}/m"
"""Reports per address, in django-ratelimit's notation."""
MAX_MS = 60_000
MAX_SWITCHES = 20
MAX_ERRORS = 100
"""Bounds of a report; the page sends nothing beyond them (``static/js/page-metrics.js``)."""
_ONCE = {"first_paint_ms": "first_paint", "connected_ms": "connected"}
"""The measure of the metric for each timing that a load reports once."""


@dataclass(frozen=True, slots=True)
class Report:
    """The valid contents of a report: milliseconds by measure, and the number of errors of scripts."""

    timings: tuple[tuple[str, float], ...]
    errors: int


async def is_measured(http: HttpRequest, account: int | None, draw: Callable[[], float] = random.random) -> bool:
    """Return whether this load of the page reports its timings.

    The server draws ``PAGE_METRICS_SHARE`` of the loads, without those of browsers and accounts that opt out. ``draw``
    returns a number in [0, 1).
    """
    if opts_out(http) or draw() >= settings.PAGE_METRICS_SHARE:
        return False
    if account is None:
        return True
    allowed: Callable[[int], bool] = import_string(settings.PAGE_METRICS_BACKEND)
    return await sync_to_async(allowed)(account)


def opts_out(http: HttpRequest) -> bool:
    """Return whether the browser sends Global Privacy Control or Do Not Track."""
    return "1" in (http.headers.get("Sec-GPC"), http.headers.get("DNT"))


@csrf_exempt  # sendBeacon sends no token; the server stores only counts.
@require_POST
def page_metrics(http: HttpRequest) -> HttpResponse:
    """Count a report. The server discards reports of browsers that opt out, and answers 204 as well."""
    if is_cross_site(http):
        return error_response(ApiError("cross_site", "Cross-site requests are not allowed."))
    if opts_out(http) or not settings.PAGE_METRICS_SHARE:
        return HttpResponse(status=204)
    if is_ratelimited(http, group="page-metrics", key=address_key, rate=RATE, increment=True):
        too_many = ApiError("limit_http", "Too many page metrics. Try again in a minute.")
        return error_response(too_many, headers={"Retry-After": "60"})
    try:
        report = parse(_body(http))
    except ApiError as error:
        return error_response(error)
    for measure, ms in report.timings:
        metrics.PAGE_TIMES.labels(measure).observe(ms / 1000)
    metrics.PAGE_ERRORS.inc(report.errors)
    metrics.PAGE_REPORTS.inc()
    return HttpResponse(status=204)


def parse(body: bytes) -> Report:
    """Return the report in ``body``. Raises ``ApiError`` for any other content, also for a part of it."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError("body_invalid", "The body must be a JSON object.") from None
    if not isinstance(sent, dict) or not sent or not sent.keys() <= {*_ONCE, "theme_switch_ms", "errors"}:
        fields = ", ".join((*_ONCE, "theme_switch_ms", "errors"))
        raise ApiError("body_invalid", f"The body must be a JSON object with some of the fields {fields}.")
    timings = [(_ONCE[name], _milliseconds(sent[name], name)) for name in _ONCE if name in sent]
    switches = sent.get("theme_switch_ms", [])
    if not isinstance(switches, list) or len(switches) > MAX_SWITCHES:
        raise _invalid("theme_switch_ms", f"a list of at most {MAX_SWITCHES} numbers")
    timings += [("theme_switch", _milliseconds(ms, "theme_switch_ms")) for ms in switches]
    errors = sent.get("errors", 0)
    if type(errors) is not int or not 0 <= errors <= MAX_ERRORS:
        raise _invalid("errors", f"an integer from 0 to {MAX_ERRORS}")
    return Report(tuple(timings), errors)


def _body(http: HttpRequest) -> bytes:
    """Return the body. Raises ``ApiError`` if it is too large."""
    try:
        declared = int(http.headers.get("Content-Length") or 0)
        body = http.read(MAX_BYTES + 1) if declared <= MAX_BYTES else b""
    except (ValueError, RequestDataTooBig):
        declared, body = MAX_BYTES + 1, b""
    if declared > MAX_BYTES or len(body) > MAX_BYTES:
        raise ApiError("body_too_large", f"The body may have {MAX_BYTES} bytes.")
    return body


def _milliseconds(value: Any, name: str) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value <= MAX_MS:
        raise _invalid(name, f"milliseconds from 0 to {MAX_MS}")
    return float(value)


def _invalid(name: str, expected: str) -> ApiError:
    return ApiError("body_invalid", f"{name} must be {expected}.", param=name)
