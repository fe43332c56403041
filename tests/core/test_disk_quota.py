"""The disk quota bounds the stored data."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.limits import disk_quota
from core.limits.disk_quota import CACHE_TTL_S, MIN_FREE_BYTES, DiskQuota, data_dir_quota
from synthesis.errors import VoiceError
from synthesis.voices import installer
from synthesis.voices.sources import bundled_voice
from tests.clock import Clock
from tests.themes.users import ALICE, plain
from themes.errors import ThemeError
from themes.store import services


def test_all_files_of_the_directory_are_counted(tmp_path: Path) -> None:
    (tmp_path / "voices").mkdir()
    (tmp_path / "voices" / "a").write_bytes(bytes(600))
    (tmp_path / "b").write_bytes(bytes(400))
    (tmp_path / "link").symlink_to("/usr")
    assert 1000 <= disk_quota.directory_size(tmp_path) < 1100


def test_a_full_directory_rejects_writes_until_space_is_freed(tmp_path: Path) -> None:
    clock, file = Clock(), tmp_path / "a"
    kept = DiskQuota(tmp_path, 1000, clock)
    assert kept.has_space()
    file.write_bytes(bytes(1000))
    assert kept.has_space()
    clock.now += CACHE_TTL_S
    assert not kept.has_space()
    file.unlink()
    clock.now += CACHE_TTL_S
    assert kept.has_space()


def test_free_disk_space_is_reserved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = disk_quota.shutil.disk_usage(tmp_path)  # type: ignore[attr-defined]
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=MIN_FREE_BYTES - 1))
    quota = DiskQuota(tmp_path, 1000)
    assert not quota.has_space()
    assert "MB must stay free" in str(quota.fault())
    assert "DISK_LIMIT_MB" not in str(quota.fault())


def test_a_full_folder_is_distinguished_from_a_full_disk(tmp_path: Path) -> None:
    assert DiskQuota(tmp_path, 1000).fault() is None
    (tmp_path / "a").write_bytes(bytes(1000))
    assert "raise DISK_LIMIT_MB" in str(DiskQuota(tmp_path, 1000).fault())


@pytest.fixture
def full_data_dir(settings: Any) -> Iterator[None]:
    """Configure a DATA_DIR that has reached its limit."""
    settings.DISK_LIMIT_MB = 0
    data_dir_quota.cache_clear()
    yield
    data_dir_quota.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_nothing_new_is_stored_beyond_the_limit_of_the_data_directory(full_data_dir: None) -> None:
    with pytest.raises(ThemeError) as theme:
        services.create(ALICE, uuid.uuid4(), theme=plain())
    assert theme.value.code == "storage_full"
    source = bundled_voice("joe")
    assert source is not None

    def begun(step: str) -> None:
        raise AssertionError(step)

    with pytest.raises(VoiceError) as voice:
        installer.install(source, "joe-again", default=False, replace=False, progress=begun)
    assert voice.value.code == "storage_full"
