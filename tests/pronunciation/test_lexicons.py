"""The dictionaries in speech: precedence, changes while tabs are open, caching, and failures of the database."""

import json
from contextlib import aclosing
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from core.errors import StorageUnavailableError
from core.limits.subjects import RateLimitSubject
from core.storage import database
from pronunciation import dictionaries, lexicons
from pronunciation.lexicons import CACHE_TTL_S, LexiconStore
from pronunciation.models import ReadingPreferences
from synthesis.models import Voice
from synthesis.pipeline.events import AudioEnd
from synthesis.pipeline.text_reading import read_words
from synthesis.runtime import Runtime
from synthesis.text.annotation.lexicon import MAX_ENTRIES, Entry, Lexicon
from synthesis.text.annotation.other_languages import LanguageVoice
from synthesis.text.annotation.reading_options import Treatment
from synthesis.text.segmentation import Pauses
from tests.clock import Clock

pytestmark = pytest.mark.django_db(transaction=True)


async def said(runtime: Runtime, user: User | None, text: str) -> str:
    client = await runtime.gateway.open(RateLimitSubject(user.pk if user else None, "192.0.2.1"))
    request = await client.build(text)
    await client.charge(request)
    async with aclosing(client.events(request)) as events:
        assert isinstance([event async for event in events][-1], AudioEnd)
    return " ".join(word.spoken for word in read_words(request))


async def save(owner: User | None, *entries: Entry) -> None:
    await database.write(lambda: dictionaries.import_entries(owner, entries))


@pytest.fixture
def clock(runtime_with_voice: Runtime) -> Clock:
    clock = Clock()
    runtime_with_voice.gateway.lexicons = LexiconStore(clock)
    return clock


async def test_an_account_has_its_dictionary_before_the_operators(
    runtime_with_voice: Runtime, alice: User, bob: User
) -> None:
    await save(alice, Entry("Acme", "ack me"))
    await save(None, Entry("Acme", "axe me"), Entry("nginx", "engine x"))
    assert await said(runtime_with_voice, alice, "Acme nginx") == "ack me engine x"
    for other in (bob, None):
        assert await said(runtime_with_voice, other, "Acme nginx") == "axe me engine x"


async def test_a_voice_without_the_phonemes_of_an_entry_speaks(runtime_with_voice: Runtime, alice: User) -> None:
    await save(alice, Entry("nginx", phonemes="ʘǁ"), Entry("acme", phonemes="ʘæ"))
    assert await said(runtime_with_voice, alice, "see nginx")
    assert await said(runtime_with_voice, alice, "see acme")


async def test_changes_apply_to_open_tabs(runtime_with_voice: Runtime, alice: User, clock: Clock) -> None:
    assert await said(runtime_with_voice, alice, "Acme") == "Acme"
    await save(alice, Entry("Acme", "ack me"))
    clock.now += CACHE_TTL_S
    assert await said(runtime_with_voice, alice, "Acme") == "ack me"
    await database.write(lambda: dictionaries.delete_all(alice))
    clock.now += CACHE_TTL_S
    assert await said(runtime_with_voice, alice, "Acme") == "Acme"


async def test_an_unchanged_dictionary_is_indexed_once(alice: User) -> None:
    clock = Clock()
    store = LexiconStore(clock)
    await save(alice, Entry("Acme", "ack me"))
    (first,) = (await store.read(alice.pk)).lexicons
    clock.now += CACHE_TTL_S
    (second,) = (await store.read(alice.pk)).lexicons
    assert first is second


async def test_cached_dictionaries_are_bounded(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicons, "MAX_CACHED_ENTRIES", 3)
    store = LexiconStore(Clock())
    for user in (alice, bob):
        await save(user, Entry("a", "b"), Entry("c", "d"))
        assert (await store.read(user.pk)).lexicons[0].size == 2
    assert len(store._built) == 1
    assert len(store._accounts) == 1
    assert (await store.read(alice.pk)).lexicons[0].size == 2


async def test_cached_accounts_are_bounded(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicons, "MAX_CACHED_ACCOUNTS", 1)
    store = LexiconStore(Clock())
    await save(alice, Entry("a", "b"))
    for user in (alice, bob):
        await store.read(user.pk)
    assert list(store._accounts) == [bob.pk]
    assert list(store._built) == []


async def test_speech_goes_on_without_the_database(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_work: Any) -> Any:
        raise StorageUnavailableError

    monkeypatch.setattr(database, "read", fail)
    assert (await LexiconStore(Clock()).read(alice.pk)).lexicons == ()


async def test_preferences_apply_until_a_request_says_otherwise(
    runtime_with_voice: Runtime, alice: User, clock: Clock
) -> None:
    text = "See https://example.com [pause 1s] now."
    row = ReadingPreferences(user=alice, urls="skip", lead_in_s=0.5, pauses=True, sentence_pause_s=1)
    await database.write(row.save)
    client = await runtime_with_voice.gateway.open(RateLimitSubject(alice.pk, "192.0.2.1"))
    own = await client.build(text)
    assert [word.spoken for word in read_words(own)] == ["See", "now"]
    assert read_words(own)[0].annotation.lead_s == 0.5
    assert own.reading.segment_pauses == Pauses(1, 0.55)
    other = await client.build(text, reading={"urls": Treatment.ANNOUNCE, "lead_in_s": 0.0})
    assert [word.spoken for word in read_words(other)] == ["See", "Link example dot com", "now"]
    assert read_words(other)[0].annotation.lead_s == 0
    stranger = await runtime_with_voice.gateway.open(RateLimitSubject(None, "192.0.2.1"))
    assert "dot" in " ".join(word.spoken for word in read_words(await stranger.build(text)))


async def test_the_request_the_account_and_the_server_decide_about_other_languages(
    runtime_with_voice: Runtime, alice: User, settings: Any
) -> None:
    await Voice.objects.acreate(id="v", name="V", language="de-DE", sample_rate=8000)
    await Voice.objects.acreate(id="w", name="W", language="de-AT", sample_rate=16_000, language_default=True)
    german = (LanguageVoice("de-AT", "w"),)
    stranger = await runtime_with_voice.gateway.open(RateLimitSubject(None, "192.0.2.1"))
    member = await runtime_with_voice.gateway.open(RateLimitSubject(alice.pk, "192.0.2.1"))
    on, off = {"languages": True}, {"languages": False}
    assert (await stranger.build("a")).reading.voices == ()
    assert (await stranger.build("a", reading=on)).reading.voices == german
    assert (await stranger.build("<speak>a</speak>", reading=on)).reading.voices == ()
    settings.READ_OTHER_LANGUAGES = True
    assert (await stranger.build("a")).reading.voices == (await member.build("a")).reading.voices == german
    assert (await stranger.build("a", reading=off)).reading.voices == ()
    await database.write(ReadingPreferences(user=alice, languages=False).save)
    runtime_with_voice.gateway.lexicons = LexiconStore()
    assert (await member.build("a")).reading.voices == ()
    assert (await member.build("a", reading=on)).reading.voices == german


def test_say_explains_the_languages(runtime_with_voice: Runtime, capsys: pytest.CaptureFixture[str]) -> None:
    Voice.objects.create(id="v", name="V", language="de-DE", sample_rate=8000)
    for languages, voice in ((True, "v"), (False, "")):
        call_command("say", "Das ist ein kleiner Test.", explain=True, languages=languages)
        assert json.loads(capsys.readouterr().out)["segments"][0]["voice"] == voice


def test_say_explains_with_the_dictionaries(
    alice: User, runtime_with_voice: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    dictionaries.save_entry(None, Entry("Acme", "ack me"))
    dictionaries.save_entry(alice, Entry("Acme", phonemes="ˈækmi"))
    call_command("say", "Acme", explain=True)
    assert '"spoken": "ack me"' in capsys.readouterr().out
    call_command("say", "Acme", explain=True, user="alice")
    assert '"phonemes": "ˈækmi"' in capsys.readouterr().out
    with pytest.raises(CommandError, match="no account"):
        call_command("say", "Acme", explain=True, user="charlie")


def test_an_import_of_several_batches(alice: User) -> None:
    # Few rows: pages that a test frees in the database file are found by tests of a full disk.
    entries = [Entry(f"word{number}", "b") for number in range(dictionaries.BATCH + 1)]
    assert dictionaries.import_entries(alice, entries) == len(entries)
    assert dictionaries.import_entries(alice, entries) == len(entries)
    assert LexiconStore().load(alice.pk).size == len(entries)


def test_a_full_dictionary_is_indexed() -> None:
    lexicon = Lexicon(Entry(f"word{number}", "b") for number in range(MAX_ENTRIES))
    entry = lexicon.find("word9999", "word9999", 0, "en-US", "")
    assert lexicon.size == MAX_ENTRIES
    assert entry is not None
    assert entry.phrase == "word9999"
