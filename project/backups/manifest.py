"""The manifest of a backup, ``manifest.json``: what the backup contains, and the SHA-256 of each file."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

FORMAT = 2
SQLITE_FORMAT = 1
"""The format of backups of SQLite, which earlier versions also read."""
MANIFEST_FILE = "manifest.json"
DATABASE_FILE = "database.sqlite3"
DUMP_FILE = "database.dump"
"""The database of a backup of PostgreSQL, in the custom format of ``pg_dump``."""
KEY_FILE = "secret_key"
OBJECTS = "objects"
"""Folder of voice files, named by their SHA-256, which all backups in one destination share."""
CHUNK = 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class BackupError(Exception):
    """A backup could not be made or restored. ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class VoiceFile:
    """A file of a voice: its path in the voices folder, and its content by hash."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of a backup."""

    version: str
    """Version of the project that made the backup."""
    created: str
    """Time of the backup, ISO 8601 in UTC."""
    migrations: tuple[str, ...]
    """Applied migrations, as ``app.name``."""
    database_sha256: str
    includes_key: bool
    voices: tuple[VoiceFile, ...]
    engine: str = "sqlite"
    """``sqlite`` or ``postgresql``."""

    @property
    def database_file(self) -> str:
        """Return the name of the file with the database."""
        return DUMP_FILE if self.engine == "postgresql" else DATABASE_FILE

    def write(self, folder: Path) -> None:
        """Write the manifest into the folder of the backup."""
        fields = {"format": SQLITE_FORMAT if self.engine == "sqlite" else FORMAT, **asdict(self)}
        (folder / MANIFEST_FILE).write_text(json.dumps(fields, indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read and check the manifest of a backup. Raises ``BackupError``: not_a_backup, newer_format, damaged."""
        try:
            fields = json.loads((folder / MANIFEST_FILE).read_text("utf-8"))
        except FileNotFoundError:
            raise BackupError("not_a_backup", f"{folder} is not a backup: it has no {MANIFEST_FILE}.") from None
        except (OSError, ValueError) as error:
            raise BackupError("damaged", f"The manifest of {folder} is unreadable: {error}.") from None
        if not isinstance(fields, Mapping) or not isinstance(fields.get("format"), int):
            raise BackupError("damaged", f"The manifest of {folder} is not a manifest.")
        if fields["format"] > FORMAT:
            raise BackupError("newer_format", "A newer version made this backup. Restore it with that version.")
        try:
            return cls._parse(fields)
        except (KeyError, TypeError, ValueError):
            raise BackupError("damaged", f"The manifest of {folder} is damaged.") from None

    @classmethod
    def _parse(cls, fields: Mapping[str, Any]) -> "Manifest":
        voices = tuple(
            VoiceFile(_inside(file["path"]), _digest(file["sha256"]), int(file["size"])) for file in fields["voices"]
        )
        return cls(
            version=str(fields["version"]),
            created=str(fields["created"]),
            migrations=tuple(str(name) for name in fields["migrations"]),
            database_sha256=_digest(fields["database_sha256"]),
            includes_key=bool(fields["includes_key"]),
            voices=voices,
            engine=_engine(fields.get("engine", "sqlite")),
        )


def object_path(destination: Path, sha256: str) -> Path:
    """Return where the content with this hash is stored."""
    return destination / OBJECTS / sha256[:2] / sha256


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _engine(name: str) -> str:
    if name not in ("sqlite", "postgresql"):
        raise ValueError(name)
    return name


def _digest(text: str) -> str:
    if not _DIGEST.fullmatch(text):
        raise ValueError(text)
    return text


def _inside(path: str) -> str:
    """Return a relative path without ``..``. Raises ``ValueError``: a damaged backup must not write elsewhere."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts:
        raise ValueError(path)
    return path
