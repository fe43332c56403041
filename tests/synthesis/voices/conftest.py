"""A data directory of its own, and a mirror with one voice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from core.limits.disk_quota import data_dir_quota
from tests.synthesis.voices.catalog_server import Mirror, alan_files, serve


@pytest.fixture
def data_dir(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """Return an empty ``DATA_DIR``."""
    settings.DATA_DIR = tmp_path / "data"
    settings.VOICES_DIR = tmp_path / "data" / "voices"
    settings.DATA_DIR.mkdir()
    data_dir_quota.cache_clear()
    yield settings.DATA_DIR
    data_dir_quota.cache_clear()


@pytest.fixture
def mirror(settings: Settings, data_dir: Path) -> Iterator[Mirror]:
    """Return the configured mirror, with ``en_GB-alan-medium``, whose model is not one."""
    with serve(Mirror()) as made:
        made.add_piper(alan_files())
        settings.VOICE_MIRROR_URL = made.url
        yield made
