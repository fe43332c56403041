"""Give the websocket, the HTTP API and the plain form one way to synthesize speech for a rate-limited client."""

import asyncio
import weakref
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from math import ceil
from typing import Any, Protocol, Unpack

from django.conf import settings
from django.http import HttpRequest

from core.limits.quotas import QuotaStatus
from core.limits.subjects import RateLimitSubject, subject_for, user_id_of
from synthesis.catalog import VoiceCatalogCache
from synthesis.errors import BusyError
from synthesis.limits.policy import LimitPolicy
from synthesis.limits.rate_limiter import RateLimiter
from synthesis.limits.resume_tokens import Claim, Grant, ResumeTokens
from synthesis.pipeline.events import AudioChunk, AudioEnd, AudioStart, Event, Waiting, WordTimings
from synthesis.pipeline.explanation import Explanation
from synthesis.pipeline.flow_control import FlowControl, PullFlowControl
from synthesis.pipeline.request import SpeechOptions, SpeechRequest, build_request
from synthesis.pipeline.segment_cache import OwnerCache, SegmentAudioCache
from synthesis.pipeline.synthesizer import Synthesizer
from synthesis.pipeline.utterance_record import UtteranceRecord
from synthesis.pool.admission import TAKEOVER_S, Admission, Ticket
from synthesis.text.annotation.lexicon import NO_LEXICON, Lexicon


@dataclass(frozen=True, slots=True)
class AccountReading:
    """How the texts of an account are read."""

    lexicons: tuple[Lexicon, ...] = ()
    """In order of precedence."""
    choices: Mapping[str, Any] = field(default_factory=dict)
    """Fields of ``ReadingOptions``, which a request can override."""


class LexiconSource(Protocol):
    """Where the pronunciation dictionaries and the reading options of accounts come from."""

    async def read(self, account: int | None) -> AccountReading:
        """Return how the texts of an account, or of a visitor for ``None``, are read."""
        ...

    async def refresh(self, account: int | None) -> None:
        """Read what changed for an account, or for the operator, so that the next text has it."""
        ...

    def load(self, account: int | None) -> Lexicon:
        """Return the dictionary of an account, or the operator's for ``None``. Blocks; for management commands."""
        ...


class NoLexicons:
    """No dictionaries."""

    async def read(self, _account: int | None) -> AccountReading:
        """Return the defaults."""
        return AccountReading()

    async def refresh(self, _account: int | None) -> None:
        """Do nothing."""

    def load(self, _account: int | None) -> Lexicon:
        """Return a dictionary without entries."""
        return NO_LEXICON


class SpeechGateway:
    """Opens clients; holds the parts that all clients of a process share."""

    def __init__(
        self,
        rate_limiter: RateLimiter,
        catalog: VoiceCatalogCache,
        synthesizer: Synthesizer,
        segment_cache: SegmentAudioCache,
        admission: Admission,
        lexicons: LexiconSource | None = None,
        resume_tokens: ResumeTokens | None = None,
    ) -> None:
        self.resume_tokens = resume_tokens or ResumeTokens()
        self.granted: weakref.WeakValueDictionary[str, Ticket] = weakref.WeakValueDictionary()
        """The utterances of this process that can be resumed in another one, by the id of their grant."""
        self.lexicons = lexicons or NoLexicons()
        self.rate_limiter = rate_limiter
        self.catalog = catalog
        self.synthesizer = synthesizer
        self.segment_cache = segment_cache
        self.admission = admission

    async def open(self, subject: RateLimitSubject, max_wait_s: float | None = None) -> "SpeechClient":
        """Return a client with the policy of ``subject``, whose utterances wait ``max_wait_s`` seconds for admission.

        ``None`` does not limit the wait. Raises ``StorageUnavailableError``.
        """
        return SpeechClient(self, subject, await self.policy(subject), max_wait_s)

    async def policy(self, subject: RateLimitSubject) -> LimitPolicy:
        """Return the policy of ``subject``; loads its dictionaries at the same time, so that no text waits for both.

        Raises ``StorageUnavailableError``.
        """
        policy, _ = await asyncio.gather(self.rate_limiter.policy(subject), self.lexicons.read(subject.account))
        return policy

    async def open_for(self, http: HttpRequest) -> "SpeechClient":
        """Return a client for the user of an HTTP request. Raises ``StorageUnavailableError``."""
        subject = subject_for(user_id_of(await http.auser()), http.META.get("REMOTE_ADDR"))
        client = await self.open(subject, settings.SYNTHESIS_HTTP_WAIT_S)
        client.transport = "form"
        return client


@dataclass(frozen=True, slots=True)
class _Place:
    """An utterance in admission control; ``grant`` is absent where nothing can be resumed."""

    ticket: Ticket
    grant: Grant | None


class SpeechClient:
    """The client of a websocket or of an HTTP request: the subject of the rate limits, and its policy.

    Call ``build``, then ``charge``, then ``events``. All methods run on the event loop.
    """

    def __init__(
        self,
        gateway: SpeechGateway,
        subject: RateLimitSubject,
        policy: LimitPolicy,
        max_wait_s: float | None = None,
    ) -> None:
        self._max_wait_s = max_wait_s
        self.transport = "socket" if max_wait_s is None else "http"
        """How the client is connected, for logs and metrics: ``socket``, ``http``, ``stream`` or ``form``."""
        self.subject = subject
        self.policy = policy
        self._reserved: tuple[str, _Place, asyncio.TimerHandle] | None = None
        self._gateway = gateway
        self._rate_limiter = gateway.rate_limiter

    async def refresh(self) -> None:
        """Update ``policy``: a websocket outlives changes to it. Raises ``StorageUnavailableError``."""
        self.policy = await self._gateway.policy(self.subject)

    async def quota(self) -> QuotaStatus:
        """Return the remaining request quota without charging it."""
        return await self._rate_limiter.request_quota(self.subject, self.policy)

    async def require_quota(self) -> None:
        """Reject a client without request quota before any work. Raises ``SpeechError`` ``limit_requests``."""
        await self._rate_limiter.require_request_quota(self.subject, self.policy)

    async def build(self, text: str, **options: Unpack[SpeechOptions]) -> SpeechRequest:
        """Validate everything except the content of ``text``, as ``build_request`` does. Raises ``SpeechError``."""
        own = await self._gateway.lexicons.read(self.subject.account)
        options["reading"] = {**own.choices, **options.get("reading", {}), "lexicons": own.lexicons}
        return build_request(await self._gateway.catalog.read(), text, policy=self.policy, **options)

    async def reading_choices(self) -> Mapping[str, Any]:
        """Return the account's reading options, which a request can override."""
        return (await self._gateway.lexicons.read(self.subject.account)).choices

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

    async def explain(self, request: SpeechRequest) -> Explanation:
        """Return how the text of a charged request is read. Raises the errors of ``Synthesizer.explain``."""
        return await self._gateway.synthesizer.explain(request, self.policy)

    async def events(
        self, request: SpeechRequest, flow: FlowControl | None = None, resume: str | None = None
    ) -> AsyncGenerator[Event, None]:
        """Yield the events of an utterance; use ``aclosing``, because closing the iterator stops the synthesis.

        While the server has no capacity, the first events are ``Waiting``; over HTTP, a long wait raises ``BusyError``.
        Holds a concurrency slot from the first event to the last one, charges audio beyond the estimate,
        and uses the client's segment cache. ``flow`` is passed to ``Synthesizer.synthesize``.
        ``resume`` is the token of an earlier ``AudioStart``: the utterance goes before new ones if it is valid.
        Raises ``SpeechError`` ``limit_utterances``, and the errors of ``Synthesizer.synthesize``.
        """
        subject, policy = self.subject, self.policy
        record = UtteranceRecord(request, self.transport)
        flow = flow or PullFlowControl(None)
        synthesis = self._gateway.synthesizer.synthesize(
            request,
            flow,
            policy.timeout_s,
            self._cache(record.looked_up),
            self._rate_limiter.bill(subject, request.billable_characters),
        )
        async with record, self._rate_limiter.utterance_slot(subject, policy):
            place = await self._place(request, resume)
            ticket = place.ticket
            cancelled = False
            try:
                async with aclosing(_waiting(ticket, self._max_wait_s)) as waits:
                    async for waiting in waits:
                        yield waiting
                record.admitted()
                async with (
                    aclosing(synthesis),
                    aclosing(_tracked(synthesis, record, ticket, flow, self._token(place))) as events,
                ):
                    async for event in events:
                        yield event
            except (asyncio.CancelledError, GeneratorExit):
                cancelled = True
                raise
            finally:
                # Requests of the HTTP API have no seek.
                if cancelled and ticket.is_running and self._max_wait_s is None:
                    self._reserve(request, place)
                else:
                    ticket.close()

    def _cache(self, looked_up: Callable[[bool], object] = lambda _hit: None) -> OwnerCache:
        return self._gateway.segment_cache.for_owner(self.subject.key, self.policy.max_cached_segments, looked_up)

    async def _place(self, request: SpeechRequest, resume: str | None) -> _Place:
        """Return the place of the same text if its utterance was cancelled shortly before (a seek), or a new one."""
        claim = Claim(self.subject.key, request.text_key, request.start, request.estimated_s)
        tokens = self._gateway.resume_tokens
        if (reserved := self._take_reserved(request)) is not None:
            moved = reserved.grant and tokens.moved(reserved.grant, claim)
            return _Place(reserved.ticket, moved)
        resumed = await self._redeem(resume, claim) if resume else None
        ticket = self._enter(request, resumed=resumed is not None)
        return _Place(ticket, tokens.grant(claim, resumed) if self._max_wait_s is None else None)

    async def _redeem(self, token: str, claim: Claim) -> Grant | None:
        """Return the grant of a token, and record that it was used; ``None`` if it is not valid."""
        grant = self._gateway.resume_tokens.verify(token, claim)
        if grant is None:
            return None
        running = self._gateway.granted.get(grant.id)
        if running is not None and running.is_running:
            return None
        left_s = self._gateway.resume_tokens.left_s(grant)
        return grant if await self._rate_limiter.use_once(grant.cache_key, left_s) else None

    def _token(self, place: _Place) -> str | None:
        """Return the token of an utterance that was admitted."""
        if place.grant is None:
            return None
        self._gateway.granted[place.grant.id] = place.ticket
        return self._gateway.resume_tokens.sign(place.grant)

    def _take_reserved(self, request: SpeechRequest) -> _Place | None:
        """Return the reserved place, and free it if it belongs to another text."""
        if self._reserved is not None:
            text, place, timer = self._reserved
            ticket = place.ticket
            timer.cancel()
            self._reserved = None
            if text == request.text:
                # The client may have changed the voice or the speed, too.
                ticket.cost_key = request.cost_key
                if ticket.text_key != (self.subject.key, request.text_key):
                    ticket.is_free = False
                ticket.progress(request.estimated_s)
                return place
            ticket.close()
        return None

    def _enter(self, request: SpeechRequest, *, resumed: bool = False) -> Ticket:
        cache, text_key = self._cache(), request.text_key
        ticket = self._gateway.admission.enter(
            self.subject.key,
            request.cost_key,
            request.estimated_s,
            (self.subject.key, text_key) if cache.max_entries > 0 else None,
            lambda: cache.has_text(text_key),
            resumed=resumed,
        )
        ticket.max_reserve_s = self.policy.max_buffer_ahead_s / 2
        return ticket

    def _reserve(self, request: SpeechRequest, place: _Place) -> None:
        """Reserve the place of a cancelled utterance for ``TAKEOVER_S`` seconds."""
        if self._reserved is not None:
            place.ticket.close()
            return
        timer = asyncio.get_running_loop().call_later(TAKEOVER_S, self._drop_reserved)
        self._reserved = request.text, place, timer

    def _drop_reserved(self) -> None:
        if self._reserved is not None:
            self._reserved[1].ticket.close()
            self._reserved = None

    def close(self) -> None:
        """Free the place that is reserved for a seek: the client has disconnected."""
        if self._reserved is not None:
            self._reserved[2].cancel()
            self._drop_reserved()


async def _tracked(
    events: AsyncGenerator[Event, None],
    record: UtteranceRecord,
    ticket: Ticket,
    flow: FlowControl,
    resume: str | None,
) -> AsyncGenerator[Event, None]:
    """Yield the events of a synthesis, the first one with the token ``resume``, and record its progress."""
    total, rate = 0, record.request.voice.sample_rate
    async for event in events:
        match event:
            case AudioStart():
                event = replace(event, resume=resume)
            case WordTimings():
                total = event.total
            case AudioChunk():
                ticket.progress(max(0, total - event.end) / rate, partial(flow.reserve_s, event.end, rate))
                record.audio(event)
            case AudioEnd():
                record.complete()
                ticket.close()
        ticket.is_sending = True
        yield event
        ticket.is_sending = False


async def _waiting(ticket: Ticket, max_wait_s: float | None) -> AsyncGenerator[Waiting, None]:
    """Yield the changes of a ticket's place until it is admitted. Raises ``BusyError`` after ``max_wait_s`` seconds."""
    loop = asyncio.get_running_loop()
    until = None if max_wait_s is None else loop.time() + max_wait_s
    last: tuple[int, int] | None = None
    while not ticket.admitted:
        ticket.changed.clear()
        if ticket.wait is not None and (place := (ticket.wait.position, ceil(ticket.wait.wait_s))) != last:
            last = place
            yield Waiting(ticket.wait.position, round(ticket.wait.wait_s, 1))
            continue
        try:
            await asyncio.wait_for(ticket.changed.wait(), None if until is None else until - loop.time())
        except TimeoutError:
            retry_after = max(1, ceil(ticket.wait.wait_s if ticket.wait else 1))
            message = f"The server synthesizes as much speech as it can. Try again in {retry_after} s."
            raise BusyError("busy", message, retry_after=retry_after) from None
