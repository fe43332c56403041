"""The voices of a public catalog, and the files of a voice, as immutable values."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from core.limits import registry
from synthesis.errors import VoiceError
from synthesis.voice_files.json_reader import section, text
from synthesis.voices.installer import voice_id

MAX_FILE_BYTES = registry.MAX_VOICE_DOWNLOAD_BYTES.default
MAX_ENTRIES = 10_000
"""Entries of a catalog that are read."""
_NAME = r"(?!\.)[\w.+-]{1,120}"
"""The name of a file or a folder. It cannot begin with a dot, so ``..`` is none (path traversal)."""
PATH = re.compile(rf"{_NAME}(?:/{_NAME}){{0,7}}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")

Reporter = Callable[[str], None]


class Program(StrEnum):
    """The program whose catalog offers a voice."""

    PIPER = "piper"
    COQUI = "coqui"
    MMS = "mms"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a voice."""

    path: str
    """Path below the mirror or the offline folder; its last part is the file's name."""
    url: str
    """Address at the public host."""
    size: int | None = None
    """Bytes, or ``None`` if the catalog does not state them."""
    digest: str = ""
    """``md5:`` or ``sha256:`` and the hexadecimal digest; empty if the catalog has none."""

    def __post_init__(self) -> None:
        if not PATH.fullmatch(self.path):
            raise VoiceError("catalog_invalid", "A path in the catalog is not a plain relative path.", param="path")

    @property
    def name(self) -> str:
        """Return the file's name."""
        return self.path.rpartition("/")[2]

    @property
    def quoted_path(self) -> str:
        """Return the path for a URL."""
        return quote(self.path)


@dataclass(frozen=True, slots=True)
class DownloadableVoice:
    """A voice that a catalog offers."""

    name: str
    """The name that ``voice add`` takes, such as ``en_GB-alan-medium`` or ``tts_models/en/vctk/vits``."""
    program: Program
    language: str
    """BCP 47 tag or ISO 639-3 code."""
    language_name: str
    """Name of the language in English; empty if unknown."""
    title: str
    """Display name."""
    files: tuple[RemoteFile, ...] = ()
    quality: str = ""
    """``x_low``, ``low``, ``medium`` or ``high`` for Piper voices; otherwise empty."""
    speakers: int | None = None
    license: str = ""
    """Empty if only the voice's model card states it."""
    repository: str = ""
    """Hugging Face repository whose listing names the files; ``files`` is then empty."""
    allowed: tuple[str, ...] = ()
    """Names of the files in ``repository`` that belong to the voice; empty for all."""
    other_names: tuple[str, ...] = ()
    native_name: str = ""
    country: str = ""

    @property
    def size(self) -> int | None:
        """Return the bytes of all files, or ``None`` if the catalog does not state them."""
        sizes = [file.size for file in self.files]
        return sum(size for size in sizes if size) if sizes and None not in sizes else None

    @property
    def id(self) -> str:
        """Return the id that the voice gets when it is installed."""
        if self.program is Program.MMS:
            return f"mms-{self.language}"
        return voice_id(self.name.removeprefix("tts_models/"))

    @property
    def folder(self) -> str:
        """Return the name of a folder for the files; the importers read the language from some such names."""
        return self.language if self.program is Program.MMS else self.name.replace("/", "--")

    def speaks(self, language: str) -> bool:
        """Return whether ``language``, a tag or a name of a language or country, means this voice's language."""
        wanted = language.strip().replace("_", "-").casefold()
        tag = self.language.casefold()
        names = (self.language_name, self.native_name, self.country)
        return wanted in (tag, tag.partition("-")[0]) or any(wanted == name.casefold() for name in names if name)

    def to_dict(self) -> dict[str, Any]:
        """Return the facts of the voice as JSON-ready data."""
        return {
            "name": self.name,
            "id": self.id,
            "program": self.program.value,
            "language": self.language,
            "language_name": self.language_name,
            "quality": self.quality or None,
            "speakers": self.speakers,
            "size_bytes": self.size,
            "license": self.license or None,
        }


def language_tag(code: str) -> str:
    """Return the BCP 47 tag of a catalog's code, such as ``en-GB`` for ``en_GB``. Raises ``VoiceError``."""
    tag = code.replace("_", "-")
    if not _LANGUAGE.fullmatch(tag):
        raise VoiceError("catalog_invalid", "A language code in the catalog is not valid.", param="language")
    return tag


def text_or_empty(values: Mapping[str, Any], key: str, longest: int = 200) -> str:
    """Return the string under ``key`` in one line; empty if it is missing or not a string."""
    value = values.get(key)
    if not isinstance(value, str):
        return ""
    line = "".join(char for char in " ".join(value.split()) if char.isprintable())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def read_entries(
    items: Iterable[tuple[str, Any]], read: Callable[[str, Mapping[str, Any]], DownloadableVoice | None], warn: Reporter
) -> Iterator[DownloadableVoice]:
    """Yield the voices that ``read`` makes of a catalog's entries. Invalid entries are skipped, with one warning."""
    invalid = 0
    for count, (name, values) in enumerate(items):
        if count == MAX_ENTRIES:
            warn(f"The catalog has more than {MAX_ENTRIES} entries; the others are ignored.")
            break
        try:
            voice = read(text({"name": name}, "name", None), section({"entry": values}, "entry"))
        except VoiceError:
            invalid += 1
            continue
        if voice is not None:
            yield voice
    if invalid:
        warn(f"{invalid} entries of the catalog are invalid and were ignored.")
