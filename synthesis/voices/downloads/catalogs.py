"""The voices of all catalogs: cached lists, search, and look-up by name."""

import hashlib
import json
import math
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.conf import settings

from core.limits import registry
from synthesis.errors import VoiceError
from synthesis.voice_files.json_reader import read_object
from synthesis.voices.downloads import coqui_catalog, piper_catalog
from synthesis.voices.downloads.coqui_catalog import mms_voice, read_coqui_catalog
from synthesis.voices.downloads.entries import DownloadableVoice, Reporter
from synthesis.voices.downloads.origins import Origin
from synthesis.voices.downloads.piper_catalog import QUALITIES, read_piper_catalog

MAX_AGE_S = registry.CATALOG_MAX_AGE_S.default
_READERS: Mapping[str, Callable[[Mapping[str, Any], Reporter], Iterator[DownloadableVoice]]] = {
    piper_catalog.CATALOG: read_piper_catalog,
    coqui_catalog.CATALOG: read_coqui_catalog,
}
_SUGGESTED = 5
_MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Catalogs:
    """The voices of the catalogs, by name."""

    voices: tuple[DownloadableVoice, ...]
    age_s: float
    """Seconds since the oldest of the lists was downloaded."""
    warnings: tuple[str, ...] = ()

    def search(self, language: str = "", quality: str = "") -> list[DownloadableVoice]:
        """Return the voices of a language (a tag or a name) and quality; empty selects all.

        An ISO 639-3 code also finds the MMS voice of that language, which no catalog lists.
        """
        found = [
            voice
            for voice in self.voices
            if (not language or voice.speaks(language)) and quality in ("", voice.quality)
        ]
        mms = mms_voice(f"tts_models/{language}/fairseq/vits") if not quality else None
        return [*found, mms] if mms else found

    def find(self, name: str) -> DownloadableVoice:
        """Return the voice of that name, regardless of case. Raises ``VoiceError`` ``voice_unknown``."""
        wanted = name.strip().casefold()
        for voice in self.voices:
            if wanted in (voice.name.casefold(), *(other.casefold() for other in voice.other_names)):
                return voice
        if found := mms_voice(name.strip()):
            return found
        names = {voice.name.casefold(): voice.name for voice in self.voices}
        near = get_close_matches(wanted, names, n=_SUGGESTED)
        similar = f" Similar: {', '.join(names[one] for one in near)}." if near else ""
        message = f"No catalog has a voice {name}.{similar} 'manage.py voice search' lists the voices."
        raise VoiceError("voice_unknown", message, choices=[names[one] for one in near])


def is_catalog_name(name: str) -> bool:
    """Return whether ``name`` has the form of a name in a catalog, such as ``en_GB-alan-medium``."""
    return len(name) <= _MAX_NAME and bool(
        piper_catalog.NAME.fullmatch(name)
        or name.startswith("tts_models/")
        or (name.count("-") >= 1 and name.rpartition("-")[2].replace("-", "_") in QUALITIES and "/" not in name)
    )


def cached_catalogs(origin: Origin, clock: Callable[[], float] = time.time) -> Catalogs | None:
    """Return the cached catalogs, however old, without a network connection; ``None`` if there are none."""
    names = [name for name in _READERS if _age(_cache_path(origin, name), clock) is not None]
    try:
        return read_catalogs(origin, max_age_s=math.inf, names=names, clock=clock) if names else None
    except VoiceError:
        # The cached files are damaged.
        return None


def known_catalogs(origin: Origin) -> Catalogs:
    """Return the cached catalogs, however old, or else download them. Raises ``VoiceError``."""
    return cached_catalogs(origin) or read_catalogs(origin)


def read_catalogs(
    origin: Origin,
    *,
    refresh: bool = False,
    max_age_s: float = MAX_AGE_S,
    names: Collection[str] = tuple(_READERS),
    clock: Callable[[], float] = time.time,
) -> Catalogs:
    """Return the catalogs of ``origin``; lists younger than ``max_age_s`` come from the cache.

    A catalog that cannot be downloaded is taken from the cache however old it is, or left out, with a
    warning. Raises ``VoiceError`` if there is none at all.
    """
    voices: list[DownloadableVoice] = []
    warnings: list[str] = []
    failures: list[VoiceError] = []
    age = 0.0
    for name in names:
        try:
            found, its_age = _read(origin, name, 0 if refresh else max_age_s, clock, warnings.append)
        except VoiceError as error:
            failures.append(error)
            warnings.append(f"The catalog {name} is left out: {error.message}")
        else:
            voices += found
            age = max(age, its_age)
    if len(failures) == len(names):
        raise failures[0]
    named = sorted(_with_language_names(voices), key=lambda voice: (voice.language, voice.name))
    return Catalogs(tuple(named), age, tuple(warnings))


def _with_language_names(voices: list[DownloadableVoice]) -> Iterator[DownloadableVoice]:
    """Yield the voices; those of Coqui, whose catalog has no names of languages, with the names in Piper's."""
    names = {voice.language.partition("-")[0]: voice for voice in voices if voice.language_name}
    for voice in voices:
        same = names.get(voice.language.partition("-")[0])
        if same is None or voice.language_name:
            yield voice
        else:
            yield replace(voice, language_name=same.language_name, native_name=same.native_name)


def _read(
    origin: Origin, name: str, max_age_s: float, clock: Callable[[], float], warn: Reporter
) -> tuple[list[DownloadableVoice], float]:
    cached = _cache_path(origin, name)
    age = _age(cached, clock) if origin.cached else None
    if age is None or age >= max_age_s:
        try:
            _store(origin, name, cached)
            age = 0.0
        except VoiceError as error:
            if age is None:
                raise
            warn(f"{error.message} The list is {describe_age(age)} old.")
    return list(_parsed(cached, name, warn)), age or 0.0


def _store(origin: Origin, name: str, cached: Path) -> None:
    """Replace the cached list, if the new one can be read."""
    content = origin.catalog(name)
    cached.parent.mkdir(parents=True, exist_ok=True)
    new = cached.with_suffix(".new")
    try:
        new.write_bytes(content)
        if not list(_parsed(new, name, lambda _warning: None)):
            raise VoiceError("catalog_invalid", f"{name} of {origin.name} contains no voice.")
        new.replace(cached)
    except OSError as error:
        raise VoiceError("storage_full", f"The catalog could not be stored: {error.strerror}.") from error
    finally:
        new.unlink(missing_ok=True)


def _parsed(path: Path, name: str, warn: Reporter) -> Iterable[DownloadableVoice]:
    return _READERS[name](read_object(path, name), warn)


def _cache_path(origin: Origin, name: str) -> Path:
    key = hashlib.sha256(f"{origin.name}\n{name}".encode()).hexdigest()[:16]
    folder: Path = settings.DATA_DIR / "cache" / "voice-catalogs"
    return folder / f"{key}.json"


def _age(path: Path, clock: Callable[[], float]) -> float | None:
    try:
        # A file can be newer than the clock, which was set back.
        return max(0.0, clock() - path.stat().st_mtime)
    except OSError:
        return None


def describe_age(seconds: float) -> str:
    """Return a rough duration: ``3 minutes``, ``5 hours``, ``2 days``."""
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"


def read_listing(content: bytes) -> Any:
    """Return the parsed listing of a repository. Raises ``VoiceError``."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise VoiceError("catalog_invalid", "The repository's listing is not JSON.") from error
