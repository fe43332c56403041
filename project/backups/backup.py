"""Makes a backup while the server runs."""

import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from importlib import metadata
from itertools import chain, count
from pathlib import Path

from project.backups.manifest import (
    CHUNK,
    DATABASE_FILE,
    DUMP_FILE,
    KEY_FILE,
    MANIFEST_FILE,
    OBJECTS,
    BackupError,
    Manifest,
    VoiceFile,
    object_path,
    sha256_of,
)
from project.backups.postgresql import dump

PARTIAL = ".partial-"
NAME = "%Y-%m-%dT%H-%M-%SZ"
LOCK_S = 30.0
"""Seconds to wait for SQLite's lock."""


def create(
    destination: Path,
    *,
    data_dir: Path,
    database: Path | Mapping[str, str],
    include_key: bool,
    now: datetime | None = None,
) -> Path:
    """Back up the database and the voices into a new folder in ``destination``, and return the folder.

    ``database`` is SQLite's file, copied with SQLite's backup API, or libpq's parameters, with which ``pg_dump`` copies
    it. Both return one consistent state without stopping writers. Voice files are stored once for all backups in
    ``destination``. The folder gets its final name last, so an interrupted backup is never taken for a complete one.

    :raises BackupError: ``no_database``, ``inside_data_dir``, ``damaged_database``, ``no_program`` or
        ``storage``.
    """
    if isinstance(database, Path) and not database.exists():
        raise BackupError("no_database", f"There is no database at {database}: check DATA_DIR.")
    if destination.resolve().is_relative_to(data_dir.resolve()):
        raise BackupError("inside_data_dir", "A backup inside DATA_DIR is lost with it. Choose another folder.")
    moment = now or datetime.now(UTC)
    folder = _free(destination / moment.strftime(NAME))
    try:
        destination.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=destination))
        try:
            engine = "sqlite" if isinstance(database, Path) else "postgresql"
            copy = partial / (DATABASE_FILE if isinstance(database, Path) else DUMP_FILE)
            migrations = _copy_database(database, copy) if isinstance(database, Path) else dump(database, copy)
            voices = tuple(_store_voices(data_dir / "voices", destination))
            if include_key:
                shutil.copyfile(data_dir / KEY_FILE, partial / KEY_FILE)
            Manifest(
                version=metadata.version("alphanumeric"),
                created=moment.isoformat(timespec="seconds"),
                migrations=migrations,
                database_sha256=sha256_of(copy),
                includes_key=include_key,
                voices=voices,
                engine=engine,
            ).write(partial)
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise BackupError("storage", f"The backup could not be written to {destination}: {error.strerror}.") from error
    return folder


def _free(folder: Path) -> Path:
    """Return ``folder``, or with a number after its name if there is a backup of the same second."""
    names = chain([folder.name], (f"{folder.name}-{number}" for number in count(2)))
    return next(path for path in map(folder.with_name, names) if not path.exists())


def prune(destination: Path, keep: int) -> list[Path]:
    """Delete all but the newest ``keep`` backups, and the voice files that only they used. Return the deleted folders.

    Raises ``BackupError``, before anything is deleted, if the manifest of a remaining backup is damaged.
    """
    backups = sorted(path.parent for path in destination.glob(f"[0-9]*/{MANIFEST_FILE}"))
    old = backups[: max(0, len(backups) - keep)]
    used = {voice.sha256 for folder in backups[len(old) :] for voice in Manifest.read(folder).voices}
    for folder in old:
        shutil.rmtree(folder)
    for path in (destination / OBJECTS).glob("??/*"):
        if path.name not in used:
            path.unlink()
    return old


def _copy_database(database: Path, copy: Path) -> tuple[str, ...]:
    """Copy the database, check the copy, and return its applied migrations."""
    try:
        with (
            closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=LOCK_S)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
            # A copy in WAL mode would consist of several files.
            target.execute("PRAGMA journal_mode=DELETE")
            (result,) = target.execute("PRAGMA integrity_check").fetchone()
            if result != "ok":
                raise BackupError("damaged_database", f"SQLite reports a damaged database: {result}")
            rows = target.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
    except sqlite3.Error as error:
        raise BackupError("damaged_database", f"The database could not be copied: {error}.") from error
    return tuple(f"{app}.{name}" for app, name in rows)


def _store_voices(voices: Path, destination: Path) -> Iterator[VoiceFile]:
    # Folders with a leading dot are installations in progress.
    for path in sorted(voices.glob("[!.]*/**/*")):
        if path.is_file():
            yield _store(path, path.relative_to(voices).as_posix(), destination)


def _store(path: Path, name: str, destination: Path) -> VoiceFile:
    """Copy a file to its place by hash, unless it is there already; hash it in the same pass."""
    folder = destination / OBJECTS
    folder.mkdir(exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=folder)
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(descriptor, "wb") as copy, path.open("rb") as source:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                copy.write(chunk)
                size += len(chunk)
        target = object_path(destination, digest.hexdigest())
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            Path(temporary).rename(target)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return VoiceFile(name, digest.hexdigest(), size)
