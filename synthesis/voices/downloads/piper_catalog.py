"""Reads Piper's catalog: ``voices.json`` of the repository rhasspy/piper-voices.

An object maps a voice's name to its language, quality, speakers, and files, each with size and MD5 digest.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from synthesis.errors import VoiceError
from synthesis.voice_files.json_reader import integer, section, text
from synthesis.voices.downloads.entries import (
    MAX_FILE_BYTES,
    DownloadableVoice,
    Program,
    RemoteFile,
    Reporter,
    language_tag,
    read_entries,
    text_or_empty,
)
from synthesis.voices.model_card import CARD_FILES

CATALOG = "voices.json"
PUBLIC = "https://huggingface.co/rhasspy/piper-voices/resolve/main/"
QUALITIES = ("x_low", "low", "medium", "high")
NAME = re.compile(r"[a-z]{2,3}_[A-Z]{2}-[\w+]{1,60}-(?:x_low|low|medium|high)")
_DIGEST = re.compile(r"[0-9a-f]{32}")
_MAX_FILES = 20
_MAX_ALIASES = 20
_MAX_SPEAKERS = 10_000


def read_piper_catalog(values: Mapping[str, Any], warn: Reporter) -> Iterator[DownloadableVoice]:
    """Yield the voices of a parsed ``voices.json``; invalid entries are skipped with a warning."""
    return read_entries(values.items(), _voice, warn)


def _voice(name: str, values: Mapping[str, Any]) -> DownloadableVoice:
    if not NAME.fullmatch(name):
        raise VoiceError("catalog_invalid", "The catalog contains a name that is not a voice's.", param="name")
    language, quality = section(values, "language"), text(values, "quality", None)
    if quality not in QUALITIES:
        raise VoiceError("catalog_invalid", "A quality in the catalog is unknown.", param="quality")
    title = text_or_empty(values, "name", 60).replace("_", " ").title()
    aliases = values.get("aliases")
    return DownloadableVoice(
        name,
        Program.PIPER,
        language_tag(text(language, "code", None)),
        text_or_empty(language, "name_english"),
        f"{title} ({quality.replace('_', '-')})" if title else name,
        _files(name, section(values, "files")),
        quality,
        integer(values, "num_speakers", 1, 1, _MAX_SPEAKERS),
        other_names=tuple(alias for alias in aliases[:_MAX_ALIASES] if isinstance(alias, str))
        if isinstance(aliases, list)
        else (),
        native_name=text_or_empty(language, "name_native"),
        country=text_or_empty(language, "country_english"),
    )


def _files(name: str, values: Mapping[str, Any]) -> tuple[RemoteFile, ...]:
    """Return the model, its configuration, and the model card if there is one."""
    if len(values) > _MAX_FILES:
        raise VoiceError("catalog_invalid", "A voice in the catalog has too many files.", param="files")
    wanted = (f"{name}.onnx", f"{name}.onnx.json", *CARD_FILES)
    files = [_file(path, section(values, path)) for path in values if path.rpartition("/")[2] in wanted]
    if [file.name for file in sorted(files, key=lambda file: wanted.index(file.name))][:2] != [*wanted[:2]]:
        raise VoiceError("catalog_invalid", "A voice in the catalog lacks its model or configuration.", param="files")
    return tuple(files)


def _file(path: str, values: Mapping[str, Any]) -> RemoteFile:
    digest = text(values, "md5_digest", None).lower()
    if not _DIGEST.fullmatch(digest):
        raise VoiceError("catalog_invalid", "An MD5 digest in the catalog is not valid.", param="md5_digest")
    file = RemoteFile(path, "", integer(values, "size_bytes", None, 0, MAX_FILE_BYTES), f"md5:{digest}")
    return RemoteFile(file.path, PUBLIC + file.quoted_path, file.size, file.digest)
