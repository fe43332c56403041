"""Simulates many listeners on many machines, and compares the load of each shared part with its limit.

Pure: the same seed gives the same result.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from project.capacity.calculator import Machine, Plan, plan
from project.capacity.figures import Costs, Figures

MACHINE_FAILS, BALANCER_FAILS = 1 / 3, 2 / 3
"""When a machine and the load balancer fail, as shares of the simulated time."""
FIRST_DELAY_S, MAX_DELAY_S = 0.5, 30.0
"""The page's delays before it reconnects: they double, and each is shortened by up to half (static/js/backoff.js)."""
HEADROOM = 1.25
"""Listeners for whom machines are planned, relative to the mean of those who hear audio at the same time."""


class Phase(StrEnum):
    """A part of the simulated time."""

    STEADY = "steady"
    MACHINE = "a machine fails"
    BALANCER = "the load balancer fails"


@dataclass(frozen=True, slots=True)
class Behavior:
    """What listeners do; ``mean`` means an exponential distribution."""

    listeners: int = 100_000
    text_s: float = 20.0
    """Mean seconds of audio of a text."""
    pause_s: float = 40.0
    """Mean seconds between two texts."""
    stay_s: float = 1200.0
    """Mean seconds until a tab is closed; another one opens."""
    themes_hour: float = 1.0
    """Theme changes of a listener in an hour."""
    seconds: int = 300
    seed: int = 1

    @property
    def speaking(self) -> float:
        """Return the mean number of listeners who hear audio at the same time."""
        return self.listeners * self.text_s / (self.text_s + self.pause_s)


@dataclass(slots=True)
class Load:
    """The load of one shared part: amounts of each second by phase, and the amount that one instance can do."""

    part: str
    unit: str
    limit: float
    seconds: dict[Phase, list[float]] = field(default_factory=lambda: {phase: [] for phase in Phase})

    def peak(self, phase: Phase) -> float:
        """Return the largest amount of a second."""
        return max(self.seconds[phase], default=0.0)

    @property
    def mean(self) -> float:
        """Return the mean of the steady phase."""
        return float(np.mean(self.seconds[Phase.STEADY]))

    @property
    def utilization(self) -> float:
        """Return the largest peak relative to the limit: more than 1 needs more than one instance, or the remedy."""
        return max(map(self.peak, Phase)) / self.limit


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a simulation: what was planned, the loads by falling utilization, and the recoveries."""

    plan: Plan
    loads: list[Load]
    reconnected_s: dict[Phase, float]
    """Seconds after each failure until 99 % of the interrupted tabs were connected again."""
    peak_speaking: int


@dataclass(frozen=True, slots=True)
class _Second:
    """What happened in one simulated second."""

    starts: int
    handshakes: int
    attempts: int
    themes: int
    speaking: int
    connected: int


class _Listeners:
    """The state of all listeners as arrays."""

    def __init__(self, behavior: Behavior, machines: int, handshakes_s: float) -> None:
        self._behavior = behavior
        self._random = np.random.default_rng(behavior.seed)
        count = behavior.listeners
        self._machine = self._random.integers(machines, size=count)
        self._capacity = handshakes_s
        share = behavior.text_s / (behavior.text_s + behavior.pause_s)
        speaks = self._random.random(count) < share
        # In the steady state, the rest of an exponential time has the same distribution.
        self._ends = np.where(speaks, self._exponential(behavior.text_s, count), 0.0)
        self._starts = np.where(speaks, np.inf, self._exponential(behavior.pause_s, count))
        self._attempt_at = np.full(count, np.inf)
        self._attempts = np.zeros(count, dtype=np.int64)

    def _exponential(self, mean: float, count: int) -> NDArray[np.float64]:
        return self._random.exponential(mean, count)

    def _delay(self, attempts: NDArray[np.int64]) -> NDArray[np.float64]:
        step = np.minimum(MAX_DELAY_S, FIRST_DELAY_S * 2.0 ** np.minimum(attempts, 16))
        return step * (0.5 + self._random.random(len(attempts)) / 2)

    def interrupt(self, now: float, machine: int | None) -> None:
        """Disconnect the tabs of a machine, or all of them; their speech continues when they are back."""
        who = np.flatnonzero(self._machine == machine) if machine is not None else np.arange(len(self._machine))
        self._attempts[who] = 0
        self._attempt_at[who] = now + self._delay(self._attempts[who])

    @property
    def interrupted(self) -> int:
        """Return the number of tabs that are not connected."""
        return int(np.isfinite(self._attempt_at).sum())

    def second(self, now: float) -> _Second:
        """Advance to ``now`` seconds, by one second."""
        resumed, attempts = self._reconnect(now)
        ended = (self._ends > 0) & (self._ends <= now)
        self._ends[ended] = 0.0
        self._starts[ended] = now + self._exponential(self._behavior.pause_s, int(ended.sum()))
        connected = ~np.isfinite(self._attempt_at)
        begins = (self._starts <= now) & connected
        self._starts[begins] = np.inf
        self._ends[begins] = now + self._exponential(self._behavior.text_s, int(begins.sum()))
        speaking = (self._ends > 0) & connected
        count = int(connected.sum())
        opened = int(self._random.poisson(count / self._behavior.stay_s))
        themes = int(self._random.poisson(count * self._behavior.themes_hour / 3600))
        starts = int(begins.sum()) + int((speaking & resumed).sum())
        handshakes = opened + int(resumed.sum())
        return _Second(starts, handshakes, opened + attempts, themes, int(speaking.sum()), count)

    def _reconnect(self, now: float) -> tuple[NDArray[np.bool_], int]:
        """Connect the tabs that try now, as many as the servers accept in a second; the others try again later."""
        due = np.flatnonzero(self._attempt_at <= now)
        resumed = np.zeros(len(self._machine), dtype=bool)
        accepted, rest = np.split(self._random.permutation(due), [min(len(due), int(self._capacity))])
        self._attempt_at[accepted] = np.inf
        resumed[accepted] = True
        self._attempts[rest] += 1
        self._attempt_at[rest] = now + self._delay(self._attempts[rest])
        return resumed, len(due)


def simulate(behavior: Behavior, engine: str, machine: Machine, figures: Figures, costs: Costs) -> Outcome:
    """Return the loads of the shared parts while ``behavior.listeners`` listen.

    Raises ``ValueError`` as ``plan``.
    """
    planned = plan(max(1, round(behavior.speaking * HEADROOM)), engine, "pcm", machine, figures)
    # The event loops' time that speech does not need.
    spare = planned.processes * figures.loop_load.value - behavior.speaking * figures.loop_s.value
    handshakes_s = max(1.0, min(spare / costs.handshake_s.value, costs.balancer_handshakes.value))
    listeners = _Listeners(behavior, planned.machines, handshakes_s)
    loads = _loads(planned, costs)
    measures = list(_measures(planned, figures, costs))
    interrupted, recovered = dict.fromkeys(Phase, 0), dict.fromkeys(Phase, 0.0)
    peak = 0
    failures = {
        int(behavior.seconds * MACHINE_FAILS): (Phase.MACHINE, 0),
        int(behavior.seconds * BALANCER_FAILS): (Phase.BALANCER, None),
    }
    phase, failed_at = Phase.STEADY, 0
    for now in range(1, behavior.seconds + 1):
        if now in failures:
            phase, which = failures[now]
            failed_at = now
            listeners.interrupt(now - 1.0, which)
            interrupted[phase] = listeners.interrupted
        second = listeners.second(float(now))
        peak = max(peak, second.speaking)
        if interrupted[phase] and not recovered[phase] and listeners.interrupted <= interrupted[phase] * 0.01:
            recovered[phase] = now - failed_at + 1.0
        for load, measure in zip(loads, measures, strict=True):
            load.seconds[phase].append(measure(second))
    loads.sort(key=lambda load: load.utilization, reverse=True)
    return Outcome(planned, loads, {p: s for p, s in recovered.items() if p is not Phase.STEADY}, peak)


def _loads(planned: Plan, costs: Costs) -> list[Load]:
    """Return the shared parts, in the order of ``_measures``."""
    return [
        Load("PostgreSQL", "connections", costs.database_connections.value),
        Load("load balancer", "Gbit/s", costs.balancer_gbit_s.value),
        Load("load balancer", "sockets", costs.balancer_sockets.value * planned.machines),
        Load("load balancer", "handshakes/s", costs.balancer_handshakes.value),
        Load("Redis", "commands/s", costs.redis_limit.value),
        Load("Redis", "clients", costs.redis_clients.value),
        Load("Redis", "deliveries/s", costs.deliveries_limit.value),
        Load("PostgreSQL", "queries/s", costs.database_limit.value),
    ]


def _measures(planned: Plan, figures: Figures, costs: Costs) -> Iterator[Callable[[_Second], float]]:
    """Yield the amount of each load in a second."""
    processes = planned.processes
    yield lambda second: processes * costs.connections_process.value
    yield lambda second: second.speaking * figures.pcm_kbit_s.value / 1e6
    yield lambda second: second.connected
    yield lambda second: second.attempts
    yield (
        lambda second: (
            second.starts * costs.redis_utterance.value
            + second.handshakes * costs.redis_handshake.value
            + second.connected * costs.redis_tab.value
            + second.themes * costs.redis_theme.value
        )
    )
    yield lambda second: processes * costs.redis_connections_process.value
    # A change of a preset, once a second at most, reaches every process; a theme change the process of its tab.
    yield lambda second: processes + second.themes
    yield (
        lambda second: (
            second.handshakes * costs.queries_handshake.value
            + second.themes * costs.queries_theme.value
            + processes * costs.queries_process.value
        )
    )
