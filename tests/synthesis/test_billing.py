"""What a text costs: its sound, estimated before it is spoken and counted while it is made."""

import pytest
from django.core.cache import caches

from synthesis.admission import Admission, Subject
from synthesis.catalogue import Catalogue, Entry
from synthesis.errors import SpeechError
from synthesis.limits import CHARACTERS_A_SECOND, Policy, estimated_characters
from synthesis.policies import Policies
from synthesis.runtime import Runtime
from synthesis.speech import Done, build_request

ALICE = Subject(None, "192.0.2.1")
CATALOG = Catalogue((Entry("tone", "Tone", "en-US", (), 8000, default=True),))
MEASURED_DIGITS_S = 253.0
"""Sound that 990 digits make with the voice Joe."""


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("Fifteen letters", 15),
        ("Five.", 5),
        ("7" * 990, 3960),
        ("½" * 100, 800),
        ("$5", 7),
    ],
)
def test_a_text_counts_for_about_its_sound(text: str, characters: int) -> None:
    assert build_request(CATALOG, text).characters == characters


def test_digits_are_estimated_at_the_sound_that_was_measured() -> None:
    assert estimated_characters("7" * 990, 1.0) == pytest.approx(MEASURED_DIGITS_S * CHARACTERS_A_SECOND, rel=0.1)


def test_speed_counts() -> None:
    slow, usual, quick = (
        build_request(CATALOG, "Fifteen letters", speed=speed).characters for speed in (0.25, 1.0, 3.0)
    )
    assert (slow, usual, quick) == (60, 15, 5)


@pytest.fixture
def admission() -> Admission:
    return Admission(Policies(), caches["limits"])


async def test_what_sounds_longer_than_estimated_is_counted_once(admission: Admission) -> None:
    policy = Policy(characters=100)
    await admission.request(ALICE, policy, 10)
    bill = admission.bill(ALICE, 10)
    for characters in (5, 10, 30, 30, 95):
        await bill(characters)
    # It may exceed what is left: the text goes on, and the next one is refused.
    await admission.request(ALICE, policy, 5)
    with pytest.raises(SpeechError) as refused:
        await admission.request(ALICE, policy, 1)
    assert (refused.value.code, refused.value.details["value"]) == ("limit_characters", 100)
    await bill(200)
    with pytest.raises(SpeechError) as refused:
        await admission.request(ALICE, policy, 0)
    assert refused.value.details["value"] == 205


@pytest.mark.django_db(transaction=True)
async def test_the_sound_of_every_segment_is_billed(tone: Runtime) -> None:
    billed: list[int] = []

    async def bill(characters: int) -> None:
        billed.append(characters)

    request = build_request(
        await tone.catalogue.read(), "One sentence. Another one, which is longer. The end.", start=4000
    )
    async for event in tone.speech.speak(request, bill=bill):
        if isinstance(event, Done):
            samples = event.samples - 4000
    assert len(billed) > 1
    assert billed == sorted(billed)
    assert billed[-1] == -(-samples * CHARACTERS_A_SECOND // 8000)
