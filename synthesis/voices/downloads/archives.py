"""Unpacks the archives of Coqui (zip) and MMS (tar.gz) as untrusted data.

Only the files of a voice are written, all into one folder under their own names: a path in an archive
is never used (path traversal), and sizes are limited before and while a file is written
(decompression bomb).
"""

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from core.limits import registry
from synthesis.errors import VoiceError
from synthesis.voices.downloads.entries import MAX_FILE_BYTES, PATH

MAX_MEMBERS = registry.MAX_ARCHIVE_MEMBERS.default
ARCHIVES = (".zip", ".tar.gz")
_WANTED = (".pth", ".pt", ".safetensors", ".json", ".txt", ".md", "LICENSE", "MODEL_CARD")
_CHUNK_BYTES = 256 * 1024
_DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error),
    # Both programs raise EOFError for an archive that ends early; zipfile raises NotImplementedError for a compression
    # method or a version that it does not know, and RuntimeError for an encrypted file.
    *(EOFError, NotImplementedError, RuntimeError),
)

SpaceFault = Callable[[int], str | None]


def unpack(archive: Path, folder: Path, space_fault: SpaceFault) -> None:
    """Write the files of a voice in ``archive`` into ``folder``. Raises ``VoiceError`` for an archive that is not one.

    :param space_fault: returns why so many more bytes cannot be stored, or ``None``.
    """
    try:
        with _members(archive) as members:
            _write(members, folder, space_fault)
    except _DAMAGED as error:
        raise VoiceError("voice_invalid", f"The archive {archive.name} is damaged: {error}.") from error


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[tuple[str, int, Callable[[], IO[bytes] | None]]]]:
    """Yield name, declared size and opener of each regular file."""
    if archive.name.endswith(".zip"):
        with zipfile.ZipFile(archive) as zip_file:
            yield (
                (info.filename, info.file_size, lambda info=info: zip_file.open(info))  # type: ignore[misc]
                for info in zip_file.infolist()
                if not info.is_dir()
            )
    else:
        with gzip.open(archive) as content, tarfile.open(fileobj=content, mode="r:") as tar:
            yield (
                (info.name, info.size, lambda info=info: tar.extractfile(info))  # type: ignore[misc]
                for info in tar
                if info.isreg()
            )
            _read_to_end(content)


def _read_to_end(content: gzip.GzipFile) -> None:
    """Read what follows the last file, at most ``MAX_FILE_BYTES``: gzip compares the checksum at the end."""
    rest = 0
    while (chunk := content.read(_CHUNK_BYTES)) and rest <= MAX_FILE_BYTES:
        rest += len(chunk)


def _write(
    members: Iterator[tuple[str, int, Callable[[], IO[bytes] | None]]], folder: Path, space_fault: SpaceFault
) -> None:
    total = 0
    for count, (path, size, opened) in enumerate(members):
        # Also files that are not written: reading past them decompresses them.
        total += size
        if count >= MAX_MEMBERS or total > MAX_FILE_BYTES:
            message = f"The archive has more than {MAX_MEMBERS} files or {MAX_FILE_BYTES} bytes."
            raise VoiceError("voice_too_large", message, limit=MAX_FILE_BYTES)
        name = path.rpartition("/")[2]
        if not name.endswith(_WANTED) or not PATH.fullmatch(name):
            continue
        if (folder / name).exists():
            raise VoiceError("voice_invalid", f"The archive contains several files {name}.")
        if fault := space_fault(size):
            raise VoiceError("storage_full", fault)
        content = opened()
        if content is not None:
            with content:
                _copy(content, folder / name, size)


def _copy(content: IO[bytes], path: Path, size: int) -> None:
    written = 0
    with path.open("xb") as file:
        while chunk := content.read(_CHUNK_BYTES):
            written += len(chunk)
            if written > size:
                raise VoiceError("voice_invalid", f"{path.name} in the archive is larger than it declares.")
            file.write(chunk)
