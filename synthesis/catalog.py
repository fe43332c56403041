"""The catalog of enabled voices as immutable values, so that requests need no database query."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from core.storage import database
from core.storage.cached import Cached
from synthesis.errors import VoiceError
from synthesis.models import Voice, VoiceAlias
from synthesis.text.annotation.other_languages import LanguageVoice
from synthesis.text.normalization.languages import primary

CACHE_TTL_S = 1.0
"""Seconds for which a loaded catalog is fresh; changes in the admin apply after that."""

_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(?:-(?:[a-z]{2}|[0-9]{3}))?")
"""A language, or a language and a region; names of other programs' voices only begin like that (``en-US-Jenny``)."""
LISTED_SPEAKERS = 5
"""Speakers that an error message names: the most similar ones, or else the first."""


@dataclass(frozen=True, slots=True)
class CatalogVoice:
    """An enabled voice."""

    id: str
    name: str
    language: str
    speakers: tuple[str, ...]
    sample_rate: int
    default: bool
    created: int = 0
    """Unix time of the installation, in seconds."""
    language_default: bool = False
    """Whether it is the default voice of its language."""

    def to_dict(self) -> dict[str, Any]:
        """Return the public fields of the voice as JSON-ready data."""
        return {
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "speakers": list(self.speakers),
            "sample_rate": self.sample_rate,
            "default": self.default,
        }

    def speaker_number(self, name: str | None) -> int | None:
        """Return the number of the speaker called ``name``; ``None``, the voice's default speaker, for ``None``.

        Raises ``VoiceError`` ``speaker_unknown``.
        """
        if name is None:
            return None
        if name not in self.speakers:
            raise VoiceError(
                "speaker_unknown", self._speaker_message(name), param="speaker", choices=list(self.speakers)
            )
        return self.speakers.index(name)

    def _speaker_message(self, name: str) -> str:
        if not self.speakers:
            return f"{self.name} has a single speaker. Leave the speaker out."
        near = get_close_matches(name, self.speakers, n=LISTED_SPEAKERS) or self.speakers[:LISTED_SPEAKERS]
        others = "" if len(near) == len(self.speakers) else f", and {len(self.speakers) - len(near)} others"
        return f"{self.name} has no speaker with that name. Its speakers: {', '.join(near)}{others}."


@dataclass(frozen=True, slots=True)
class VoiceCatalog:
    """All enabled voices, the default voice first."""

    entries: tuple[CatalogVoice, ...] = ()
    aliases: Mapping[str, str | None] = field(default_factory=dict)
    """The id of the voice for each further name; ``None`` is the default voice."""

    def resolve(self, name: str) -> str | None:
        """Return the id of the voice that ``name`` means, regardless of case and surrounding blanks.

        A language tag means the voice of ``for_language``. ``None`` is the default voice. A name that is neither a
        voice's nor an alias nor a language is returned unchanged.
        """
        wanted = name.strip().lower()
        if any(entry.id == wanted for entry in self.entries):
            return wanted
        if wanted in self.aliases:
            return self.aliases[wanted]
        spoken = self.for_language(wanted)
        return spoken.id if spoken else name

    def for_language(self, tag: str) -> CatalogVoice | None:
        """Return the voice for a tag of language and region; ``None`` if it is none, or no voice speaks the language.

        For fields in which clients name voices as well.
        """
        return self.speaking(tag) if _LANGUAGE_TAG.fullmatch(tag.replace("_", "-").lower()) else None

    def speaking(self, tag: str) -> CatalogVoice | None:
        """Return the voice for a BCP 47 tag; ``None`` if no voice speaks the language.

        A voice of the region precedes others of the language; of several, the default of the language, then the
        default voice.
        """
        wanted = tag.replace("_", "-").lower()

        def rank(entry: CatalogVoice) -> tuple[bool, bool, bool]:
            return entry.language.lower() == wanted, entry.language_default, entry.default

        primary = wanted.partition("-")[0]
        same = [entry for entry in self.entries if entry.language.lower().partition("-")[0] == primary]
        return max(same, key=rank, default=None)

    def other_languages(self, language: str) -> tuple[LanguageVoice, ...]:
        """Return the voice for each language but that of the tag ``language``, as ``for_language`` chooses it."""
        best: dict[str, CatalogVoice] = {}
        for entry in sorted(self.entries, key=lambda each: (each.language_default, each.default), reverse=True):
            best.setdefault(primary(entry.language), entry)
        best.pop(primary(language), None)
        return tuple(LanguageVoice(entry.language, entry.id) for entry in best.values())

    def knows(self, name: str) -> bool:
        """Return whether ``name`` is a voice's id or an alias."""
        resolved = self.resolve(name)
        return resolved is None or any(entry.id == resolved for entry in self.entries)

    @property
    def default(self) -> CatalogVoice | None:
        """Return the default voice."""
        return next((entry for entry in self.entries if entry.default), None)

    def find(self, voice_id: str | None) -> CatalogVoice:
        """Return the voice with that id, or the default voice. Raises ``VoiceError``
        ``voice_unknown`` or ``not_ready``.
        """
        if voice_id is None:
            if self.default is None:
                raise VoiceError("not_ready", "No voice is installed yet.", retry_after=5)
            return self.default
        for entry in self.entries:
            if entry.id == voice_id:
                return entry
        choices = [entry.id for entry in self.entries]
        known = ", ".join(choices) or "none yet"
        raise VoiceError("voice_unknown", f"Unknown voice. Installed voices: {known}.", param="voice", choices=choices)


class VoiceCatalogCache:
    """Loads the catalog at most once in ``CACHE_TTL_S`` seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._catalog = Cached(_read_catalogue, CACHE_TTL_S, clock)

    async def read(self) -> VoiceCatalog:
        """Return a catalog at most ``CACHE_TTL_S`` old, or the last one while the database does not respond."""
        return await self._catalog.get()

    async def refresh(self) -> None:
        """Load the catalog. Raises ``StorageUnavailableError``."""
        await self._catalog.refresh()


async def _read_catalogue() -> VoiceCatalog:
    return await database.read(query_catalog)


def query_catalog() -> VoiceCatalog:
    """Return the enabled voices and the aliases of the database."""
    aliases = dict(VoiceAlias.objects.values_list("name", "voice_id"))
    return VoiceCatalog(tuple(map(catalog_entry, Voice.objects.filter(enabled=True))), aliases)


def catalog_entry(voice: Voice) -> CatalogVoice:
    """Return the values of a row."""
    return CatalogVoice(
        voice.id,
        voice.name,
        voice.language,
        tuple(voice.speakers),
        voice.sample_rate,
        voice.default,
        int(voice.created.timestamp()),
        voice.language_default,
    )
