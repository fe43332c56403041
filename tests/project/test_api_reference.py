"""The reference page of the API and the documents that it is made from."""

from typing import Any

import pytest
from django.test import Client

from project.api_reference.reference import groups
from project.openapi import document
from tests.manual.test_manual import Page

pytestmark = pytest.mark.django_db

ADDRESS = "/help/api/"


def html(client: Client, **query: str) -> str:
    response = client.get(ADDRESS, query)
    assert response.status_code == 200
    return response.content.decode()


def test_every_operation_and_message_is_shown(client: Client) -> None:
    shown = html(client)
    for path, item in document()["paths"].items():
        for method in item.keys() - {"parameters"}:
            assert f">{method.upper()} {path}</a></h4>" in shown
    for name in ("input_text.append", "speech.cancelled", "speech.create", "session.created"):
        assert f">{name}</a></h4>" in shown
    assert "{&quot;input&quot;: &quot;Hello, alice.&quot;" in shown
    assert "curl &#x27;http://testserver/v1/audio/speech&#x27;" in shown or "curl 'http://testserver/v1" in shown
    assert "<code>error.code</code>" in shown
    assert "<script" not in shown


def test_anchors_are_unique_and_links_lead_to_them(client: Client) -> None:
    page = Page(html(client))
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert all(after <= before + 1 for before, after in zip(page.levels, page.levels[1:], strict=False))


def test_the_search_shows_what_contains_all_words(client: Client) -> None:
    shown = html(client, q="Speech SAMPLE_RATE")
    assert "POST /v1/audio/speech</a>" in shown
    assert "/v1/themes" not in shown
    assert "0 results for “xylophone”" in html(client, q="xylophone")
    assert "<b>" not in html(client, q="<b>" * 1000)


def test_disabled_dialects_are_left_out(client: Client, settings: Any) -> None:
    settings.API_DIALECTS = ["piper"]
    shown = html(client)
    assert "/synthesize" in shown
    assert "/api/tts" not in shown


def test_the_documents_name_this_server(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["voice.example"]
    described = client.get(f"{ADDRESS}openapi.json", headers={"host": "voice.example"}).json()
    assert described["openapi"].startswith("3.1")
    assert described["servers"] == [{"url": "/"}]
    sockets = client.get(f"{ADDRESS}asyncapi.json", headers={"host": "voice.example"}).json()
    assert sockets["servers"]["this"]["host"] == "voice.example"


@pytest.mark.parametrize("path", ["/help/", "/help/programs/"])
def test_pages_link_to_the_reference(client: Client, path: str) -> None:
    assert ADDRESS in Page(client.get(path).content.decode()).links


def test_every_entry_has_a_summary() -> None:
    assert [entry.name for group in groups() for entry in group.entries if not entry.summary] == []
