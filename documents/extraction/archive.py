"""Reads members of ZIP files in memory, with limits. Nothing is unpacked to the disk."""

import io
import posixpath
import zipfile
import zlib

from core.limits import registry
from documents.errors import DocumentError

MAX_ENTRIES = registry.MAX_DOCUMENT_ENTRIES.default
MAX_UNPACKED_BYTES = registry.MAX_DOCUMENT_UNPACKED_BYTES.default
_ENCRYPTED = 0x1


class Archive:
    """A ZIP file; counts the bytes that are decompressed."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            raise DocumentError(
                "document_invalid", "The file is damaged: its archive cannot be read. Download it again."
            ) from error
        self._left = MAX_UNPACKED_BYTES
        entries = self._zip.infolist()
        if len(entries) > MAX_ENTRIES:
            raise DocumentError("document_too_complex", f"The file has more than {MAX_ENTRIES:,} parts.")
        for entry in entries:
            if is_outside(entry.filename):
                raise DocumentError(
                    "document_unsafe", "The file contains paths outside of itself. Nothing was read or written."
                )
        self.names = frozenset(entry.filename for entry in entries)

    def read(self, name: str) -> bytes:
        """Return the content of a member. Raises ``DocumentError`` if it is missing, encrypted or too large."""
        try:
            entry = self._zip.getinfo(name)
        except KeyError:
            raise DocumentError("document_invalid", "The file is damaged: a part of it is missing.") from None
        if entry.flag_bits & _ENCRYPTED:
            raise DocumentError("document_encrypted", "The file is encrypted. Save it without a password.")
        try:
            with self._zip.open(entry) as member:
                # Not the size that the archive states, which can be wrong.
                content = member.read(self._left + 1)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
            raise DocumentError("document_invalid", "The file is damaged. Download it again.") from error
        self._left -= len(content)
        if self._left < 0:
            raise DocumentError(
                "document_too_complex", f"The file has more than {MAX_UNPACKED_BYTES // 2**20} MB when decompressed."
            )
        return content


def is_outside(name: str) -> bool:
    """Return whether a path leaves its archive (path traversal)."""
    plain = name.replace("\\", "/")
    return plain.startswith("/") or ":" in plain.split("/")[0] or posixpath.normpath(plain).startswith("..")
