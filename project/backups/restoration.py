"""Restores a backup into DATA_DIR while no server runs."""

import shutil
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from project.backups import postgresql
from project.backups.manifest import DATABASE_FILE, DUMP_FILE, KEY_FILE, BackupError, Manifest, object_path, sha256_of

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
    _verify(folder / manifest.database_file, manifest.database_sha256)
    for voice in manifest.voices:
        _verify(object_path(folder.parent, voice.sha256), voice.sha256)
    if manifest.includes_key and not (folder / KEY_FILE).is_file():
        raise BackupError("damaged", f"The backup is damaged: {folder / KEY_FILE} is missing.")
    return manifest


def restore(
    folder: Path, manifest: Manifest, *, data_dir: Path, database: Path | Mapping[str, str], overwrite: bool
) -> Path | None:
    """Put the content of a checked backup into ``data_dir``. Returns the folder with the replaced files, if any.

    All files are copied before the first one is replaced. If replacing fails, the previous files are put back.
    ``database`` is SQLite's file, or libpq's parameters of a database that is replaced in one transaction.

    :raises BackupError: ``data_exists`` without ``overwrite``, ``other_engine``, ``in_use``, ``no_database``,
        ``no_program``, ``damaged`` or ``storage``.
    """
    if isinstance(database, Path) != (manifest.engine == "sqlite"):
        wanted = "an empty DATABASE_URL" if manifest.engine == "sqlite" else "DATABASE_URL=postgresql://..."
        raise BackupError("other_engine", f"The backup is of {manifest.engine}. Restore it with {wanted}.")
    targets = {"voices": data_dir / "voices"}
    if manifest.includes_key:
        targets[KEY_FILE] = data_dir / KEY_FILE
    if isinstance(database, Path):
        targets[DATABASE_FILE] = database
        leftovers = [database.with_name(database.name + suffix) for suffix in ("-wal", "-shm")]
        has_data = database.exists()
    else:
        leftovers, has_data = [], not postgresql.is_empty(database)
        postgresql.check_unused(database)
    present = [path for path in (*targets.values(), *leftovers) if path.exists()]
    if has_data and not overwrite:
        raise BackupError("data_exists", f"{data_dir} contains data. Add --overwrite to replace it.")
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=data_dir))
        try:
            _stage(folder, manifest, staging)
            if isinstance(database, Path):
                return _swap(staging, targets, present, data_dir)
            previous = staging / f"previous-{DUMP_FILE}"
            if has_data:
                postgresql.dump(database, previous)
            replaced = _swap(staging, targets, present, data_dir)
            try:
                postgresql.load(database, staging / DUMP_FILE)
            except BackupError:
                _put_back(targets, replaced)
                raise
            return _keep(previous, replaced, data_dir) if has_data else replaced
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
    shutil.copyfile(folder / manifest.database_file, staging / manifest.database_file)
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
            _replace(old, path)
        raise
    return replaced


def _put_back(targets: Mapping[str, Path], replaced: Path | None) -> None:
    """Undo ``_swap``."""
    for path in targets.values():
        old = replaced / path.name if replaced is not None else None
        if old is not None and old.exists():
            _replace(old, path)
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if replaced is not None:
        replaced.rmdir()


def _replace(old: Path, path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    old.replace(path)


def _keep(dump: Path, replaced: Path | None, data_dir: Path) -> Path:
    """Move the dump of the replaced database into the folder with the replaced files, and return the folder."""
    folder = replaced or Path(tempfile.mkdtemp(prefix=REPLACED, dir=data_dir))
    dump.rename(folder / DUMP_FILE)
    return folder
