"""Shared fixtures: a small real engine, and a runtime that uses it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import caches

from core.storage.file_lock import file_lock
from project import asgi
from synthesis.catalog import VoiceCatalogCache
from synthesis.pool.engine_factory import load_voice
from synthesis.pool.voice_cache import LoadedVoice, VoiceCache
from synthesis.pool.worker_pool import WorkerPool
from synthesis.runtime import Runtime, set_runtime
from synthesis.voice_files.manifest import MANIFEST_FILE
from synthesis.voices.installer import needs_recompile
from tests.fake_engine import ToneEngine, tone_manifest
from tests.redis import redis_url  # noqa: F401 - a fixture
from themes.store.queries import clear_preset_cache
from themes.store.snapshot_cache import snapshot_cache


@pytest.fixture(autouse=True)
def _clear_caches() -> None:
    """Clear process-wide caches: each test's database starts at the same revisions as the last one's."""
    clear_preset_cache()
    snapshot_cache.clear()
    asgi.socket.buckets.clear()
    asgi.requests.buckets.clear()
    asgi.requests.probe_buckets.clear()
    # Rate-limit counters, too.
    for cache in caches.all(initialized_only=True):
        cache.clear()


@pytest.fixture
def engine() -> ToneEngine:
    """Return the engine of ``runtime``, which a test can block or make fail."""
    return ToneEngine()


@pytest.fixture
def runtime(engine: ToneEngine, tmp_path: Path) -> Iterator[Runtime]:
    """Yield the current runtime, with two workers and the single voice of ``runtime_with_voice``."""
    tone_manifest(engine).write(_folder(tmp_path, "tone"))
    pool = WorkerPool(workers=2, max_utterances=8)
    voices = VoiceCache(tmp_path, lambda folder: LoadedVoice(tone_manifest(engine), engine), max_loaded=2)
    made = Runtime(pool, voices, VoiceCatalogCache())
    before = set_runtime(made)
    yield made
    engine.release()
    made.close()
    set_runtime(before)


@pytest.fixture
def runtime_with_voice(db: None, runtime: Runtime) -> Runtime:
    """Return the runtime with its voice in the catalog."""
    from synthesis.models import Voice

    Voice.objects.create(id="tone", name="Tone", language="en-US", sample_rate=8000, default=True)
    return runtime


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def joe_voice_dir() -> Path:
    """Return the folder of the real default voice, installed once for all test runs with the regular command."""
    # Several test processes may run, and all use one installation.
    with file_lock(settings.DATA_DIR / "tests-voice.lock"):
        return _install_joe(settings.VOICES_DIR / "joe")


def _install_joe(folder: Path) -> Path:
    root = Path(__file__).parents[1]
    environment = {**os.environ, "DATA_DIR": str(settings.DATA_DIR), "DJANGO_SETTINGS_MODULE": "project.settings"}
    # Always run: an earlier version may have created the database.
    commands = [["migrate", "--verbosity", "0"]]
    if not (folder / MANIFEST_FILE).exists() or needs_recompile(folder):
        commands.append(["voice", "add", "joe", "--default", "--replace"])
    for command in commands:
        subprocess.run([sys.executable, "manage.py", *command], cwd=root, env=environment, check=True)
    return folder


@pytest.fixture
def joe_runtime(db: None, joe_voice_dir: Path) -> Iterator[Runtime]:
    """Yield a runtime with the real voice."""
    from synthesis.models import Voice

    Voice.objects.create(id="joe", name="Joe", language="en-US", sample_rate=22050, default=True)
    made = Runtime(
        WorkerPool(workers=2, max_utterances=8),
        VoiceCache(joe_voice_dir.parent, load_voice, max_loaded=1),
        VoiceCatalogCache(),
    )
    before = set_runtime(made)
    yield made
    made.close()
    set_runtime(before)
