"""Admission control: an utterance starts only if all running ones stay in real time with it; others wait.

Two conditions hold. The measured costs stay below the target; and the buffers of the running clients hold a reserve,
or the workers will fill it at once. The second one is feedback: while the costs are estimated too low, the buffers do
not fill, and no more utterances start.

The waiting line is fair among clients: round robin over accounts and addresses, and by arrival for each of them.
Utterances that were admitted before, in a process that has ended, go before new ones, and may use more of the workers'
time within a bound. All methods run on the event loop.
"""

import asyncio
import heapq
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.limits import registry
from synthesis.errors import BusyError
from synthesis.pool.capacity import CapacityMeter
from synthesis.pool.waiting_line import WaitingLine

MAX_WAITING = registry.MAX_WAITING_UTTERANCES.default
"""Maximum waiting utterances of the process. The policy limits those of one account or address."""
SHORT_S = 4.0
"""Estimated seconds of audio up to which an utterance may overtake."""
OVERTAKING = 0.05
"""Share of the workers that short and resumed utterances may use beyond the target."""
STALLED_S = 10.0
"""Seconds without audio after which a running utterance is not counted: its client has paused or does not report."""
SOON_S = 0.05
"""Seconds after which a new utterance gets its position; those that arrive meanwhile share the work."""
UPDATE_EVERY_S = 1.0
"""Seconds between two updates of the positions while utterances wait."""
RESERVE_S = 0.4
"""Seconds of audio that every running client needs in its buffer before another utterance starts."""
FULL_RESERVE_S = 1.5
"""The same at the target load, where little of the workers' time is left to fill a buffer."""
LIGHT_LOAD = 0.75
"""Load up to which ``RESERVE_S`` suffices; from there on, the reserve grows to ``FULL_RESERVE_S``."""
CATCH_UP_S = 0.2
"""Seconds within which the workers can fill the reserves: a new utterance need not wait for them."""
MIN_SPARE = 0.01
"""Smallest share of the workers' time that is assumed to be left."""
TAKEOVER_S = 2.0
"""Seconds for which the place of a cancelled utterance is reserved for the same text: a seek is not a new admission."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A place in the waiting line: ``position`` counts from 1, ``wait_s`` is the expected wait in seconds."""

    position: int
    wait_s: float


class Ticket:
    """One utterance, waiting or running. Close it at its end."""

    def __init__(
        self, admission: "Admission", person: Hashable, cost_key: Hashable, duration_s: float, *, resumed: bool = False
    ) -> None:
        self._admission = admission
        self.person = person
        self.is_resumed = resumed
        """Whether it was admitted before, in a process that has ended."""
        self.cost_key = cost_key
        self.left_s = duration_s
        """Estimated seconds of audio that are not synthesized yet."""
        self.max_reserve_s = FULL_RESERVE_S
        """Seconds of audio that the client's buffer can be expected to hold."""
        self.text_key: Hashable | None = None
        self.is_cached: Callable[[], bool] = lambda: False
        self.is_free = False
        """Whether it costs nothing: its audio is cached, or another running utterance synthesizes the same text."""
        self.is_sending = False
        """Whether audio is ready that the client has not read yet: the workers owe it nothing."""
        self.is_short = duration_s <= SHORT_S
        self.admitted = False
        self.wait: Wait | None = None
        self.changed = asyncio.Event()
        self._progress_at = admission.clock()
        self._reserve_s: Callable[[], float] = lambda: 0.0

    def progress(self, left_s: float, reserve_s: Callable[[], float] = lambda: 0.0) -> None:
        """Record that audio was synthesized, and ``left_s`` seconds remain; the client has ``reserve_s()`` seconds."""
        self.left_s = left_s
        self._reserve_s = reserve_s
        self._progress_at = self._admission.clock()

    def lacks_s(self, reserve_s: float) -> float:
        """Return the seconds of audio that the client lacks to have ``reserve_s`` seconds in its buffer."""
        if self.is_sending:
            return 0.0
        return max(0.0, min(reserve_s, self.max_reserve_s, self.left_s) - self._reserve_s())

    @property
    def is_stalled(self) -> bool:
        """Return whether the client takes no audio."""
        return self._admission.clock() - self._progress_at > STALLED_S

    @property
    def is_running(self) -> bool:
        """Return whether the utterance was admitted and has not ended."""
        return self._admission.is_running(self)

    def admit(self) -> None:
        """Let the utterance run."""
        self.admitted = True
        self._progress_at = self._admission.clock()
        self.changed.set()

    def close(self) -> None:
        """Free the place; idempotent."""
        self._admission.remove(self)


class Admission:
    """Decides which utterances run, by the costs in ``meter``.

    ``target`` is the share of the workers' time that running utterances may need, and ``max_running`` their largest
    number. ``clock`` is monotonic, in seconds.
    """

    def __init__(
        self, meter: CapacityMeter, target: float, max_running: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._meter = meter
        self._target = target
        self._max_running = max_running
        self.clock = clock
        self._running: dict[Ticket, None] = {}
        self._waiting = WaitingLine[Ticket]()
        self._running_texts: dict[Hashable, dict[Ticket, None]] = {}
        self._waiting_texts: dict[Hashable, dict[Ticket, None]] = {}
        self._timer: asyncio.Handle | None = None
        # uvloop returns a handle without a time for a delay of less than half a millisecond.
        self._timer_at = 0.0
        self._update_at = 0.0
        """When the positions are to be updated, in the event loop's time."""

    def enter(
        self,
        person: Hashable,
        cost_key: Hashable,
        duration_s: float,
        text_key: Hashable | None = None,
        is_cached: Callable[[], bool] = lambda: False,
        *,
        resumed: bool = False,
    ) -> Ticket:
        """Return a ticket, which is admitted now or waits. Raises ``BusyError`` if too many wait.

        A ``resumed`` utterance goes before new ones: the caller has verified that it was admitted before.

        Utterances of the same ``text_key`` share their synthesis. One of those that run is counted, unless
        ``is_cached()``; the others are free, and overtake.
        """
        ticket = Ticket(self, person, cost_key, duration_s, resumed=resumed)
        ticket.text_key, ticket.is_cached = text_key, is_cached
        if self._costs_nothing(ticket):
            ticket.is_free = True
            self._admit(ticket)
            return ticket
        if (self._waiting.is_first(ticket) and self._fits(ticket)) or self._may_overtake(ticket):
            self._admit(ticket)
            self._admit_free(text_key)
            return ticket
        if len(self._waiting) >= MAX_WAITING:
            message = "Too many texts wait to be spoken. Try again later."
            raise BusyError("busy", message, retry_after=max(1, round(self._longest_wait_s())))
        self._waiting.append(ticket)
        if text_key is not None:
            self._waiting_texts.setdefault(text_key, {})[ticket] = None
        self._update_at = min(self._update_at, asyncio.get_running_loop().time() + SOON_S)
        self._schedule(SOON_S)
        return ticket

    def remove(self, ticket: Ticket) -> None:
        """Remove a ticket that has ended or was cancelled, and admit others."""
        if ticket in self._running:
            del self._running[ticket]
            self._end_text(ticket)
            self._admit_next()
        elif not ticket.admitted and self._waiting.remove(ticket):
            self._removed(ticket)

    def close(self) -> None:
        """Stop updating positions."""
        if self._timer is not None:
            self._timer.cancel()

    def is_running(self, ticket: Ticket) -> bool:
        """Return whether ``ticket`` counts as a running utterance."""
        return ticket in self._running

    def load(self) -> float:
        """Return the share of the workers' time that the running utterances need."""
        return sum(self._costs().values())

    def stats(self) -> dict[str, Any]:
        """Return the load, and the running and waiting utterances."""
        return {
            "load": round(self.load(), 4),
            "target": self._target,
            "running": len(self._running),
            "waiting": len(self._waiting),
            "longest_wait_s": round(self._longest_wait_s(), 1),
        }

    def _admit(self, ticket: Ticket) -> None:
        self._running[ticket] = None
        ticket.admit()
        if ticket.text_key is not None:
            self._running_texts.setdefault(ticket.text_key, {})[ticket] = None

    def _costs_nothing(self, ticket: Ticket) -> bool:
        if ticket.text_key is None or len(self._running) >= self._max_running:
            return False
        same = self._running_texts.get(ticket.text_key, ())
        return any(not other.is_stalled for other in same) or ticket.is_cached()

    def _admit_free(self, text_key: Hashable | None) -> None:
        """Admit the waiting utterances of a text that runs or is cached."""
        if text_key is None:
            return
        for ticket in list(self._waiting_texts.get(text_key, ())):
            if self._costs_nothing(ticket):
                ticket.is_free = True
                self._waiting.remove(ticket)
                self._removed(ticket)
                self._admit(ticket)

    def _end_text(self, ticket: Ticket) -> None:
        """Let another utterance of the same text count instead of one that has ended."""
        if ticket.text_key is None:
            return
        others = self._running_texts[ticket.text_key]
        del others[ticket]
        if not others:
            del self._running_texts[ticket.text_key]
        elif not ticket.is_free and not ticket.is_cached():
            next(iter(others)).is_free = False
        self._admit_free(ticket.text_key)

    def _fits(self, ticket: Ticket, beyond: float = 0.0) -> bool:
        """Return whether the utterance can run, with ``beyond`` more of the workers' time than its target."""
        if len(self._running) >= self._max_running:
            return False
        return not self._costs() or (self._has_capacity(ticket, beyond) and self._has_reserves(ticket))

    def _has_capacity(self, ticket: Ticket, beyond: float = 0.0) -> bool:
        return self.load() + self._cost(ticket) <= self._target_of(ticket) + beyond

    def _target_of(self, ticket: Ticket) -> float:
        """Return the share of the workers' time up to which the utterance may run."""
        return self._target + OVERTAKING if ticket.is_resumed else self._target

    def _has_reserves(self, ticket: Ticket) -> bool:
        """Return whether the running clients will have their reserve within ``CATCH_UP_S`` seconds."""
        costs = self._costs()
        load = sum(costs.values()) + self._cost(ticket)
        return self._lacking_s(costs, load, ticket) <= CATCH_UP_S * max(MIN_SPARE, 1 - load)

    def _lacking_s(self, costs: Mapping[Ticket, float], load: float, entering: Ticket) -> float:
        """Return the seconds of all workers that it takes to fill the reserves that ``entering`` requires."""
        # A resumed utterance interrupts its listener as long as it waits, so it requires the smallest reserve.
        reserve_s = RESERVE_S if entering.is_resumed else self._required_reserve_s(load)
        return sum(cost * ticket.lacks_s(reserve_s) for ticket, cost in costs.items())

    def _waits_for_reserves(self) -> bool:
        """Return whether the next utterance waits for the buffers of running clients only."""
        return len(self._running) < self._max_running and self._has_capacity(self._waiting.first)

    def _required_reserve_s(self, load: float) -> float:
        """Return the seconds of audio that running clients need in their buffers before ``load`` is reached."""
        share = (load - LIGHT_LOAD) / max(MIN_SPARE, self._target - LIGHT_LOAD)
        return RESERVE_S + (FULL_RESERVE_S - RESERVE_S) * min(1.0, max(0.0, share))

    def _cost(self, ticket: Ticket) -> float:
        """Return the share of the workers' time that the utterance needs."""
        return self._meter.cost(ticket.cost_key) / self._meter.workers

    def _costs(self) -> dict[Ticket, float]:
        """Return the shares of the running utterances whose clients take audio."""
        return {ticket: self._cost(ticket) for ticket in self._running if not (ticket.is_free or ticket.is_stalled)}

    def _may_overtake(self, ticket: Ticket) -> bool:
        # A resumed utterance may use that share itself.
        resumed = ticket.is_resumed or self._waiting.has_resumed
        return ticket.is_short and not resumed and self._fits(ticket, OVERTAKING)

    def refresh(self) -> None:
        """Admit the utterances that fit, and update the position and the expected wait of the others."""
        self._admit_next()
        for position, (ticket, wait_s) in enumerate(self._expected(), 1):
            ticket.wait = Wait(position, wait_s)
            ticket.changed.set()
        self._update_at = asyncio.get_running_loop().time() + UPDATE_EVERY_S
        if self._waiting:
            self._schedule(UPDATE_EVERY_S)

    def _admit_next(self) -> None:
        """Admit utterances while they fit, one account or address after the other."""
        while self._waiting:
            ticket = self._waiting.first
            if not self._fits(ticket):
                break
            self._waiting.end_turn(ticket)
            self._removed(ticket)
            self._admit(ticket)
            self._admit_free(ticket.text_key)
        if self._waiting and self._waits_for_reserves():
            self._schedule(SOON_S)

    def _schedule(self, delay_s: float) -> None:
        """Call ``refresh`` after ``delay_s`` seconds, unless a call is due before."""
        loop = asyncio.get_running_loop()
        at = loop.time() + delay_s
        if self._timer is not None:
            if self._timer_at <= at:
                return
            self._timer.cancel()
        self._timer, self._timer_at = loop.call_later(delay_s, self._on_timer), at

    def _on_timer(self) -> None:
        self._timer = None
        left_s = self._update_at - asyncio.get_running_loop().time()
        if left_s <= 0:
            self.refresh()
        elif self._waiting:
            self._schedule(left_s)
            self._admit_next()

    def _removed(self, ticket: Ticket) -> None:
        """Update the texts that wait, after ``ticket`` has left the waiting line."""
        if ticket.text_key is not None:
            same = self._waiting_texts[ticket.text_key]
            del same[ticket]
            if not same:
                del self._waiting_texts[ticket.text_key]

    def _expected(self) -> Iterator[tuple[Ticket, float]]:
        """Yield the waiting tickets with their expected waits.

        While the target load allows, each waits until the reserves are filled; after that, until enough of the running
        utterances have ended. At the target load, synthesis is a little faster than real time.
        """
        costs = self._costs()
        ends = [(self._pace(ticket), cost) for ticket, cost in costs.items()]
        heapq.heapify(ends)
        load, wait_s, filled_s, free = sum(costs.values()), 0.0, 0.0, self._max_running - len(self._running)
        for ticket in self._waiting:
            cost, target = self._cost(ticket), self._target_of(ticket)
            if free > 0 and load + cost <= target:
                lacking_s = self._lacking_s(costs, load + cost, ticket) - filled_s
                spare = max(MIN_SPARE, 1 - load - cost)
                filled_s += max(0.0, lacking_s - CATCH_UP_S * spare)
                wait_s += max(0.0, lacking_s / spare - CATCH_UP_S)
                costs[ticket] = cost
            while ends and (free <= 0 or load + cost > target):
                wait_s, ended = heapq.heappop(ends)
                load -= ended
                free += 1
            load += cost
            free -= 1
            heapq.heappush(ends, (wait_s + self._pace(ticket), cost))
            yield ticket, wait_s

    def _pace(self, ticket: Ticket) -> float:
        return ticket.left_s * self._target

    def _longest_wait_s(self) -> float:
        return max((ticket.wait.wait_s for ticket in self._waiting if ticket.wait), default=0.0)
