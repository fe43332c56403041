"""Resume tokens: whose they are, what they permit, and when they expire."""

from dataclasses import replace

import pytest

from synthesis.limits.resume_tokens import GRACE_S, MAX_RESUMPTIONS, Claim, ResumeTokens
from tests.clock import Clock

ALICE = Claim("account.1", ("joe", None, 1.0, "A long text."), 0, 20.0)
HALF = replace(ALICE, start=220_500, estimated_s=10.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> ResumeTokens:
    return ResumeTokens(clock)


def test_the_rest_of_an_admitted_text_is_resumed(tokens: ResumeTokens) -> None:
    grant = tokens.verify(tokens.sign(tokens.grant(ALICE)), HALF)
    assert grant is not None
    assert (grant.resumptions, grant.start) == (0, 0)


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param(replace(HALF, owner="account.2"), id="another account"),
        pytest.param(replace(HALF, text_key=("joe", None, 1.0, "Another text.")), id="another text"),
        pytest.param(replace(HALF, text_key=("amy", None, 1.0, "A long text.")), id="another voice"),
        pytest.param(replace(HALF, text_key=("joe", None, 0.5, "A long text.")), id="another speed"),
    ],
)
def test_a_token_is_bound_to_its_owner_and_text(tokens: ResumeTokens, claim: Claim) -> None:
    assert tokens.verify(tokens.sign(tokens.grant(ALICE)), claim) is None


def test_a_forged_token_is_not_valid(tokens: ResumeTokens) -> None:
    token = tokens.sign(tokens.grant(ALICE))
    unsigned, signature = token.rsplit(":", 1)
    for forged in ("x", ":", token[:-1], f"{unsigned}:{signature[::-1]}", tokens._signer.sign_object({"id": 1})):
        assert tokens.verify(forged, HALF) is None


def test_a_token_expires_when_its_audio_would_have_been_played(tokens: ResumeTokens, clock: Clock) -> None:
    token = tokens.sign(tokens.grant(ALICE))
    clock.now += 10 + GRACE_S
    assert tokens.verify(token, HALF) is not None
    # All of the text would last longer than the audio that was admitted.
    assert tokens.verify(token, ALICE) is None
    clock.now += 1
    assert tokens.verify(token, HALF) is None


def test_audio_before_the_admitted_one_is_not_resumed(tokens: ResumeTokens) -> None:
    assert tokens.verify(tokens.sign(tokens.grant(HALF)), replace(HALF, start=HALF.start - 1)) is None


def test_resuming_extends_nothing_and_its_number_is_bounded(tokens: ResumeTokens, clock: Clock) -> None:
    grant = first = tokens.grant(ALICE)
    keys = {grant.cache_key}
    for _ in range(MAX_RESUMPTIONS):
        clock.now += 1
        resumed = tokens.verify(tokens.sign(grant), HALF)
        assert resumed is not None
        grant = tokens.grant(HALF, resumed)
        keys.add(grant.cache_key)
    assert (grant.until, len(keys)) == (first.until, MAX_RESUMPTIONS + 1)
    assert tokens.verify(tokens.sign(grant), HALF) is None
