"""Annotated text from a request to audio: pauses, rates, languages, voices, marks and IPA."""

from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.limits.subjects import RateLimitSubject
from synthesis.errors import SpeechError
from synthesis.gateway import SpeechClient
from synthesis.models import LimitPolicyRow, Voice
from synthesis.pipeline.events import AudioChunk, AudioEnd, Event, WordTimings
from synthesis.pool.voice_cache import LoadedVoice
from synthesis.runtime import Runtime
from synthesis.voice_files.manifest import MANIFEST_FILE
from tests.fake_engine import ToneEngine, tone_manifest

pytestmark = pytest.mark.django_db(transaction=True)

RATE = ToneEngine.sample_rate


@pytest.fixture
async def alice(runtime_with_voice: Runtime) -> SpeechClient:
    return await runtime_with_voice.gateway.open(RateLimitSubject(None, "192.0.2.1"))


async def events(client: SpeechClient, text: str, **options: Any) -> list[Event]:
    request = await client.build(text, **options)
    await client.charge(request)
    async with aclosing(client.events(request)) as stream:
        return [event async for event in stream]


def samples(heard: list[Event]) -> int:
    assert isinstance(heard[-1], AudioEnd)
    chunks = [event for event in heard if isinstance(event, AudioChunk)]
    position = chunks[0].first_sample
    for chunk in chunks:
        assert chunk.first_sample == position
        position = chunk.end
    assert position == heard[-1].samples
    return heard[-1].samples


async def refused(client: SpeechClient, text: str) -> SpeechError:
    with pytest.raises(SpeechError) as error:
        await client.charge(await client.build(text))
    return error.value


async def test_pauses_are_silence_in_the_audio(alice: SpeechClient) -> None:
    plain = samples(await events(alice, "<speak>one</speak>"))
    for text in ('<break time="2s"/>one', 'one<break time="2s"/>'):
        assert samples(await events(alice, f"<speak>{text}</speak>")) == plain + 2 * RATE
    # A seek into the silence before the first word.
    heard = await events(alice, '<speak><break time="2s"/>one</speak>', start=RATE)
    assert samples(heard) == plain + 2 * RATE
    assert next(event.first_sample for event in heard if isinstance(event, AudioChunk)) == RATE


async def test_the_rate_changes_the_speed_but_not_the_pauses(alice: SpeechClient) -> None:
    once, slow = [
        samples(await events(alice, f'<speak><prosody rate="{rate}">one<break time="1s"/></prosody></speak>'))
        for rate in ("100%", "50%")
    ]
    assert slow - RATE > 1.5 * (once - RATE)


async def test_marks_are_reported_with_the_times_of_the_words(alice: SpeechClient) -> None:
    heard = await events(alice, '<speak>one <mark name="here"/>two<mark name="end"/></speak>')
    timings = next(event for event in heard if isinstance(event, WordTimings))
    assert [(mark.name, mark.sample) for mark in timings.marks] == [
        ("here", timings.words[1].first_sample),
        ("end", timings.words[1].last_sample),
    ]


async def test_a_word_has_the_phonemes_that_the_text_gives(alice: SpeechClient) -> None:
    ordinary = samples(await events(alice, "one tomato two"))
    # Each phoneme of the test's engine has the same length.
    assert samples(await events(alice, "one [tomato](/tə/) two")) < ordinary
    assert samples(await events(alice, "<speak>one <phoneme ph='tə'>tomato</phoneme> two</speak>")) < ordinary


async def test_phonemes_that_the_voice_does_not_have_are_refused(alice: SpeechClient) -> None:
    error = await refused(alice, "a [[ʘaǁ]] b")
    assert (error.code, error.details["position"], error.details["value"]) == ("phonemes_unknown", 2, "ʘǁ")
    assert "U+0298" in error.message
    assert (await refused(alice, "<speak><phoneme ph='ˈː'>a</phoneme></speak>")).code == "phonemes_unknown"


async def test_the_content_of_ssml_is_checked_like_text(alice: SpeechClient) -> None:
    error = await refused(alice, "<speak><b/>Привет</speak>")
    assert (error.code, error.details["position"]) == ("language_unsupported", 11)
    assert (await refused(alice, "<speak><break/>!</speak>")).code == "text_unspeakable"
    assert (await refused(alice, "<speak></speak>")).code == "text_unspeakable"
    assert (await refused(alice, "<speak>a\x07</speak>")).code == "text_control"
    assert (await refused(alice, "<speak>a<b></speak>")).code == "ssml_malformed"
    assert (await refused(alice, '<speak xml:lang="tlh">a</speak>')).code == "language_unsupported"
    assert samples(await events(alice, '<speak><lang xml:lang="ru">Привет</lang></speak>'))


async def test_the_text_can_change_the_voice(
    alice: SpeechClient, runtime_with_voice: Runtime, engine: ToneEngine, tmp_path: Path
) -> None:
    tone_manifest(engine).write(_folder(tmp_path / "other"))
    await Voice.objects.acreate(id="other", name="Other", language="en-US", sample_rate=RATE)
    await Voice.objects.acreate(id="thin", name="Thin", language="en-US", sample_rate=16_000)
    assert samples(await events(alice, '<speak>one <voice name="Other">two</voice> three</speak>'))
    # A text that is longer than the default limit, which the operator can raise.
    await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"max_text_length": 4000})
    await runtime_with_voice.rate_limiter.refresh()
    await alice.refresh()
    text = '<speak>one <voice name="other">two</voice>' + " " * 1500 + "three</speak>"
    assert samples(await events(alice, text))
    for number in range(5):
        await Voice.objects.acreate(id=f"v{number}", name="V", language="en-US", sample_rate=RATE)
    many = "".join(f'<voice name="v{number}">a</voice>' for number in range(5))
    await runtime_with_voice.catalog.refresh()
    assert (await refused(alice, f"<speak>{many}</speak>")).code == "voices_too_many"
    assert (await refused(alice, '<speak><voice name="nobody">a</voice></speak>')).code == "voice_unknown"


async def test_voices_of_several_languages_and_sample_rates_speak_one_text(
    alice: SpeechClient,
    runtime_with_voice: Runtime,
    engine: ToneEngine,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    german = ToneEngine()
    german.sample_rate, german.hop_length = 16_000, 256
    manifest = replace(tone_manifest(german), language="de-DE", espeak_voice="de")
    manifest.write(_folder(tmp_path / "thorsten"))
    voices = {"tone": LoadedVoice(tone_manifest(engine), engine), "thorsten": LoadedVoice(manifest, german)}
    runtime_with_voice.voices._load = lambda folder: voices[folder.name]
    await Voice.objects.acreate(id="thorsten", name="Thorsten", language="de-DE", sample_rate=16_000)
    text = "This was a small test. Das ist ein kleiner Test für dieses Jahr. That is all."
    foreign = text.index("Das"), text.index("That")

    async def times(**options: Any) -> dict[str, tuple[int, int]]:
        heard = await events(alice, text, **options)
        assert samples(heard)
        words = [word for event in heard if isinstance(event, WordTimings) for word in event.words]
        return {text[word.start : word.end]: (word.first_sample, word.last_sample) for word in words}

    plain = await times()
    assert german.decoded == []
    switched = await times(reading={"languages": True})
    assert german.decoded
    assert switched.keys() == plain.keys() == set(text.split())
    assert switched["This"] == plain["This"]
    # A frame of this voice has another length, so its words do, too.
    assert switched["kleiner"] != plain["kleiner"]
    ordered = [switched[word] for word in text.split()]
    assert ordered == sorted(ordered)
    # A seek into the sentence, from which the same samples follow.
    begin = switched["kleiner"][0]
    whole, rest = [
        b"".join(event.pcm for event in heard if isinstance(event, AudioChunk))
        for heard in [await events(alice, text, start=start, reading={"languages": True}) for start in (0, begin)]
    ]
    assert whole[2 * begin :] == rest
    request = await alice.build(text, reading={"languages": True})
    explained = (await alice.explain(request)).to_dict()
    assert [(part["language"], part["voice"]) for part in explained["segments"]] == [
        ("en-US", "tone"), ("de-DE", "thorsten"), ("en-US", "tone"),
    ]  # fmt: skip
    assert explained["segments"][1]["start"] == foreign[0]
    # An SSML document can name the voice, whatever its sample rate.
    assert samples(await events(alice, '<speak>one <voice name="thorsten">zwei</voice></speak>'))
    # Without the files of the other voice, the request's voice speaks.
    (tmp_path / "thorsten" / MANIFEST_FILE).unlink()
    assert (await times(reading={"languages": True})).keys() == plain.keys()
    assert "thorsten for another language cannot be loaded" in caplog.text


def _folder(folder: Path) -> Path:
    folder.mkdir()
    return folder
