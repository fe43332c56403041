"""Tests that refusals are logged at a limited rate."""

import logging

import pytest

from core.web import refusal_log
from core.web.refusal_log import RefusalLog
from tests.clock import Clock


@pytest.fixture
def refusals(clock: Clock, caplog: pytest.LogCaptureFixture) -> RefusalLog:
    return RefusalLog(logging.getLogger("tests.refusals"), clock)


def test_a_reason_is_logged_once_a_minute(refusals: RefusalLog, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(1000):
        refusals.warn("alice")
    assert caplog.messages == ["alice"]
    clock.now = 61
    refusals.warn("alice")
    assert caplog.messages[1:] == ["alice (999 similar refusals were not logged)"]


def test_different_reasons_do_not_flood_the_log_or_the_memory(
    refusals: RefusalLog, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(1000):
        refusals.warn(f"bob {number}")
    assert len(caplog.messages) == refusal_log.MAX_LINES
    for minute in range(1, 20):
        clock.now = 61.0 * minute
        for number in range(refusal_log.MAX_LINES):
            refusals.warn(f"bob {minute} {number}")
    assert len(refusals._logged) == refusal_log.MAX_REASONS


def test_a_client_cannot_write_lines_of_its_own(refusals: RefusalLog, caplog: pytest.LogCaptureFixture) -> None:
    refusals.warn("charlie\n2026-11-26 ERROR forged\x1b[31m" + "x" * 10_000)
    assert "\n" not in caplog.messages[0]
    assert "\x1b" not in caplog.messages[0]
    assert len(caplog.messages[0]) < 2000
