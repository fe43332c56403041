"""Exports spans to an OpenTelemetry collector (OTLP over HTTP), if the standard environment variables name one.

A span has the fields of its log line (``core.logs.events``) without addresses: never a text or a token. The packages of
the extra ``otlp`` are imported only if a collector is named.
"""

import hashlib
import re
import threading
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from urllib.parse import urlsplit

from core.logs import correlation
from core.logs.events import Field, add_span_sink

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
PROTOCOL = "http/protobuf"
NOT_EXPORTED = {"address"}
"""Fields of log lines that identify clients."""
STOP_S = 3.0
"""Seconds that the export of the last spans may delay the end of the process."""

_HEXADECIMAL = re.compile(r"[0-9a-f]{32}", re.ASCII)


class TracingError(Exception):
    """The environment variables of the export contradict each other, or the server does not support them."""


def endpoint(environment: Mapping[str, str]) -> str:
    """Return the collector's URL from the standard variables; empty if spans are not exported."""
    exporter = environment.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower()
    disabled = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    if disabled or exporter == "none":
        return ""
    return next((environment[name] for name in ENDPOINTS if environment.get(name)), "")


def check_tracing(environment: Mapping[str, str]) -> None:
    """Raise ``TracingError`` if spans are to be exported and cannot be."""
    url = endpoint(environment)
    if not url:
        return
    name = next(name for name in ENDPOINTS if environment.get(name))
    if not _is_http(url):
        # The URL is not repeated: it can contain a password.
        raise TracingError(f"{name} must be an http or https URL, such as http://127.0.0.1:4318.")
    exporter = environment.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower()
    if exporter != "otlp":
        raise TracingError("OTEL_TRACES_EXPORTER must be otlp or none.")
    protocol = next((environment[key] for key in PROTOCOLS if environment.get(key)), PROTOCOL)
    if protocol != PROTOCOL:
        raise TracingError(f"This server exports spans with {PROTOCOL} only. Set {PROTOCOLS[1]}={PROTOCOL}.")
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.exporter.otlp.proto.http") is None:
        raise TracingError(f"{name} is set, but the packages for it are missing: pip install -e '.[otlp]'.")


def start_tracing(environment: Mapping[str, str]) -> Callable[[], None]:
    """Export all spans from now on if a collector is named, and return the function that ends it."""
    if not endpoint(environment):
        return lambda: None
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class CorrelatedIds(RandomIdGenerator):
        """Makes the trace id from the correlation id, so that one finds the other."""

        def generate_trace_id(self) -> int:
            """Return the trace id of the work in progress."""
            current = correlation.current()
            return trace_id(current) if current else super().generate_trace_id()

    named = "OTEL_SERVICE_NAME" in environment or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    resource = Resource.create({} if named else {"service.name": "alphanumeric"})
    provider = TracerProvider(resource=resource, id_generator=CorrelatedIds(), shutdown_on_exit=False)
    # It has a bounded queue (OTEL_BSP_MAX_QUEUE_SIZE) and sends in a thread of its own.
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("alphanumeric")

    def sink(name: str, seconds: float, fields: Mapping[str, Field]) -> None:
        ended = time.time_ns()
        current = correlation.current()
        attributes = {key: value for key, value in fields.items() if value is not None and key not in NOT_EXPORTED}
        span = tracer.start_span(
            name,
            kind=trace.SpanKind.SERVER if name == "request" else trace.SpanKind.INTERNAL,
            attributes={f"alphanumeric.{key}": value for key, value in attributes.items()}
            | ({"alphanumeric.correlation_id": current} if current else {}),
            start_time=ended - int(seconds * 1e9),
        )
        if is_error(fields):
            span.set_status(trace.StatusCode.ERROR)
        span.end(ended)

    remove = add_span_sink(sink)

    def stop() -> None:
        remove()
        # A collector that does not answer must not delay the end: the thread ends with the process.
        last = threading.Thread(target=provider.shutdown, name="tracing-stop", daemon=True)
        last.start()
        last.join(STOP_S)

    return stop


def is_error(fields: Mapping[str, Field]) -> bool:
    """Return whether a span with these fields ended with an error of the server."""
    status = fields.get("status")
    if isinstance(status, int):
        return status >= 500
    outcome = str(fields.get("outcome", "done"))
    return outcome not in ("done", "cancelled", "failed") and not outcome.startswith("limit_")


def trace_id(correlation_id: str) -> int:
    """Return the id of the trace: the correlation id twice if it has 16 hexadecimal digits, or once if it has 32.

    Other ids are hashed.
    """
    digits = correlation_id.lower().replace("-", "")
    digits = digits * 2 if len(digits) == 16 else digits
    valid = _HEXADECIMAL.fullmatch(digits) and int(digits, 16)
    return int(digits, 16) if valid else int(hashlib.sha256(correlation_id.encode()).hexdigest()[:32], 16)


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
