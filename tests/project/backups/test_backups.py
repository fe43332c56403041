"""Tests that a backup of a running server is complete, and that a restore is checked and atomic."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from project.backups import backup, restoration
from project.backups.lock import in_use, unused
from project.backups.manifest import DATABASE_FILE, FORMAT, KEY_FILE, MANIFEST_FILE, OBJECTS, BackupError, Manifest

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ONE = datetime(2026, 11, 26, 13, tzinfo=UTC)
MODEL = b"weights" * 1000


def manage(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "project.settings"}
    environment["DJANGO_SUPERUSER_PASSWORD"] = "kept for these tests"
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("migrated")
    assert manage(data_dir, "migrate").returncode == 0
    made = manage(data_dir, "createsuperuser", "--noinput", "--username", "alice", "--email", "alice@example.org")
    assert made.returncode == 0, made.stderr
    return data_dir


class Installation:
    """A DATA_DIR with a database, a voice and a key."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.database = data_dir / "alphanumeric.sqlite3"

    def back_up(self, destination: Path, *, now: datetime = NOON, include_key: bool = False) -> Path:
        return backup.create(
            destination, data_dir=self.data_dir, database=self.database, include_key=include_key, now=now
        )

    def restore(self, folder: Path, *, overwrite: bool = False) -> Path | None:
        manifest = restoration.check(folder, Manifest.read(folder).migrations)
        return restoration.restore(
            folder, manifest, data_dir=self.data_dir, database=self.database, overwrite=overwrite
        )

    @property
    def users(self) -> list[str]:
        with closing(sqlite3.connect(self.database)) as connection:
            return [name for (name,) in connection.execute("SELECT username FROM auth_user")]

    @property
    def content(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.data_dir).as_posix(): path.read_bytes()
            for path in sorted(self.data_dir.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def installation(migrated: Path, tmp_path: Path) -> Installation:
    data_dir = tmp_path / "data"
    shutil.copytree(migrated, data_dir)
    (data_dir / "voices" / "joe").mkdir(parents=True)
    (data_dir / "voices" / "joe" / "model.pth").write_bytes(MODEL)
    (data_dir / "voices" / ".unfinished-ada").mkdir()
    (data_dir / "voices" / ".unfinished-ada" / "model.pth").write_bytes(b"half")
    return Installation(data_dir)


@pytest.fixture
def empty(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "restored")


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def test_a_backup_restores_elsewhere(installation: Installation, empty: Installation, destination: Path) -> None:
    folder = installation.back_up(destination, include_key=True)
    assert empty.restore(folder) is None
    assert empty.users == ["alice"]
    assert (empty.data_dir / "voices" / "joe" / "model.pth").read_bytes() == MODEL
    assert (empty.data_dir / KEY_FILE).read_bytes() == (installation.data_dir / KEY_FILE).read_bytes()
    assert not list(empty.data_dir.glob("voices/.*"))


def test_the_key_is_included_on_request_only(
    installation: Installation, empty: Installation, destination: Path
) -> None:
    folder = installation.back_up(destination)
    empty.restore(folder)
    assert not (folder / KEY_FILE).exists()
    assert not (empty.data_dir / KEY_FILE).exists()


def test_a_backup_is_consistent_while_the_server_writes(
    installation: Installation, empty: Installation, destination: Path
) -> None:
    started, stop = threading.Event(), threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(installation.database, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("CREATE TABLE pairs (a INTEGER, b INTEGER)")
            for number in range(1_000_000):
                if stop.is_set():
                    return
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO pairs VALUES (?, 0)", (number,))
                connection.execute("UPDATE pairs SET b = a WHERE a = ?", (number,))
                connection.execute("COMMIT")
                started.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert started.wait(10)
    try:
        folder = installation.back_up(destination)
    finally:
        stop.set()
        writer.join()
    empty.restore(folder)
    with closing(sqlite3.connect(empty.database)) as connection:
        torn, rows = connection.execute("SELECT sum(a != b), count(*) FROM pairs").fetchone()
    assert torn == 0 < rows


def test_backups_share_voice_files_and_pruning_keeps_those_in_use(
    installation: Installation, destination: Path
) -> None:
    first = installation.back_up(destination)
    objects = destination / OBJECTS
    assert len(list(objects.glob("??/*"))) == 1
    (installation.data_dir / "voices" / "joe" / "model.pth").write_bytes(b"other weights")
    second = installation.back_up(destination, now=ONE)
    assert len(list(objects.glob("??/*"))) == 2
    assert backup.prune(destination, keep=1) == [first]
    assert [path.read_bytes() for path in objects.glob("??/*")] == [b"other weights"]
    assert restoration.check(second, Manifest.read(second).migrations)


def test_two_backups_of_one_second_are_kept_in_order(installation: Installation, destination: Path) -> None:
    folders = [installation.back_up(destination) for _ in range(3)]
    assert sorted(folders) == folders
    assert backup.prune(destination, keep=1) == folders[:2]


def test_the_commands_back_up_prune_check_and_restore(
    installation: Installation, destination: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR, settings.DATABASE_URL = installation.data_dir, None
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(installation.database))
    with pytest.raises(CommandError, match="--keep must be at least 1"):
        call_command("backup", destination, keep=0)
    output = StringIO()
    call_command("backup", destination, stdout=output)
    call_command("backup", destination, keep=1, include_key=True, stdout=output)
    first, second, deleted = output.getvalue().splitlines()
    assert deleted == f"Deleted {first}"
    call_command("restore", Path(second), check=True, stdout=output)
    with pytest.raises(CommandError, match="--overwrite"):
        call_command("restore", Path(second))
    call_command("restore", Path(second), overwrite=True, stdout=output)
    assert "is complete" in output.getvalue()
    assert "Restored the backup" in output.getvalue()
    assert "The previous data is in" in output.getvalue()
    assert installation.users == ["alice"]


def test_pruning_deletes_nothing_if_another_backup_is_damaged(installation: Installation, destination: Path) -> None:
    first, second = installation.back_up(destination), installation.back_up(destination, now=ONE)
    (second / MANIFEST_FILE).write_text("{}")
    with pytest.raises(BackupError) as refused:
        backup.prune(destination, keep=1)
    assert (refused.value.code, first.exists()) == ("damaged", True)


def test_existing_data_is_replaced_on_request_only(installation: Installation, destination: Path) -> None:
    folder = installation.back_up(destination)
    with closing(sqlite3.connect(installation.database)) as connection:
        connection.execute("DELETE FROM auth_user")
        connection.commit()
    before = installation.content
    with pytest.raises(BackupError) as refused:
        installation.restore(folder)
    assert refused.value.code == "data_exists"
    assert installation.content == before
    replaced = installation.restore(folder, overwrite=True)
    assert installation.users == ["alice"]
    assert replaced is not None
    assert Installation(replaced).users == []


def test_a_failed_replacement_puts_the_previous_data_back(
    installation: Installation, destination: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = installation.back_up(destination)
    before, rename = installation.content, Path.rename

    def fail(path: Path, target: Path) -> Path:
        if path.parent.name.startswith(restoration.STAGING) and path.name == "voices":
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(BackupError) as refused:
        installation.restore(folder, overwrite=True)
    assert refused.value.code == "storage"
    assert installation.content == before


@pytest.mark.parametrize("part", ["database", "voice", "manifest", "missing"])
def test_a_damaged_backup_is_rejected_before_anything_changes(
    installation: Installation, destination: Path, part: str
) -> None:
    folder = installation.back_up(destination)
    voice = next((destination / OBJECTS).glob("??/*"))
    target = {"database": folder / DATABASE_FILE, "manifest": folder / MANIFEST_FILE}.get(part, voice)
    if part == "missing":
        target.unlink()
    else:
        target.write_bytes(target.read_bytes()[:-20])
    with pytest.raises(BackupError) as refused:
        restoration.check(folder, ())
    assert refused.value.code in {"damaged", "newer_version"}
    with pytest.raises(BackupError):
        installation.restore(folder, overwrite=True)
    assert installation.users == ["alice"]


@pytest.mark.parametrize("path", ["../../evil", "/etc/evil", ""])
def test_a_manifest_cannot_name_a_file_outside(installation: Installation, destination: Path, path: str) -> None:
    folder = installation.back_up(destination)
    fields = json.loads((folder / MANIFEST_FILE).read_text())
    fields["voices"][0]["path"] = path
    (folder / MANIFEST_FILE).write_text(json.dumps(fields))
    with pytest.raises(BackupError) as refused:
        Manifest.read(folder)
    assert refused.value.code == "damaged"


def test_a_backup_of_a_newer_version_is_rejected(installation: Installation, destination: Path) -> None:
    folder = installation.back_up(destination)
    with pytest.raises(BackupError) as refused:
        restoration.check(folder, Manifest.read(folder).migrations[:-1])
    assert refused.value.code == "newer_version"
    fields = json.loads((folder / MANIFEST_FILE).read_text())
    (folder / MANIFEST_FILE).write_text(json.dumps({**fields, "format": FORMAT + 1}))
    with pytest.raises(BackupError) as refused:
        Manifest.read(folder)
    assert refused.value.code == "newer_format"


def test_an_interrupted_backup_leaves_no_folder(
    installation: Installation, destination: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_store", fail)
    with pytest.raises(BackupError, match="No space left"):
        installation.back_up(destination)
    assert [path.name for path in destination.iterdir()] == []


def test_a_backup_inside_the_data_is_rejected(installation: Installation) -> None:
    with pytest.raises(BackupError) as refused:
        installation.back_up(installation.data_dir / "backups")
    assert refused.value.code == "inside_data_dir"


def test_a_restore_needs_a_stopped_server(installation: Installation) -> None:
    with in_use(installation.data_dir), in_use(installation.data_dir):
        with pytest.raises(BackupError) as refused, unused(installation.data_dir):
            pass
        assert refused.value.code == "in_use"
    with unused(installation.data_dir), pytest.raises(BackupError) as refused, in_use(installation.data_dir):
        pass
    assert refused.value.code == "restoring"


def test_the_commands_back_up_and_restore(installation: Installation, destination: Path, tmp_path: Path) -> None:
    made = manage(installation.data_dir, "backup", str(destination), "--include-key", "--keep", "2")
    assert (made.returncode, made.stderr) == (0, "")
    folder = made.stdout.strip()
    checked = manage(tmp_path / "new", "restore", folder, "--check")
    assert (checked.returncode, checked.stderr) == (0, "")
    restored = manage(tmp_path / "new", "restore", folder)
    assert restored.returncode == 0, restored.stderr
    assert Installation(tmp_path / "new").users == ["alice"]
    again = manage(tmp_path / "new", "restore", folder)
    assert again.returncode == 1
    assert again.stderr.splitlines() == [
        f"CommandError: {tmp_path / 'new'} contains data. Add --overwrite to replace it."
    ]
