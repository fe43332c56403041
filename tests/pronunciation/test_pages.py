"""The account's pages of its dictionary, and the operator's in the admin."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pronunciation import dictionaries, formats
from pronunciation.models import Dictionary, Pronunciation, ReadingPreferences
from synthesis.runtime import Runtime
from synthesis.text.annotation.lexicon import Entry
from tests.accounts.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/accounts/pronunciation/"
ACME = {"phrase": "Acme", "respelling": "ack me", "whole_word": "on"}


def phrases(user: User | None) -> list[str]:
    return [row.phrase for row in dictionaries.entries_of(user)]


@pytest.fixture
def client_of_alice(alice: User, runtime_with_voice: Runtime) -> Client:
    return signed_in(alice)


def upload(client: Client, text: str | bytes) -> Any:
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(PATH, {"file": SimpleUploadedFile("words.csv", data)})


def test_an_empty_dictionary_says_what_to_do(client_of_alice: Client) -> None:
    page = client_of_alice.get(PATH).text
    assert "There are no entries yet." in page
    assert f'href="{PATH}add/"' in page
    assert PATH in client_of_alice.get("/accounts/").text


def test_visitors_sign_in_first(client: Client, runtime_with_voice: Runtime) -> None:
    for path in (PATH, f"{PATH}add/", f"{PATH}pronunciations.csv"):
        assert "/accounts/sign-in/" in client.get(path)["Location"]
    assert client.post(f"{PATH}add/hear/", ACME).status_code == 302


def test_a_word_is_added_edited_and_deleted(client_of_alice: Client, alice: User) -> None:
    assert "Acme is saved." in client_of_alice.post(f"{PATH}add/", ACME, follow=True).text
    row = Pronunciation.objects.get()
    assert "ack me" in client_of_alice.get(PATH).text
    edit = f"{PATH}{row.pk}/"
    assert 'value="Acme"' in client_of_alice.get(edit).text
    client_of_alice.post(edit, {"phrase": "Acme", "ipa": "ˈækmi", "case_sensitive": "on"})
    row.refresh_from_db()
    assert row.entry == Entry("Acme", phonemes="ˈækmi", case_sensitive=True, whole_word=False)
    assert "Acme is deleted." in client_of_alice.post(PATH, {"delete": row.pk}, follow=True).text
    for wrong in (row.pk, "x", "9" * 40):
        assert "already deleted" in client_of_alice.post(PATH, {"delete": wrong}, follow=True).text
    assert Dictionary.objects.get(user=alice).version == 3


def test_other_accounts_entries_are_out_of_reach(client_of_alice: Client, alice: User, bob: User) -> None:
    row = dictionaries.save_entry(bob, Entry("Bobco", "bob co"))
    operators = dictionaries.save_entry(None, Entry("Opco", "op co"))
    for pk in (row.pk, operators.pk):
        assert client_of_alice.get(f"{PATH}{pk}/").status_code == 404
        assert client_of_alice.post(f"{PATH}{pk}/", ACME).status_code == 404
        client_of_alice.post(PATH, {"delete": pk})
    client_of_alice.post(PATH, {"delete_all": 1})
    assert "Bobco" not in client_of_alice.get(PATH).text
    assert (phrases(bob), phrases(None), phrases(alice)) == (["Bobco"], ["Opco"], [])


def test_all_entries_are_deleted_after_a_confirmation(client_of_alice: Client, alice: User) -> None:
    for phrase in ("Acme", "Bobco"):
        dictionaries.save_entry(alice, Entry(phrase, "ack me"))
    asked = client_of_alice.post(PATH, {"delete_all": "ask"}).text
    assert "2 entries are deleted, and cannot be restored." in asked
    assert 'name="delete_all" value="2"' in asked
    dictionaries.save_entry(alice, Entry("Charlieco", "ack me"))
    assert "3 entries are deleted" in client_of_alice.post(PATH, {"delete_all": 2}).text
    assert len(phrases(alice)) == 3
    assert "3 entries are deleted." in client_of_alice.post(PATH, {"delete_all": 3}, follow=True).text
    assert phrases(alice) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"phrase": ""}, "This field is required"),
        ({"phrase": "..."}, "needs a letter"),
        ({"phrase": "x" * 101}, "at most 100"),
        ({"respelling": ""}, "a respelling, or IPA"),
        ({"ipa": "ˈækmi"}, "either a respelling or IPA"),
        ({"respelling": "!!!"}, "only symbols"),
        ({"respelling": "Акме"}, "cannot say"),
        ({"respelling": "", "ipa": "ʘakme"}, "U+0298"),
        ({"respelling": "", "ipa": "ˈˌ"}, "no sound"),
        ({"language": "english!"}, "language tag"),
        ({"voice": "nobody"}, "Select a valid choice"),
    ],
)
def test_invalid_entries_are_not_saved(client_of_alice: Client, change: dict[str, str], message: str) -> None:
    answer = client_of_alice.post(f"{PATH}add/", {**ACME, **change})
    assert answer.status_code == 400
    assert message in answer.text.replace("&quot;", '"')
    assert not Pronunciation.objects.exists()


def test_a_phrase_has_one_entry(client_of_alice: Client) -> None:
    client_of_alice.post(f"{PATH}add/", ACME)
    answer = client_of_alice.post(f"{PATH}add/", ACME)
    assert "There is an entry for this phrase" in answer.text
    assert client_of_alice.post(f"{PATH}add/", {**ACME, "language": "de"}).status_code == 302


def test_a_word_is_heard_before_it_is_saved(client_of_alice: Client) -> None:
    for said in ({"respelling": "ack <me>"}, {"respelling": "", "ipa": "ˈækmi"}):
        page = client_of_alice.post(f"{PATH}add/hear/", {**ACME, "phrase": "A&B", **said}).text
        audio = re.search(r'<audio[^>]* src="([^"]+)"', page)
        assert audio is not None
        assert client_of_alice.get(audio[1])["Content-Type"] == "audio/wav"
        assert 'value="A&amp;B"' in page
    assert not Pronunciation.objects.exists()
    assert "a respelling, or IPA" in client_of_alice.post(f"{PATH}add/hear/", {"phrase": "Acme"}).text


def test_a_dictionary_is_exported_and_imported(client_of_alice: Client, alice: User) -> None:
    entries = [
        Entry('=Acme, "Inc"', "ack me", language="en", case_sensitive=True),
        Entry("nginx", phonemes="ɛndʒɪnɛks", whole_word=False),
        Entry("Straße & <Co>", "strasse und co", language="de-DE"),
    ]
    dictionaries.import_entries(alice, entries)
    answer = client_of_alice.get(f"{PATH}pronunciations.csv")
    assert "attachment" in answer["Content-Disposition"]
    assert "'=Acme" in answer.text.replace('"', "")
    client_of_alice.post(PATH, {"delete_all": 3})
    assert "3 entries were imported." in upload(client_of_alice, answer.content).client.get(PATH).text
    assert {row.entry for row in dictionaries.entries_of(alice)} == set(entries)
    lexicon = client_of_alice.get(f"{PATH}pronunciations.pls?language=de").content
    assert [each.entry for each in formats.read_file(lexicon)] == [
        Entry("Straße & <Co>", "strasse und co", language="de"),
        Entry("nginx", phonemes="ɛndʒɪnɛks", language="de"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The submitted file is empty"),
        (b"\xff\xfe", "not UTF-8"),
        ("word,sound\na,b", "must name the columns"),
        ("phrase,respelling\na,b,c", "Line 2: The line has more cells"),
        ('phrase,respelling\n"a,b', "not CSV"),
        ("phrase,respelling\nAcme,", "Line 2: Write how the phrase is said"),
        ("phrase,ipa\nAcme,ʘ", "Line 2: The voice has no phoneme"),
        ("phrase,respelling,voice\nAcme,a,nobody", "There is no voice nobody"),
        ("phrase,respelling,whole_word\nAcme,a,perhaps", "must be true or false"),
        ("phrase,respelling\n", "no entries"),
        ("phrase,respelling\n" + "a,b\n" * 10_001, "at most 10,000"),
        ("<lexicon><lexeme>", "not XML"),
        ("<a/>", "begins with &lt;lexicon&gt;"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><lexicon>&b;</lexicon>', "not allowed"),
        ("<lexicon alphabet='x-sampa'/>", "must be ipa"),
        ("<lexicon>" + "<a>" * 20, "nested too deeply"),
    ],
)
def test_a_file_with_an_error_changes_nothing(client_of_alice: Client, text: str, message: str) -> None:
    client_of_alice.post(f"{PATH}add/", ACME)
    answer = upload(client_of_alice, text)
    assert answer.status_code == 400
    assert message in answer.text
    assert Pronunciation.objects.count() == 1


def test_a_dictionary_has_a_maximum_size(client_of_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionaries, "MAX_ENTRIES", 2)
    assert upload(client_of_alice, "phrase,respelling\na,b\nc,d").status_code == 302
    assert "at most 2 entries" in client_of_alice.post(f"{PATH}add/", ACME).text
    assert upload(client_of_alice, "phrase,respelling\na,x\ne,f").status_code == 400
    assert upload(client_of_alice, "phrase,respelling\na,x").status_code == 302
    assert {row.respelling for row in dictionaries.entries_of(alice)} == {"x", "d"}


def test_the_accounts_export_contains_its_entries(client_of_alice: Client, bob: User) -> None:
    client_of_alice.post(f"{PATH}add/", ACME)
    dictionaries.save_entry(bob, Entry("Bobco", "bob co"))
    data = client_of_alice.get("/accounts/data.json").json()
    assert [entry["phrase"] for entry in data["pronunciations"]] == ["Acme"]


def test_reading_preferences_are_saved(client_of_alice: Client, alice: User, bob: User) -> None:
    path = f"{PATH}reading/"
    fields = {
        "code": "announce", "urls": "read", "tables": "read", "emoji": "skip", "thinking": "skip",
        "sentence_pause_s": "0.5", "paragraph_pause_s": "0.55", "lead_in_s": "0", "pauses": "on",
        "languages": "False",
    }  # fmt: skip
    assert '<option value="read" selected>' in client_of_alice.get(path).text
    assert "Your preferences are saved." in client_of_alice.post(path, fields, follow=True).text
    changed = {"code": "announce", "thinking": "skip", "sentence_pause_s": 0.5, "pauses": True, "languages": False}
    assert ReadingPreferences.objects.get(user=alice).choices == changed
    assert client_of_alice.get("/accounts/data.json").json()["reading"] == changed
    client_of_alice.post(path, {**fields, "languages": ""})
    assert "languages" not in ReadingPreferences.objects.get(user=alice).choices
    for wrong in ({"code": "sing"}, {"lead_in_s": "11"}, {"lead_in_s": "-1"}, {"lead_in_s": "nan"}, {"urls": ""}):
        assert client_of_alice.post(path, {**fields, **wrong}).status_code == 400
    assert ReadingPreferences.objects.get().user == alice


def test_the_operator_edits_one_dictionary_for_all(
    admin_client: Client, runtime_with_voice: Runtime, alice: User
) -> None:
    dictionaries.save_entry(alice, Entry("Private", "private"))
    admin = "/admin/pronunciation/pronunciation/"
    assert admin_client.post(f"{admin}add/", ACME).status_code == 302
    assert "There is an entry" in admin_client.post(f"{admin}add/", ACME).text
    assert "U+0298" in admin_client.post(f"{admin}add/", {"phrase": "a", "ipa": "ʘa"}).text
    page = admin_client.get(admin).text
    assert "Acme" in page
    assert "Private" not in page
    row = dictionaries.entries_of(None).get()
    admin_client.post(f"{admin}{row.pk}/change/", {**ACME, "respelling": "ock me"})
    assert dictionaries.entries_of(None).get().respelling == "ock me"
    admin_client.post(f"{admin}{row.pk}/delete/", {"post": "yes"})
    assert phrases(None) == []
    assert Dictionary.objects.get(user=None).version == 3
