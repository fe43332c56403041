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
