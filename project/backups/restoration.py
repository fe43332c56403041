"""Restores a backup into DATA_DIR while no server runs."""

import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from project.backups.manifest import DATABASE_FILE, KEY_FILE, BackupError, Manifest, object_path, sha256_of

REPLACED = "replaced-"
STAGING = ".restore-"


def check(folder: Path, known_migrations: Collection[str]) -> Manifest:
    """Check that a backup is complete, undamaged and not from a newer version, and return its manifest.

    :raises BackupError: ``not_a_backup``, ``newer_format``, ``newer_version`` or ``damaged``.
    """
    manifest = Manifest.read(folder)
    unknown = [name for name in manifest.migrations if name not in known_migrations]
    if unknown:
        raise BackupError(
            "newer_version",
            f"Version {manifest.version} made this backup; this version does not know its migration {unknown[0]}. "
            "Check out that version, then restore.",
        )
    _verify(folder / DATABASE_FILE, manifest.database_sha256)
    for voice in manifest.voices:
        _verify(object_path(folder.parent, voice.sha256), voice.sha256)
    if manifest.includes_key and not (folder / KEY_FILE).is_file():
        raise BackupError("damaged", f"The backup is damaged: {folder / KEY_FILE} is missing.")
    return manifest


def restore(folder: Path, manifest: Manifest, *, data_dir: Path, database: Path, overwrite: bool) -> Path | None:
    """Put the content of a checked backup into ``data_dir``. Returns the folder with the replaced files, if any.

    All files are copied before the first one is replaced. If replacing fails, the previous files are put back.

    :raises BackupError: ``data_exists`` without ``overwrite``, or ``storage``.
    """
    targets = {DATABASE_FILE: database, "voices": data_dir / "voices"}
    if manifest.includes_key:
        targets[KEY_FILE] = data_dir / KEY_FILE
    leftovers = [database.with_name(database.name + suffix) for suffix in ("-wal", "-shm")]
    present = [path for path in (*targets.values(), *leftovers) if path.exists()]
    if database.exists() and not overwrite:
        raise BackupError("data_exists", f"{data_dir} contains data. Add --overwrite to replace it.")
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=data_dir))
        try:
            _stage(folder, manifest, staging)
            return _swap(staging, targets, present, data_dir)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise BackupError("storage", f"{data_dir} could not be written: {error.strerror}. Nothing changed.") from error


def _verify(path: Path, sha256: str) -> None:
    if not path.is_file():
        raise BackupError("damaged", f"The backup is damaged: {path} is missing.")
    if sha256_of(path) != sha256:
        raise BackupError("damaged", f"The backup is damaged: {path} has changed since it was made.")


def _stage(folder: Path, manifest: Manifest, staging: Path) -> None:
    shutil.copyfile(folder / DATABASE_FILE, staging / DATABASE_FILE)
    if manifest.includes_key:
        shutil.copyfile(folder / KEY_FILE, staging / KEY_FILE)
    (staging / "voices").mkdir()
    for voice in manifest.voices:
        target = staging / "voices" / voice.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(object_path(folder.parent, voice.sha256), target)


def _swap(staging: Path, targets: dict[str, Path], present: list[Path], data_dir: Path) -> Path | None:
    replaced = Path(tempfile.mkdtemp(prefix=REPLACED, dir=data_dir)) if present else None
    moved: list[tuple[Path, Path]] = []
    try:
        for path in present:
            assert replaced is not None  # noqa: S101 - for the type checker
            moved.append((path, path.rename(replaced / path.name)))
        for name, path in targets.items():
            (staging / name).rename(path)
    except OSError:
        for path, old in moved:
            if path.is_dir():
                shutil.rmtree(path)
            old.replace(path)
        raise
    return replaced
