"""Where catalogs and files come from: the public hosts, a mirror, or a folder of the same layout."""

import shutil
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings

from core.limits import registry
from core.limits.disk_quota import data_dir_quota
from synthesis.errors import VoiceError
from synthesis.voices.downloads import coqui_catalog, piper_catalog
from synthesis.voices.downloads.entries import RemoteFile
from synthesis.voices.downloads.http_client import Hosts, HttpClient, Progress, verify

PUBLIC_HOSTS = (
    "huggingface.co",
    ".hf.co",
    "github.com",
    ".githubusercontent.com",
    "dl.fbaipublicfiles.com",
)
"""Hosts of the catalogs and voices, and those to which they redirect downloads."""
_PUBLIC_CATALOGS = {
    piper_catalog.CATALOG: piper_catalog.PUBLIC + piper_catalog.CATALOG,
    coqui_catalog.CATALOG: coqui_catalog.PUBLIC + coqui_catalog.CATALOG,
}
_MAX_SMALL_BYTES = registry.MAX_VOICE_JSON_BYTES.default
_TIMEOUT_S = registry.CATALOG_TIMEOUT_S.default


class Origin(Protocol):
    """A source of catalogs and files."""

    name: str
    """The host or the folder, for messages."""
    cached: bool
    """Whether catalogs are cached because reading them takes a network connection."""

    def catalog(self, name: str) -> bytes:
        """Return the catalog ``voices.json`` or ``.models.json``, at most 4 MiB. Raises ``VoiceError``."""

    def read(self, file: RemoteFile) -> bytes:
        """Return a small file, at most 4 MiB. Raises ``VoiceError``."""

    def size(self, file: RemoteFile) -> int | None:
        """Return the bytes of ``file``, or ``None`` if unknown. Raises ``VoiceError``."""

    def download(self, file: RemoteFile, path: Path, progress: Progress) -> None:
        """Write ``file`` to ``path``, verified. Raises ``VoiceError``."""


class HttpOrigin:
    """The public hosts, or a mirror."""

    cached = True

    def __init__(self, client: HttpClient, mirror: str = "") -> None:
        """:param mirror: URL of a mirror; empty for the public hosts."""
        self._client = client
        self._mirror = mirror and mirror.rstrip("/") + "/"
        self.name = urlsplit(mirror).netloc if mirror else "the public catalogs"

    def catalog(self, name: str) -> bytes:
        """Return the catalog from the mirror or its public address."""
        return self._small(self._mirror + name if self._mirror else _PUBLIC_CATALOGS[name])

    def read(self, file: RemoteFile) -> bytes:
        """Return the content of a small file."""
        return self._small(self._url(file))

    def size(self, file: RemoteFile) -> int | None:
        """Return the size in the catalog, or else as the server states it."""
        return file.size if file.size is not None else self._client.size(self._url(file))

    def download(self, file: RemoteFile, path: Path, progress: Progress) -> None:
        """Download the file, or the rest of it."""
        self._client.download(self._url(file), path, size=file.size, digest=file.digest, progress=progress)

    def _small(self, url: str) -> bytes:
        return self._client.read(url, _MAX_SMALL_BYTES, _TIMEOUT_S)

    def _url(self, file: RemoteFile) -> str:
        return self._mirror + file.quoted_path if self._mirror else file.url


class FolderOrigin:
    """A folder with the layout of a mirror."""

    cached = False

    def __init__(self, folder: Path) -> None:
        """Raises ``VoiceError`` if there is no such folder."""
        if not folder.is_dir():
            raise VoiceError("voice_invalid", f"The folder {folder} does not exist.", param="offline")
        self._folder = folder
        self.name = str(folder)

    def catalog(self, name: str) -> bytes:
        """Return the catalog in the folder."""
        return self._small(name)

    def read(self, file: RemoteFile) -> bytes:
        """Return the content of a small file."""
        return self._small(file.path)

    def size(self, file: RemoteFile) -> int | None:
        """Return the size in the catalog, or else that of the file."""
        try:
            return file.size if file.size is not None else (self._folder / file.path).stat().st_size
        except OSError as error:
            raise self._missing(file.path, error) from error

    def download(self, file: RemoteFile, path: Path, progress: Progress) -> None:
        """Copy the file and verify it."""
        size = self.size(file) or 0
        if fault := data_dir_quota().fault_with(size):
            raise VoiceError("storage_full", fault)
        progress(0, size)
        try:
            shutil.copyfile(self._folder / file.path, path)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise self._missing(file.path, error) from error
        verify(path, file.name, file.size, file.digest)
        progress(size, size)

    def _small(self, path: str) -> bytes:
        try:
            with (self._folder / path).open("rb") as file:
                content = file.read(_MAX_SMALL_BYTES + 1)
        except OSError as error:
            raise self._missing(path, error) from error
        if len(content) > _MAX_SMALL_BYTES:
            raise VoiceError("voice_too_large", f"{path} is larger than {_MAX_SMALL_BYTES} bytes.")
        return content

    def _missing(self, path: str, error: OSError) -> VoiceError:
        return VoiceError("download_failed", f"{path} in the folder {self.name} cannot be read: {error.strerror}.")


def origin(offline: Path | None = None) -> Origin:
    """Return the folder ``offline``, or the configured mirror, or the public hosts."""
    if offline is not None:
        return FolderOrigin(offline)
    mirror = urlsplit(settings.VOICE_MIRROR_URL)
    names = (*((mirror.hostname or "",) if mirror.netloc else PUBLIC_HOSTS), *settings.VOICE_DOWNLOAD_HOSTS)
    plain = (mirror.netloc.lower(),) if mirror.scheme == "http" else ()
    client = HttpClient(Hosts(names, plain), settings.VOICE_DOWNLOAD_PROXY, space_fault=data_dir_quota().fault_with)
    return HttpOrigin(client, settings.VOICE_MIRROR_URL)
