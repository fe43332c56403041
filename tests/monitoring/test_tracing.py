"""The export of spans to a small receiver of OTLP over HTTP: only if a collector is named, without private data."""

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.conf import settings as django_settings
from django.test import AsyncClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans

from core.logs.events import log_span
from monitoring.tracing import TracingError, check_tracing, endpoint, is_error, start_tracing, trace_id
from synthesis.runtime import Runtime
from tests.fake_engine import ToneEngine
from tests.monitoring.client import call
from tests.terminal.socket_client import tab

SPEECH = {"model": "tts-1", "voice": "tone", "input": "A secret of alice.", "response_format": "wav"}
ID = "7f3a0c1290de55aa"
URL = "http://127.0.0.1:4318"


class Receiver:
    """A collector that keeps what it receives."""

    def __init__(self) -> None:
        receiver = self
        self.received: list[ResourceSpans] = []
        self.bodies: list[bytes] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.bodies.append(body)
                receiver.received.extend(ExportTraceServiceRequest.FromString(body).resource_spans)
                assert self.path == "/v1/traces"
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Write nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def spans(self) -> list[tuple[str, str, dict[str, str], int]]:
        """Return name, trace id, attributes and status of the spans."""
        return [
            (
                span.name,
                span.trace_id.hex(),
                {pair.key: str(pair.value).strip() for pair in span.attributes},
                span.status.code,
            )
            for resource in self.received
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    receiver = Receiver()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.mark.django_db(transaction=True)
async def test_all_four_kinds_of_work_are_exported(
    runtime_with_voice: Runtime, engine: ToneEngine, receiver: Receiver, async_client: AsyncClient
) -> None:
    stop = start_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url})
    try:
        await call("/v1/audio/speech", SPEECH, x_request_id=ID)
        async with tab() as alice:
            await alice.send("theme.set", request_id=1, mode="dark")
            await alice.until("theme.saved", request_id=1)
        form = {"username": "a secret name", "password": "a secret password"}
        await call_form("/accounts/sign-in/", async_client, form)
        engine.break_with = RuntimeError("a secret fault")
        await call("/v1/audio/speech", {**SPEECH, "input": "Another secret."})
    finally:
        stop()
    spans = receiver.spans()
    assert {name for name, *_ in spans} == {"request", "utterance", "theme", "sign-in"}
    (utterance, failed) = [span for span in spans if span[0] == "utterance"]
    assert utterance[1] == ID * 2
    assert ID in utterance[2]["alphanumeric.correlation_id"]
    assert "tone" in utterance[2]["alphanumeric.voice"]
    assert {trace for name, trace, *_ in spans if name == "request"} >= {ID * 2}
    assert (utterance[3], failed[3]) == (0, 2)
    resource = {pair.key: pair.value.string_value for pair in receiver.received[0].resource.attributes}
    assert resource["service.name"] == "alphanumeric"
    exported = b"".join(receiver.bodies)
    for private in (b"secret", b"127.0.0.1", b"127.0.0.0"):
        assert private not in exported


async def call_form(path: str, client: AsyncClient, form: dict[str, str]) -> None:
    response = await client.post(path, form)
    assert response.status_code == 400


def test_nothing_is_exported_after_the_stop(receiver: Receiver) -> None:
    stop = start_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url})
    stop()
    log_span(logging.getLogger("test"), logging.INFO, "late", 0.0)
    assert receiver.spans() == []


def test_nothing_is_imported_without_a_collector() -> None:
    """Also with the variables that switch the export off. A blocked package is as one that is not installed."""
    code = (
        "import sys; sys.modules['opentelemetry'] = None; import project.asgi;"
        "from monitoring.tracing import check_tracing, start_tracing;"
        "off = {'OTEL_EXPORTER_OTLP_ENDPOINT': 'http://x', 'OTEL_SDK_DISABLED': 'true'};"
        "[(check_tracing(e), start_tracing(e)()) for e in ({}, off)];"
        "print([name for name in sys.modules if name.startswith('opentelemetry.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=django_settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317"}, "must be an http or https URL"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://[::1"}, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must be"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": URL, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "=http/protobuf"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": URL, "OTEL_TRACES_EXPORTER": "zipkin"}, "must be otlp or none"),
    ],
)
def test_unsupported_variables_prevent_the_start(variables: dict[str, str], complaint: str) -> None:
    with pytest.raises(TracingError, match=complaint):
        check_tracing(variables)


def test_missing_packages_prevent_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitoring.tracing.find_spec", lambda _name: None)
    with pytest.raises(TracingError, match=r"pip install -e '\.\[otlp\]'"):
        check_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": URL})


def test_the_standard_variables_switch_it_off() -> None:
    on = {"OTEL_EXPORTER_OTLP_ENDPOINT": URL}
    assert endpoint(on) == URL
    assert endpoint({**on, "OTEL_SDK_DISABLED": "true"}) == endpoint({**on, "OTEL_TRACES_EXPORTER": "none"}) == ""
    assert endpoint({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}) == endpoint({}) == ""


def test_trace_ids_come_from_correlation_ids() -> None:
    assert f"{trace_id(ID):032x}" == ID * 2
    assert f"{trace_id('123e4567-e89b-12d3-a456-426614174000'):032x}" == "123e4567e89b12d3a456426614174000"
    assert trace_id("0" * 16) != 0
    assert 0 < trace_id("my-own-id") < 2**128


def test_errors_of_the_server_are_errors() -> None:
    bad = [{"status": 500}, {"outcome": "engine_failed"}]
    good = [{"status": 404}, {"outcome": "cancelled"}, {"outcome": "failed"}, {"outcome": "limit_requests"}, {}]
    assert [is_error(fields) for fields in (*bad, *good)] == [True] * 2 + [False] * 5  # type: ignore[arg-type]
