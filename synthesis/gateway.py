"""Give the websocket, the HTTP API and the plain form one way to synthesize speech for a rate-limited client."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Unpack

from django.http import HttpRequest

from core.limits.quotas import QuotaStatus
from core.limits.subjects import RateLimitSubject, subject_for, user_id_of
from synthesis.catalog import VoiceCatalogCache
from synthesis.limits.policy import LimitPolicy
from synthesis.limits.rate_limiter import RateLimiter
from synthesis.pipeline.events import Event
from synthesis.pipeline.flow_control import FlowControl
from synthesis.pipeline.request import SpeechOptions, SpeechRequest, build_request
from synthesis.pipeline.segment_cache import SegmentAudioCache
from synthesis.pipeline.synthesizer import Synthesizer


class SpeechGateway:
    """Opens clients; holds the parts that all clients of a process share."""

    def __init__(
        self,
        rate_limiter: RateLimiter,
        catalog: VoiceCatalogCache,
        synthesizer: Synthesizer,
        segment_cache: SegmentAudioCache,
    ) -> None:
        self.rate_limiter = rate_limiter
        self.catalog = catalog
        self.synthesizer = synthesizer
        self.segment_cache = segment_cache

    async def open(self, subject: RateLimitSubject) -> "SpeechClient":
        """Return a client with the policy of ``subject``. Raises ``StorageUnavailableError``."""
        return SpeechClient(self, subject, await self.rate_limiter.policy(subject))

    async def open_for(self, http: HttpRequest) -> "SpeechClient":
        """Return a client for the user of an HTTP request. Raises ``StorageUnavailableError``."""
        return await self.open(subject_for(user_id_of(await http.auser()), http.META.get("REMOTE_ADDR")))


class SpeechClient:
    """One websocket or one HTTP request: who is rate-limited, and by which policy.

    Call ``build``, then ``charge``, then ``events``. All methods run on the event loop.
    """

    def __init__(self, gateway: SpeechGateway, subject: RateLimitSubject, policy: LimitPolicy) -> None:
        self.subject = subject
        self.policy = policy
        self._gateway = gateway
        self._rate_limiter = gateway.rate_limiter

    async def refresh(self) -> None:
        """Update ``policy``: a websocket outlives changes to it. Raises ``StorageUnavailableError``."""
        self.policy = await self._rate_limiter.policy(self.subject)

    async def quota(self) -> QuotaStatus:
        """Return the remaining request quota without charging it."""
        return await self._rate_limiter.request_quota(self.subject, self.policy)

    async def require_quota(self) -> None:
        """Reject a client without request quota before any work. Raises ``SpeechError`` ``limit_requests``."""
        await self._rate_limiter.require_request_quota(self.subject, self.policy)

    async def build(self, text: str, **options: Unpack[SpeechOptions]) -> SpeechRequest:
        """Validate everything except the content of ``text``, as ``build_request`` does. Raises ``SpeechError``."""
        return build_request(await self._gateway.catalog.read(), text, policy=self.policy, **options)

    async def charge(self, request: SpeechRequest) -> QuotaStatus:
        """Charge a request, then check its text: the check costs CPU time, so the quota must limit it.

        Returns the request quota. Raises ``SpeechError`` ``limit_requests`` or ``limit_characters``, ``BusyError``, and
        what ``check_text`` raises.
        """
        quota = await self._rate_limiter.charge_request(self.subject, self.policy, request.billable_characters)
        await self.check_text(request)
        return quota

    async def check_text(self, request: SpeechRequest) -> None:
        """Check the content of a text that was charged before. Raises the errors of ``Synthesizer.check``."""
        await self._gateway.synthesizer.check(request, self.policy)

    async def events(self, request: SpeechRequest, flow: FlowControl | None = None) -> AsyncGenerator[Event, None]:
        """Yield the events of an utterance; use ``aclosing``, because closing the iterator stops the synthesis.

        Holds a concurrency slot from the first event to the last one, charges audio beyond the estimate, and uses the
        client's segment cache. ``flow`` is passed to ``Synthesizer.synthesize``.
        Raises ``SpeechError`` ``limit_utterances``, and the errors of ``Synthesizer.synthesize``.
        """
        subject, policy = self.subject, self.policy
        synthesis = self._gateway.synthesizer.synthesize(
            request,
            flow,
            policy.timeout_s,
            self._gateway.segment_cache.for_owner(subject.key, policy.max_cached_segments),
            self._rate_limiter.bill(subject, request.billable_characters),
        )
        async with self._rate_limiter.utterance_slot(subject, policy), aclosing(synthesis) as events:
            async for event in events:
                yield event
