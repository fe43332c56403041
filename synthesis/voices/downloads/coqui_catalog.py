"""Reads Coqui's catalog, ``.models.json`` of coqui-tts, and names MMS voices as Coqui does.

Nested objects map ``tts_models``, language, data set and model to an archive's address
(``github_rls_url``) or a Hugging Face repository (``repo_id``, with ``allow`` and ``ignore``). It has
neither sizes nor digests. MMS voices are not listed: ``tts_models/deu/fairseq/vits`` is one for each ISO
639-3 code.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from synthesis.errors import VoiceError
from synthesis.voice_files.json_reader import integer, section, text
from synthesis.voices.downloads.entries import (
    MAX_FILE_BYTES,
    DownloadableVoice,
    Program,
    RemoteFile,
    Reporter,
    read_entries,
    text_or_empty,
)

CATALOG = ".models.json"
PUBLIC = "https://raw.githubusercontent.com/idiap/coqui-ai-TTS/HEAD/TTS/"
HUGGING_FACE = "https://huggingface.co/"
MMS_PUBLIC = "https://dl.fbaipublicfiles.com/mms/tts/"
MMS_LICENSE = "CC-BY-NC-4.0"
NAME = re.compile(r"tts_models/[\w-]{2,20}/[\w.+-]{1,60}/[\w.+-]{1,60}")
_MMS_NAME = re.compile(r"tts_models/([a-z]{3})/fairseq/vits")
_REPOSITORY = re.compile(r"(?!\.)[\w.-]{1,60}/(?!\.)[\w.-]{1,100}")
_LANGUAGE_FOLDER = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")
_VITS = re.compile(r"vits(?:[-_].*)?")
_MAX_FILES = 50
_FILES = (".pth", ".pt", ".safetensors", ".json", ".txt", ".md", "LICENSE")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def read_coqui_catalog(values: Mapping[str, Any], warn: Reporter) -> Iterator[DownloadableVoice]:
    """Yield the VITS voices of a parsed ``.models.json``; invalid entries are skipped with a warning.

    Raises ``VoiceError`` if it has no object ``tts_models``.
    """
    if "tts_models" not in values:
        raise VoiceError("catalog_invalid", f'{CATALOG} has no "tts_models".', param="tts_models")
    return read_entries(_models(section(values, "tts_models")), _voice, warn)


def mms_voice(name: str) -> DownloadableVoice | None:
    """Return the MMS voice of that name, or ``None`` if it is not the name of one."""
    match = _MMS_NAME.fullmatch(name)
    if match is None:
        return None
    archive = f"{match[1]}.tar.gz"
    files = (RemoteFile(f"mms/{archive}", MMS_PUBLIC + archive),)
    return DownloadableVoice(name, Program.MMS, match[1], "", f"MMS {match[1]}", files, license=MMS_LICENSE)


def _models(tree: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for language, sets in tree.items():
        for data_set, models in sets.items() if isinstance(sets, dict) else ():
            for model, values in models.items() if isinstance(models, dict) else ():
                if _VITS.fullmatch(model) and language != "multilingual":
                    yield f"tts_models/{language}/{data_set}/{model}", values


def _voice(name: str, values: Mapping[str, Any]) -> DownloadableVoice:
    if not NAME.fullmatch(name):
        raise VoiceError("catalog_invalid", "The catalog contains a name that is not a voice's.", param="name")
    _, language, data_set, model = name.split("/")
    # Some folders name a dialect, such as tw_akuapem.
    tag = language if _LANGUAGE_FOLDER.fullmatch(language) else language.partition("_")[0]
    repository = text(values, "repo_id", "")
    if repository and not _REPOSITORY.fullmatch(repository):
        raise VoiceError("catalog_invalid", "A repository in the catalog is not valid.", param="repo_id")
    allowed = values.get("allow")
    return DownloadableVoice(
        name,
        Program.COQUI,
        tag,
        "",
        f"{data_set} {model}" if model != "vits" else data_set,
        () if repository else (_archive(name, values),),
        license=text_or_empty(values, "license"),
        repository=repository,
        allowed=tuple(item for item in allowed if isinstance(item, str)) if isinstance(allowed, list) else (),
    )


def _archive(name: str, values: Mapping[str, Any]) -> RemoteFile:
    url = text(values, "github_rls_url", None, 500)
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.path.endswith(".zip") or parts.query or "@" in parts.netloc:
        raise VoiceError("catalog_invalid", f"The address of {name} is not that of an archive.", param="github_rls_url")
    return RemoteFile(parts.path.rpartition("/")[2], url)


def listing_file(repository: str) -> RemoteFile:
    """Return the file that lists the files of a Hugging Face repository."""
    path = f"api/models/{repository}/tree/main"
    return RemoteFile(path, HUGGING_FACE + path)


def repository_files(voice: DownloadableVoice, listing: Any) -> tuple[RemoteFile, ...]:
    """Return the voice's files of a parsed repository listing, with their sizes and SHA-256 digests where it has them.

    Raises ``VoiceError`` for a listing of another form.
    """
    if not isinstance(listing, list) or len(listing) > _MAX_FILES * 20:
        raise VoiceError("catalog_invalid", "The repository's listing is not a list of files.")
    rows = [row for row in listing if isinstance(row, dict) and row.get("type") == "file"]
    files = [_repository_file(voice.repository, row) for row in rows if _wanted(voice, row.get("path"))]
    if not files or len(files) > _MAX_FILES:
        raise VoiceError("catalog_invalid", f"The repository {voice.repository} has no files of a voice.")
    return tuple(files)


def _wanted(voice: DownloadableVoice, path: Any) -> bool:
    if not isinstance(path, str) or "/" in path or not path.endswith(_FILES):
        return False
    return path in voice.allowed if voice.allowed else True


def _repository_file(repository: str, row: Mapping[str, Any]) -> RemoteFile:
    large = section(row, "lfs")
    digest = text(large, "oid", "").removeprefix("sha256:")
    size = integer(row, "size", None, 0, MAX_FILE_BYTES)
    path = f"{repository}/resolve/main/{text(row, 'path', None)}"
    file = RemoteFile(path, "", size, f"sha256:{digest}" if _SHA256.fullmatch(digest) else "")
    return RemoteFile(file.path, HUGGING_FACE + file.quoted_path, file.size, file.digest)
