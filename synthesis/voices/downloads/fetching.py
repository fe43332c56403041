"""Downloads the files of a voice into a folder, ready for the importers."""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from core.limits import registry
from core.limits.disk_quota import data_dir_quota
from core.storage.file_lock import file_lock
from synthesis.errors import VoiceError
from synthesis.voices.downloads.archives import ARCHIVES, unpack
from synthesis.voices.downloads.catalogs import read_listing
from synthesis.voices.downloads.coqui_catalog import listing_file, repository_files
from synthesis.voices.downloads.entries import MAX_FILE_BYTES, DownloadableVoice, RemoteFile
from synthesis.voices.downloads.http_client import Progress
from synthesis.voices.downloads.origins import Origin
from synthesis.voices.importers.metadata import Warn
from synthesis.voices.model_card import CARD_FILES, card_license
from synthesis.voices.sources import Source, from_file

_PART = ".part"
_PART_MAX_AGE_S = registry.PARTIAL_DOWNLOAD_S.default


def complete(voice: DownloadableVoice, origin: Origin) -> DownloadableVoice:
    """Return ``voice`` with its files, their sizes and its license, as far as ``origin`` states them.

    It reads the model card and the repository's listing, or asks for the size of an archive. Raises ``VoiceError``.
    """
    if voice.repository:
        listing = read_listing(origin.read(listing_file(voice.repository)))
        voice = replace(voice, files=repository_files(voice, listing))
    files = tuple(file if file.size is not None else replace(file, size=origin.size(file)) for file in voice.files)
    if sum(file.size or 0 for file in files) > MAX_FILE_BYTES:
        raise VoiceError("voice_too_large", f"{voice.name} is larger than {MAX_FILE_BYTES} bytes.")
    card = next((file for file in files if file.name in CARD_FILES), None)
    license_ = voice.license or (card_license(origin.read(card)) if card else "")
    return replace(voice, files=files, license=license_)


@contextmanager
def fetch(
    voice: DownloadableVoice,
    origin: Origin,
    progress: Progress,
    warn: Warn,
    *,
    clock: Callable[[], float] = time.time,
) -> Iterator[Source]:
    """Download ``voice`` and yield it as a source to install; at the end the files are deleted.

    An interrupted download stays for a week, and the next call continues it. Raises ``VoiceError``.

    :param voice: as ``complete`` returns it.
    """
    downloads: Path = settings.DATA_DIR / "cache" / "voice-downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    with file_lock(downloads / ".lock"):
        _delete_old(downloads, clock)
        folder = downloads / "voice" / voice.folder
        try:
            parts = _download(voice, origin, downloads, progress)
            folder.mkdir(parents=True)
            _place(parts, folder)
            source = from_file(folder, warn=warn)
            yield replace(
                source,
                name=voice.title,
                license=voice.license or source.license,
                origin=f"{voice.name} of {origin.name}",
                language_hint=source.language_hint or voice.language,
            )
        finally:
            shutil.rmtree(downloads / "voice", ignore_errors=True)


def _download(
    voice: DownloadableVoice, origin: Origin, downloads: Path, progress: Progress
) -> list[tuple[RemoteFile, Path]]:
    """Return the downloaded parts. ``progress`` counts over all files."""
    total = voice.size
    before = 0
    parts: list[tuple[RemoteFile, Path]] = []
    for file in voice.files:
        part = downloads / (hashlib.sha256(f"{origin.name}\n{file.path}".encode()).hexdigest()[:32] + _PART)

        def report(done: int, size: int | None, before: int = before) -> None:
            progress(before + done, total if total is not None else size and before + size)

        try:
            origin.download(file, part, report)
        except VoiceError as error:
            if error.code != "download_failed":
                # A complete file of a voice that cannot be installed has no use.
                for _, other in parts:
                    other.unlink(missing_ok=True)
            raise
        before += part.stat().st_size
        parts.append((file, part))
    return parts


def _place(parts: list[tuple[RemoteFile, Path]], folder: Path) -> None:
    """Move files into ``folder``, and unpack archives there."""
    for file, part in parts:
        target = folder / file.name
        part.replace(target)
        if file.name.endswith(ARCHIVES):
            unpack(target, folder, data_dir_quota().fault_with)
            target.unlink()


def _delete_old(downloads: Path, clock: Callable[[], float]) -> None:
    """Delete the temporary files of interrupted processes, and unfinished downloads older than a week."""
    shutil.rmtree(downloads / "voice", ignore_errors=True)
    for part in downloads.glob("*" + _PART + "*"):
        if clock() - part.stat().st_mtime > _PART_MAX_AGE_S:
            part.unlink(missing_ok=True)
