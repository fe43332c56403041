"""Tests that shutdown waits for running speech, up to its timeout."""

from dataclasses import dataclass, field

from core.process.connections import POLL_S, ConnectionRegistry


@dataclass(eq=False)
class Tab:
    is_busy: bool = False
    sent_away: list[bool] = field(default_factory=list)

    async def go_away(self) -> None:
        self.sent_away.append(self.is_busy)


async def test_idle_tabs_close_immediately_and_a_busy_tab_after_its_utterance() -> None:
    registry = ConnectionRegistry()
    alice, bob = Tab(), Tab(is_busy=True)
    waits = 0

    async def sleep(_: float) -> None:
        nonlocal waits
        waits += 1
        assert alice.sent_away == [False]
        if waits == 3:
            assert bob.sent_away == []
            bob.is_busy = False

    with registry.registered(alice), registry.registered(bob):
        assert await registry.drain(10, sleep=sleep) == 0
    assert bob.sent_away == [False]
    assert (waits, registry.draining, len(registry)) == (3, True, 0)


async def test_the_timeout_closes_busy_tabs() -> None:
    registry = ConnectionRegistry()
    bob = Tab(is_busy=True)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    with registry.registered(bob):
        assert await registry.drain(1, sleep=sleep) == 1
    assert bob.sent_away == [True]
    assert sum(slept) <= 1 + POLL_S


async def test_shutdown_waits_for_responses_in_progress() -> None:
    answers = iter([True, True, False])
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    assert await ConnectionRegistry().drain(1, lambda: next(answers), sleep=sleep) == 0
    assert len(waits) == 2
