"""The voice catalog and the cache of loaded voices."""

import asyncio
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from synthesis.catalog import CatalogVoice, VoiceCatalog, VoiceCatalogCache
from synthesis.errors import SpeechError
from synthesis.models import Voice
from synthesis.pool.voice_cache import LoadedVoice, VoiceCache
from tests.clock import Clock
from tests.fake_engine import ToneEngine, tone_manifest


def voice(id: str, **fields: object) -> Voice:
    return Voice(**{"id": id, "name": id.title(), "language": "en-GB", "sample_rate": 22050, **fields})


@pytest.mark.django_db(transaction=True)
async def test_a_change_is_visible_after_a_second() -> None:
    now = 100.0
    reader = VoiceCatalogCache(clock=lambda: now)
    await voice("alice", default=True).asave()
    assert [entry.id for entry in (await reader.read()).entries] == ["alice"]
    await voice("bob").asave()
    now = 100.9
    assert len((await reader.read()).entries) == 1
    now = 101.0
    assert [entry.id for entry in (await reader.read()).entries] == ["alice", "bob"]


@pytest.mark.django_db(transaction=True)
async def test_disabled_voices_cannot_be_selected() -> None:
    await voice("alice", enabled=False).asave()
    catalog = await VoiceCatalogCache().read()
    with pytest.raises(SpeechError) as refusal:
        catalog.find("alice")
    assert refusal.value.code == "voice_unknown"
    with pytest.raises(SpeechError) as refusal:
        catalog.find(None)
    assert refusal.value.code == "not_ready"


@pytest.mark.django_db
def test_exactly_one_enabled_voice_is_the_default() -> None:
    voice("alice", default=True).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        voice("bob", default=True).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        voice("charlie", default=True, enabled=False).save()


class Loader:
    """A loader that counts its calls and fails on request."""

    def __init__(self) -> None:
        self.loads: list[str] = []
        self.fail = False

    def __call__(self, folder: Path) -> LoadedVoice:
        self.loads.append(folder.name)
        if self.fail:
            raise ValueError("damaged")
        return LoadedVoice(tone_manifest(ToneEngine()), ToneEngine())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("alice", "bob", "charlie"):
        (tmp_path / name).mkdir()
        tone_manifest(ToneEngine()).write(tmp_path / name)
    return tmp_path


async def test_concurrent_requests_load_a_voice_once(folder: Path) -> None:
    loader = Loader()
    voices = VoiceCache(folder, loader, max_loaded=2)
    got = await asyncio.gather(*(voices.get("alice") for _ in range(5)))
    assert loader.loads == ["alice"]
    assert all(one is got[0] for one in got)
    assert voices.is_loaded("alice")


async def test_a_cancelled_request_does_not_cancel_the_load(folder: Path) -> None:
    loader = Loader()
    voices = VoiceCache(folder, loader, max_loaded=2)
    leaving = asyncio.create_task(voices.get("alice"))
    staying = asyncio.create_task(voices.get("alice"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).engine
    assert loader.loads == ["alice"]


async def test_the_least_recently_used_voice_is_evicted(folder: Path) -> None:
    voices = VoiceCache(folder, Loader(), max_loaded=2)
    for name in ("alice", "bob", "alice", "charlie"):
        await voices.get(name)
    assert [name for name in ("alice", "bob", "charlie") if voices.is_loaded(name)] == ["alice", "charlie"]


async def test_an_idle_voice_is_unloaded_but_not_the_default_one(folder: Path) -> None:
    clock = Clock()
    voices = VoiceCache(folder, Loader(), max_loaded=3, idle_s=900, clock=clock)
    voices.pinned = "alice"
    for name in ("alice", "bob", "charlie"):
        await voices.get(name)
        clock.now += 100
    clock.now += 600
    await voices.get("charlie")
    # Bob's was used 800 s ago.
    assert voices.unload_idle() == pytest.approx(100)
    clock.now += 100
    assert voices.unload_idle() == pytest.approx(800)
    assert [name for name in ("alice", "bob", "charlie") if voices.is_loaded(name)] == ["alice", "charlie"]
    voices.close()


async def test_idle_voices_are_unloaded_by_a_timer(folder: Path) -> None:
    clock = Clock()
    voices = VoiceCache(folder, Loader(), max_loaded=3, idle_s=900, clock=clock)
    await voices.get("bob")
    loop = asyncio.get_running_loop()
    assert voices._timer is not None
    assert voices._timer.when() - loop.time() == pytest.approx(900, abs=60)
    clock.now += 900
    voices._schedule()
    assert not voices.is_loaded("bob")
    assert voices._timer is None


async def test_a_reinstalled_voice_is_reloaded(folder: Path) -> None:
    import os

    loader = Loader()
    voices = VoiceCache(folder, loader, max_loaded=2)
    await voices.get("alice")
    os.utime(folder / "alice" / "voice.json", ns=(1, 1))
    await voices.get("alice")
    assert loader.loads == ["alice", "alice"]


async def test_a_failed_load_is_retried(folder: Path) -> None:
    loader = Loader()
    voices = VoiceCache(folder, loader, max_loaded=2)
    loader.fail = True
    with pytest.raises(SpeechError) as failure:
        await voices.get("alice")
    assert failure.value.code == "engine_failed"
    assert not voices.is_loaded("alice")
    loader.fail = False
    assert (await voices.get("alice")).engine


async def test_a_voice_without_files_is_not_ready(folder: Path) -> None:
    with pytest.raises(SpeechError) as failure:
        await VoiceCache(folder, Loader(), max_loaded=2).get("dora")
    assert failure.value.code == "not_ready"


def test_a_language_names_a_voice() -> None:
    def entry(id_: str, language: str, **flags: bool) -> CatalogVoice:
        return CatalogVoice(id_, id_, language, (), 8000, flags.get("default", False), language_default=flags != {})

    voices = (entry("alice", "en-US", default=True), entry("bob", "es-ES"), entry("charlie", "es-MX", own=True))
    catalog = VoiceCatalog(voices, {"fr": "bob"})
    expected = {"es": "charlie", "ES_es": "bob", "es-MX": "charlie", "es-AR": "charlie", "en": "alice", "fr": "bob"}
    assert {tag: catalog.resolve(tag) for tag in expected} == expected
    for unknown in ("de", "es-", "en-US-JennyNeural", "es-MX/..", "english"):
        assert catalog.resolve(unknown) == unknown
