"""``/metrics``: who may read it, what is counted, and several processes."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import AsyncClient
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from accounts.tokens import create_token
from core import metrics
from core.process.process_table import ProcessState, ProcessTable
from monitoring.exposition import exposition, metrics_folder, process_environment
from monitoring.sampler import Sampler
from project import asgi
from synthesis.runtime import Runtime
from tests.clock import Clock
from tests.fake_engine import ToneEngine
from tests.monitoring.client import call
from tests.terminal.socket_client import tab

pytestmark = pytest.mark.django_db(transaction=True)

SPEECH = {"model": "tts-1", "voice": "tone", "input": "Hello, alice.", "response_format": "wav"}
ELSEWHERE = "10.9.9.7"

Count = Callable[..., float]


@pytest.fixture(autouse=True)
def hosts(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "voice.test", "testserver"]


def values(text: bytes) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return the samples by name and labels."""
    families = text_string_to_metric_families(text.decode())
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


@pytest.fixture
def count() -> Count:
    """Return a function that returns by how much a sample has grown since the test began."""
    before = values(exposition(None))

    def grown(name: str, **labels: str) -> float:
        key = (f"alphanumeric_{name}", frozenset(labels.items()))
        return values(exposition(None)).get(key, 0.0) - before.get(key, 0.0)

    return grown


def token(name: str, *scopes: str, staff: bool) -> str:
    user = User.objects.create_user(name, password="right", is_staff=staff)
    return create_token(user, "prometheus", list(scopes))[1]


class TestPermission:
    """This machine, named networks, and tokens with the scope admin."""

    async def test_this_machine_may_read(self, runtime_with_voice: Runtime) -> None:
        status, headers, body = await call("/metrics")
        assert status == 200
        assert headers["content-type"].startswith("text/plain")
        assert headers["cache-control"] == "no-store"
        assert "alphanumeric_utterances" in body.decode()

    @pytest.mark.parametrize(
        ("client", "headers"),
        [
            (ELSEWHERE, {}),
            ("127.0.0.1", {"x_forwarded_for": "10.0.0.1"}),
            ("127.0.0.1", {"host": "voice.test"}),
            ("127.0.0.1", {"host": "evil.test"}),
            (ELSEWHERE, {"host": "10.0.0.1:8000"}),
        ],
    )
    async def test_others_may_not(self, runtime_with_voice: Runtime, client: str, headers: dict[str, str]) -> None:
        status, _, body = await call("/metrics", client=client, **headers)
        error = json.loads(body)["error"]
        assert (status, error["code"]) == (401, "token_missing")
        assert "METRICS_ALLOWED_NETWORKS" in error["message"]

    async def test_a_proxy_is_not_this_machine(self, runtime_with_voice: Runtime, settings: Settings) -> None:
        settings.TRUSTED_PROXIES = ["127.0.0.1/32"]
        assert (await call("/metrics"))[0] == 401

    @pytest.mark.parametrize("client", [ELSEWHERE, f"::ffff:{ELSEWHERE}"])
    async def test_a_named_network_may_read(self, runtime_with_voice: Runtime, settings: Settings, client: str) -> None:
        settings.METRICS_ALLOWED_NETWORKS = ["10.9.9.0/24"]
        assert (await call("/metrics", client=client))[0] == 200
        assert (await call("/metrics", client=client, host="10.0.0.1:8000"))[0] == 200
        assert (await call("/metrics", client="10.9.8.7"))[0] == 401

    async def test_a_rebound_name_may_not(self, runtime_with_voice: Runtime, settings: Settings) -> None:
        """A page of evil.test in a browser of the network reads nothing, though its name points here."""
        settings.METRICS_ALLOWED_NETWORKS = ["10.9.9.0/24"]
        assert (await call("/metrics", client=ELSEWHERE, host="evil.test"))[0] == 401

    @pytest.mark.parametrize(
        ("scopes", "staff", "expected"),
        [(("admin",), True, 200), (("speak",), True, 403), (("admin", "speak"), False, 403)],
    )
    async def test_a_token_needs_the_scope_and_staff(
        self, runtime_with_voice: Runtime, scopes: tuple[str, ...], staff: bool, expected: int
    ) -> None:
        secret = await asyncio.to_thread(token, "alice", *scopes, staff=staff)
        status, _, _ = await call("/metrics", client=ELSEWHERE, authorization=f"Bearer {secret}")
        assert status == expected

    @pytest.mark.parametrize("secret", ["an_unknown", "guess"])
    @pytest.mark.parametrize("client", [ELSEWHERE, "127.0.0.1"])
    async def test_a_wrong_token_is_refused(self, runtime_with_voice: Runtime, secret: str, client: str) -> None:
        status, _, body = await call("/metrics", client=client, authorization=f"Bearer {secret}")
        assert (status, json.loads(body)["error"]["code"]) == (401, "token_unknown")

    async def test_behind_tls_a_token_needs_https_and_a_network_does_not(
        self, runtime_with_voice: Runtime, settings: Settings
    ) -> None:
        settings.SECURE_SSL_REDIRECT = True
        settings.METRICS_ALLOWED_NETWORKS = ["10.9.9.0/24"]
        secret = await asyncio.to_thread(token, "alice", "admin", staff=True)
        assert (await call("/metrics", client=ELSEWHERE))[0] == 200
        status, _, body = await call("/metrics", client="10.1.1.1", authorization=f"Bearer {secret}")
        assert (status, json.loads(body)["error"]["code"]) == (403, "https_required")


class TestCounts:
    """What is counted."""

    async def test_utterances(self, runtime_with_voice: Runtime, count: Count) -> None:
        await call("/v1/audio/speech", SPEECH)
        async with tab() as alice:
            await alice.send("speech.create", id=1, text="Hello, alice.")
            await alice.until("speech.done", id=1)
        for transport in ("http", "socket"):
            assert count("utterances_total", transport=transport, outcome="done") == 1
            assert count("first_audio_seconds_count", transport=transport, cached="false") == 1
        assert count("voice_first_audio_seconds_count", voice="tone") == 2
        assert count("queue_wait_seconds_count") == 2
        assert count("characters_total") == 26
        assert count("audio_seconds_total", voice="tone") > 0.5
        assert count("http_requests_total", area="api", status="2xx") == 1

    async def test_cached_segments(self, runtime_with_voice: Runtime, count: Count) -> None:
        for _ in range(3):
            await call("/v1/audio/speech", SPEECH)
        assert (
            count("segment_cache_lookups_total", result="miss"),
            count("segment_cache_lookups_total", result="hit"),
        ) == (
            2,
            1,
        )
        assert count("first_audio_seconds_count", transport="http", cached="true") == 1

    async def test_the_plain_form(self, runtime_with_voice: Runtime, async_client: AsyncClient, count: Count) -> None:
        response = await async_client.post("/speech.wav", {"text": "Hello."})
        assert response.status_code == 200
        assert count("utterances_total", transport="form", outcome="done") == 1

    async def test_failures_and_errors(
        self, runtime_with_voice: Runtime, engine: ToneEngine, count: Count, settings: Settings
    ) -> None:
        engine.break_with = RuntimeError("broken")
        assert (await call("/v1/audio/speech", SPEECH))[0] == 500
        assert (await call("/v1/audio/speech", {**SPEECH, "input": ""}))[0] == 400
        assert count("utterances_total", transport="http", outcome="engine_failed") == 1
        assert count("client_errors_total", transport="http", code="text_empty") == 1

    async def test_limits(self, runtime_with_voice: Runtime, count: Count) -> None:
        asgi.requests.probe_buckets.penalize({"client": ["10.1.2.3", 0]})
        status, _, _ = await call("/healthz", client="10.1.2.3")
        assert status == 429
        assert count("limit_refusals_total", limit="limit_http") == 1

    async def test_underruns(self, runtime_with_voice: Runtime, engine: ToneEngine, count: Count) -> None:
        """The page plays all that it has while the next window is still in work."""
        async with tab() as alice:
            await alice.send("speech.create", id=1, text="A text that goes on. " * 40)
            while not hasattr(frame := await alice.frame(), "pcm"):
                pass
            while count("underruns_total") == 0:
                for sound in alice.sounds[-1:]:
                    await alice.send("speech.played", id=1, sample=sound.first_sample + sound.samples)
                await alice.frame()
        assert frame

    async def test_theme_changes(self, runtime_with_voice: Runtime, count: Count) -> None:
        async with tab() as alice:
            await alice.send("theme.set", request_id=1, mode="dark")
            await alice.until("theme.saved", request_id=1)
        assert count("theme_change_seconds_count") == 1

    def test_voices_are_bounded(self) -> None:
        names = [metrics.voice_label(f"voice-{number}") for number in range(metrics.MAX_VOICES + 5)]
        assert names[-5:] == ["other"] * 5
        assert metrics.voice_label("voice-0") == "voice-0"
        metrics._voices.clear()


class TestSampler:
    """The gauges of a process."""

    async def test_a_sample_sets_the_gauges(self, runtime_with_voice: Runtime, count: Count) -> None:
        sampler = Sampler(runtime_with_voice)
        await call("/v1/audio/speech", SPEECH)
        async with tab():
            sampler.sample()
            await sampler.probe()
            shown = values(exposition(None))
        jobs = count("jobs_total")
        sampler.sample()
        assert jobs == count("jobs_total") > 1
        for name, expected in {"sockets": 1, "workers": 2, "utterances_waiting": 0, "ready_processes": 1}.items():
            assert shown[(f"alphanumeric_{name}", frozenset())] == expected, name
        for name in ("resident_bytes", "disk_free_bytes", "memory_limit_bytes", "voices_loaded", "target_load_ratio"):
            assert shown[(f"alphanumeric_{name}", frozenset())] > 0, name
        assert count("database_seconds_count") == 1

    async def test_a_failing_sample_does_not_end_the_sampler(
        self, runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        samples = 0

        def fail() -> None:
            nonlocal samples
            samples += 1
            raise RuntimeError("broken")

        sampler = Sampler(runtime_with_voice, Clock())
        monkeypatch.setattr(sampler, "sample", fail)
        monkeypatch.setattr("monitoring.sampler.INTERVAL_S", 0)
        running = asyncio.create_task(sampler.run())
        while samples < 3:
            await asyncio.sleep(0)
        running.cancel()


COUNTING = """
import sys
from core import metrics
metrics.UTTERANCES.labels("socket", "done").inc(int(sys.argv[1]))
metrics.SOCKETS.set(int(sys.argv[2]))
metrics.LOAD.set(int(sys.argv[3]) / 10)
metrics.CHARACTERS.inc()
"""


def count_in_process(folder: Path, slot: int, *numbers: int) -> None:
    """Count in another process, as the serving process of row ``slot``."""
    command = [sys.executable, "-c", COUNTING, *map(str, numbers)]
    subprocess.run(command, env=process_environment(folder, slot), cwd=django_settings.BASE_DIR, check=True)


def test_several_processes_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    table = ProcessTable.create(4)
    with metrics_folder() as folder:
        monkeypatch.setenv(metrics.DIRECTORY, str(folder))
        for slot, numbers in enumerate([(3, 10, 2), (4, 20, 5)]):
            count_in_process(folder, slot, *numbers)
            table.write(slot, ProcessState.READY)
        both = values(exposition(table))
        assert both[("alphanumeric_utterances_total", frozenset({("transport", "socket"), ("outcome", "done")}))] == 7
        assert both[("alphanumeric_sockets", frozenset())] == 30
        assert both[("alphanumeric_load_ratio", frozenset())] == 0.5
        table.write(1, ProcessState.EMPTY)
        ended = values(exposition(table))
        assert ended[("alphanumeric_sockets", frozenset())] == 10
        assert ended[("alphanumeric_characters_total", frozenset())] == 2
        count_in_process(folder, 1, 1, 5, 1)
        table.write(1, ProcessState.READY)
        restarted = values(exposition(table))
        assert restarted[("alphanumeric_characters_total", frozenset())] == 3
        assert restarted[("alphanumeric_sockets", frozenset())] == 15
        # The number of files does not grow with restarts.
        assert len({path.name.rsplit("_", 1)[1] for path in folder.iterdir()}) == 2
    assert not folder.exists()
    os.close(table.fd)
