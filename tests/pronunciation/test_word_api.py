"""The correction of a word in the page."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import Client

from pronunciation import dictionaries
from pronunciation.lexicons import LexiconStore
from pronunciation.models import Pronunciation
from synthesis.gateway import NoLexicons
from synthesis.runtime import Runtime
from synthesis.text.annotation.lexicon import Entry
from tests.accounts.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
WORD = "/accounts/pronunciation/word.json"
HEAR = "/accounts/pronunciation/word/hear"
ACME = {"phrase": "Acme", "respelling": "ack me", "whole_word": "on"}


@pytest.fixture
def client_of_alice(alice: User, runtime_with_voice: Runtime) -> Client:
    return signed_in(alice)


def code(answer: Any) -> tuple[str, str | None]:
    assert answer.status_code == 400
    error = answer.json()["error"]
    return error["code"], error["param"]


def test_a_correction_is_saved_replaced_found_and_deleted(client_of_alice: Client, alice: User, bob: User) -> None:
    saved = client_of_alice.post(WORD, ACME).json()["entry"]
    assert (saved["phrase"], saved["respelling"], saved["whole_word"]) == ("Acme", "ack me", True)
    again = client_of_alice.post(WORD, {**ACME, "respelling": "", "ipa": "ˈækmi"}).json()["entry"]
    assert again["id"] == saved["id"]
    assert Pronunciation.objects.get().entry == Entry("Acme", phonemes="ˈækmi", whole_word=True)
    (found,) = client_of_alice.get(WORD, {"phrase": "ACME"}).json()["entries"]
    assert found == again
    assert signed_in(bob).get(WORD, {"phrase": "Acme"}).json()["entries"] == []
    assert signed_in(bob).post(WORD, {"delete": found["id"]}).json() == {"deleted": ""}
    assert client_of_alice.post(WORD, {"delete": "9" * 40}).json() == {"deleted": ""}
    assert client_of_alice.post(WORD, {"delete": found["id"]}).json() == {"deleted": "Acme"}
    assert not dictionaries.entries_of(alice).exists()


def test_a_correction_is_heard_before_it_is_saved(client_of_alice: Client) -> None:
    answer = client_of_alice.post(HEAR, ACME)
    assert answer.json()["audio"].startswith("/spoken/")
    assert not Pronunciation.objects.exists()


def test_errors_name_their_field(client_of_alice: Client, client: Client) -> None:
    assert code(client_of_alice.post(WORD, {**ACME, "respelling": ""})) == ("entry_empty", "respelling")
    assert code(client_of_alice.post(HEAR, {**ACME, "phrase": ""})) == ("required", "phrase")
    assert code(client_of_alice.post(WORD, {**ACME, "respelling": "", "ipa": "9"})) == ("phonemes_unknown", "ipa")
    for answer in (client.get(WORD), client.post(WORD, ACME), client.post(HEAR, ACME)):
        assert code(answer) == ("account_needed", None)
    assert client_of_alice.get(HEAR).status_code == 405


def test_forms_need_a_token(alice: User, runtime_with_voice: Runtime) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    for address in (WORD, HEAR):
        assert strict.post(address, ACME).status_code == 403
    token = strict.get(WORD).json()["csrf_token"]
    assert strict.post(WORD, ACME, headers={"X-CSRFToken": token}).status_code == 200


def test_a_changed_dictionary_is_read_at_once(alice: User) -> None:
    store = LexiconStore(clock=lambda: 0.0)
    assert async_to_sync(store.read)(alice.pk).lexicons == ()
    dictionaries.save_entry(alice, Entry("Acme", "ack me"))
    assert async_to_sync(store.read)(alice.pk).lexicons == ()
    async_to_sync(store.refresh)(alice.pk)
    assert async_to_sync(store.read)(alice.pk).lexicons[0].size == 1
    async_to_sync(NoLexicons().refresh)(alice.pk)
