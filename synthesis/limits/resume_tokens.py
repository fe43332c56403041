"""Resume tokens: signed proofs that an utterance was admitted, for the case that its process ends.

A token belongs to one owner, voice, speaker, speed and text. It is valid only until the audio that was admitted would
have been played, and each one is used once over all processes that share a cache.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from math import ceil

from django.core import signing

from core.limits import registry

GRACE_S = registry.RESUME_GRACE_S.default
MAX_RESUMPTIONS = registry.MAX_RESUMPTIONS.default


@dataclass(frozen=True, slots=True)
class Grant:
    """The admission of an utterance: ``digest`` identifies its owner and text, ``until`` is a Unix time in seconds."""

    id: str
    resumptions: int
    until: float
    start: int
    digest: str

    @property
    def cache_key(self) -> str:
        """Return the cache key that records the use of the token."""
        return f"resumed:{self.id}:{self.resumptions}"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a client asks for: ``estimated_s`` seconds of audio from the sample ``start`` on."""

    owner: str
    text_key: Hashable
    start: int
    estimated_s: float

    @property
    def digest(self) -> str:
        """Return a hash of the owner, the voice and the text."""
        return hashlib.sha256(repr((self.owner, self.text_key)).encode()).hexdigest()[:32]


class ResumeTokens:
    """Issues and verifies tokens. ``clock`` returns Unix time in seconds: a token outlives its process."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._signer = signing.Signer(salt="synthesis.resume")

    def grant(self, claim: Claim, resumed: Grant | None = None) -> Grant:
        """Return the grant of an utterance that is admitted, after ``resumed`` if that is given.

        A resumed utterance keeps its id and its end, so that resuming it again and again does not extend them.
        """
        if resumed is not None:
            return replace(resumed, start=claim.start, resumptions=resumed.resumptions + 1)
        return Grant(secrets.token_hex(8), 0, self._clock() + claim.estimated_s + GRACE_S, claim.start, claim.digest)

    def moved(self, grant: Grant, claim: Claim) -> Grant:
        """Return the grant of a running utterance after a seek, or a change of voice or speed."""
        until = self._clock() + claim.estimated_s + GRACE_S
        return replace(grant, until=until, start=claim.start, digest=claim.digest)

    def sign(self, grant: Grant) -> str:
        """Return the token of a grant."""
        fields = [grant.id, grant.resumptions, round(grant.until), grant.start, grant.digest]
        return self._signer.sign_object(fields)

    def verify(self, token: str, claim: Claim) -> Grant | None:
        """Return the grant of a valid token; ``None`` if it is forged, expired, or for another owner or text.

        Audio before the token's first sample, or more than can be played until its end, is not resumed either.
        """
        try:
            grant = Grant(*self._signer.unsign_object(token))
        except (signing.BadSignature, ValueError, TypeError):
            return None
        is_same = secrets.compare_digest(grant.digest, claim.digest) and claim.start >= grant.start
        is_in_time = self._clock() + claim.estimated_s <= grant.until
        return grant if is_same and is_in_time and grant.resumptions < MAX_RESUMPTIONS else None

    def left_s(self, grant: Grant) -> int:
        """Return the seconds until the token expires, at least 1."""
        return max(1, ceil(grant.until - self._clock()))
