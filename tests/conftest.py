"""What many tests share: a small real engine, and a runtime that speaks with it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import caches

from project import asgi
from synthesis import runtime
from synthesis.catalogue import CatalogueReader
from synthesis.loaded import LoadedVoice, Voices
from synthesis.pool import Pool
from synthesis.runtime import Runtime
from synthesis.voices.bundle import FACTS
from synthesis.voices.install import outdated
from tests.redis import redis_url  # noqa: F401 - a fixture
from tests.tone import ToneEngine, tone_bundle
from themes.reading import forget_presets
from themes.snapshots import SNAPSHOTS


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Each test's database begins at the same revisions as the last one's, of which nothing may be remembered."""
    forget_presets()
    SNAPSHOTS.forget()
    asgi.socket.buckets.forget()
    asgi.requests.buckets.forget()
    # Nor of what was used up.
    for cache in caches.all(initialized_only=True):
        cache.clear()


@pytest.fixture
def engine() -> ToneEngine:
    """The engine behind ``here``, to slow down, hold or break."""
    return ToneEngine()


@pytest.fixture
def here(engine: ToneEngine, tmp_path: Path) -> Iterator[Runtime]:
    """A runtime of two workers whose only voice, ``tone``, is the current one."""
    tone_bundle(engine).write(_folder(tmp_path, "tone"))
    pool = Pool(workers=2, utterances=8)
    voices = Voices(tmp_path, lambda folder: LoadedVoice(tone_bundle(engine), engine), keep=2)
    made = Runtime(pool, voices, CatalogueReader())
    before = runtime.install(made)
    yield made
    engine.release()
    made.close()
    runtime.install(before)


@pytest.fixture
def tone(db: None, here: Runtime) -> Runtime:
    """The same, with the voice in the catalogue."""
    from synthesis.models import Voice

    Voice.objects.create(id="tone", name="Tone", language="en-US", sample_rate=8000, default=True)
    return here


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def joe() -> Path:
    """The folder of the real default voice, installed once for all test runs as a person would install it."""
    folder: Path = settings.VOICES_DIR / "joe"
    if not (folder / FACTS).exists() or outdated(folder):
        root = Path(__file__).parents[1]
        environment = {**os.environ, "DATA_DIR": str(settings.DATA_DIR), "DJANGO_SETTINGS_MODULE": "project.settings"}
        for command in (["migrate", "--verbosity", "0"], ["voice", "add", "joe", "--default", "--replace"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=root, env=environment, check=True)
    return folder


@pytest.fixture
def speaking_joe(db: None, joe: Path) -> Iterator[Runtime]:
    """A runtime that speaks with the real voice."""
    from synthesis.models import Voice

    Voice.objects.create(id="joe", name="Joe", language="en-US", sample_rate=22050, default=True)
    made = Runtime(Pool(workers=2, utterances=8), Voices(joe.parent, runtime.load_voice, keep=1), CatalogueReader())
    before = runtime.install(made)
    yield made
    made.close()
    runtime.install(before)
