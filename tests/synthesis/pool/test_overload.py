"""Overload in simulated time: twice as many listeners as the workers can serve arrive within seconds.

No admitted listener may have an underrun, although the costs that were measured before are too low: clients and the
event loop use the processor, too, and other programs come and go.
"""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from benchmarks.texts import Texts
from tests.synthesis.pool.simulated_server import SimulatedListener, SimulatedLoop, SimulatedServer, simulate

WORKERS = 2
COST = 1 / 13.3
"""Worker seconds per second of audio: each worker is 13.3 times faster than real time."""
RAMP_S = 3.0
CLIENT_S = 0.01
"""Processor seconds that a playing client costs per second, on the processor of the workers."""

FAILOVER_S = 3.0
"""Seconds after which a listener whose process was killed hears audio again, the time to reconnect included."""
RECONNECT_S = 1.0
"""Longest time to reconnect."""

Slowdown = Callable[[float], float]
"""By the seconds since the first listener."""


def overload(
    count: int, slowdown: Slowdown, *, noise: float = 0.1, ramp_s: float = RAMP_S, client_s: float = CLIENT_S
) -> list[SimulatedListener]:
    """Let ``count`` listeners ask for texts of half a minute within ``ramp_s`` seconds. Returns them."""

    async def scenario(loop: SimulatedLoop) -> Sequence[SimulatedListener]:
        began: list[float] = []

        def slower(server: SimulatedServer) -> float:
            share = WORKERS / (WORKERS - server.playing * client_s)
            return share * (slowdown(loop.time() - began[0]) if began else 1.0)

        server = SimulatedServer(loop, WORKERS, COST, slowdown=slower, noise=noise)
        await server.warm_up()
        began.append(loop.time())
        texts = Texts(1)
        listeners = [SimulatedListener(server, f"listener {number}") for number in range(count)]
        try:
            return await asyncio.gather(
                *(
                    listener.listen(texts.text((10,) * 8), ramp_s * number / count)
                    for number, listener in enumerate(listeners)
                )
            )
        finally:
            server.close()

    return list(simulate(scenario))


@pytest.mark.parametrize(
    "slowdown",
    [
        pytest.param(lambda _s: 1.0, id="clients use the processor"),
        pytest.param(lambda s: 1.4 if s < RAMP_S else 1.0, id="checks of the texts use it while listeners arrive"),
        pytest.param(lambda s: 1.0 if s < RAMP_S else 1.2, id="audio costs more after the listeners have arrived"),
        pytest.param(lambda s: 0.7 if 18 < s < 24 else 1.2 if 24 <= s < 40 else 1.0, id="another program rests"),
    ],
)
def test_no_admitted_listener_has_an_underrun(slowdown: Slowdown) -> None:
    listeners = overload(53, slowdown)
    assert [listener.playback.underruns for listener in listeners] == [0] * 53
    assert all(listener.first_s is not None for listener in listeners)


def test_jobs_of_very_different_length_cause_no_underrun() -> None:
    assert sum(listener.playback.underruns for listener in overload(53, lambda _s: 1.0, noise=0.4)) == 0


def test_nine_of_ten_announced_waits_are_right() -> None:
    listeners = overload(53, lambda _s: 1.0, client_s=0.0)
    waiting = [listener for listener in listeners if listener.announced_s is not None]
    assert len(waiting) > 25
    assert sum(listener.wait_was_right for listener in waiting) >= 0.9 * len(waiting)


def test_listeners_within_the_capacity_start_at_once() -> None:
    listeners = overload(20, lambda _s: 1.0, ramp_s=5.0)
    firsts = [listener.first_s or 99.0 for listener in listeners]
    assert max(firsts) < 0.15
    assert sum(listener.playback.underruns for listener in listeners) == 0


def failover(
    count: int, newcomers: int, *, resume: bool = True, slowdown: Slowdown = lambda _s: 1.0, noise: float = 0.1
) -> tuple[list[SimulatedListener], list[SimulatedListener], list[SimulatedListener]]:
    """Kill one of two processes, each with one worker and ``count`` listeners, while others come to the second one.

    Returns the listeners of the second process, those who continue on it, and the others.
    """

    async def scenario(loop: SimulatedLoop) -> list[list[SimulatedListener]]:
        killed_at: list[float] = []

        def slower(_server: SimulatedServer) -> float:
            return slowdown(loop.time() - killed_at[0]) if killed_at else 1.0

        servers = [SimulatedServer(loop, 1, COST, slowdown=slower, noise=noise) for _ in range(2)]
        texts = Texts(2)
        lost, kept = ([SimulatedListener(server, f"{n}") for n in range(count)] for server in servers)
        begun: dict[SimulatedListener, tuple[asyncio.Task[SimulatedListener], str]] = {}
        for server in servers:
            await server.warm_up()
        for number, listener in enumerate([*lost, *kept]):
            text = texts.text((10,) * 8)
            begun[listener] = asyncio.create_task(listener.listen(text, 0.3 * (number % count))), text
        await asyncio.sleep(10)
        new = [SimulatedListener(servers[1], f"new {number}") for number in range(newcomers)]
        waiting = [
            asyncio.create_task(listener.listen(texts.text((10,) * 8), RECONNECT_S * (number + 1) / newcomers))
            for number, listener in enumerate(new)
        ]
        killed_at.append(loop.time())
        for listener in lost:
            begun[listener][0].cancel()
            await listener.disconnect()
            listener.resume = listener.resume if resume else None
        try:
            continued = await asyncio.gather(
                *(
                    listener.continued(servers[1], f"{number}", begun[listener][1], RECONNECT_S * (number + 1) / count)
                    for number, listener in enumerate(lost)
                )
            )
            await asyncio.gather(*waiting, *(begun[listener][0] for listener in kept))
        finally:
            for server in servers:
                server.close()
        return [kept, list(continued), new]

    kept, continued, new = simulate(scenario)
    return kept, continued, new


@pytest.mark.parametrize(
    ("slowdown", "noise"),
    [
        pytest.param(lambda _s: 1.0, 0.1, id="as before"),
        pytest.param(lambda _s: 1.0, 0.4, id="jobs of very different length"),
        pytest.param(lambda s: 1.1 if s < 5 else 1.0, 0.1, id="the new process starts on the same processor"),
    ],
)
def test_listeners_of_a_killed_process_continue_before_new_ones(slowdown: Slowdown, noise: float) -> None:
    kept, continued, new = failover(5, 3, slowdown=slowdown, noise=noise)
    assert max(listener.first_s or 99.0 for listener in continued) < FAILOVER_S - RECONNECT_S
    assert sum(listener.playback.underruns for listener in [*kept, *continued, *new]) == 0


def test_without_a_token_they_wait_behind_new_ones() -> None:
    _, continued, _ = failover(5, 3, resume=False)
    assert max(listener.first_s or 99.0 for listener in continued) > FAILOVER_S
