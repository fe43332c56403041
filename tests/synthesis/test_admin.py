"""Voices in the admin."""

import re

import pytest
from django.test import Client

from synthesis.models import Voice, VoiceAlias

pytestmark = pytest.mark.django_db


@pytest.fixture
def voices() -> None:
    for name, default in (("alice", True), ("bob", False)):
        Voice.objects.create(id=name, name=name.title(), language="en-GB", sample_rate=16000, default=default)


def form(**fields: str) -> dict[str, str]:
    return {"name": "Bob", "license": "", "source": "", "enabled": "on", **fields}


def test_the_default_is_changed_in_one_step(voices: None, admin_client: Client) -> None:
    response = admin_client.post("/admin/synthesis/voice/bob/change/", form(default="on"))
    assert response.status_code == 302
    assert [voice.id for voice in Voice.objects.filter(default=True)] == ["bob"]


def test_a_disabled_default_is_explained(voices: None, admin_client: Client) -> None:
    fields = form(name="Alice", default="on")
    del fields["enabled"]
    response = admin_client.post("/admin/synthesis/voice/alice/change/", fields)
    assert response.status_code == 200
    assert "The default voice must be enabled." in response.content.decode()


def test_no_form_adds_a_voice_without_files(voices: None, admin_client: Client) -> None:
    assert admin_client.get("/admin/synthesis/voice/").status_code == 200
    assert admin_client.get("/admin/synthesis/voice/add/").status_code == 403


def test_every_field_of_the_list_of_names_is_labelled(voices: None, admin_client: Client) -> None:
    VoiceAlias.objects.all().delete()
    names = ["clerk", "nurse", "pilot"]
    for name in names:
        VoiceAlias.objects.create(name=name, voice_id="bob")
    page = admin_client.get("/admin/synthesis/voicealias/").content.decode()
    assert re.findall(r'<select name="form-\d+-voice"[^>]* aria-label="Voice of (\w+)"', page) == names
