"""The voice chooser: the list, samples, favorites, and default voices by language."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission, User
from django.test import AsyncClient, Client
from django.utils import timezone
from pytest_django import Settings

from accounts.data_export import export_account
from synthesis.catalog import CatalogVoice, VoiceCatalog
from synthesis.models import Voice
from synthesis.runtime import Runtime
from terminal.models import VoiceChoices
from terminal.voices import choices as stored
from terminal.voices.choices import Choices, starting_voice
from tests.terminal.socket_client import tab
from themes.owners.identity import Identity
from themes.store.services import VISITOR_RETENTION

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"


@pytest.fixture
def spanish(runtime_with_voice: Runtime) -> Voice:
    """Return a second voice, whose files are missing."""
    return Voice.objects.create(id="paca", name="Paca", language="es-ES", sample_rate=8000, license="CC0-1.0")


@pytest.fixture
def visitor(client: Client, spanish: Voice) -> Client:
    """Return a browser with a device cookie."""
    client.get("/")
    return client


def choose(client: Client, **fields: Any) -> Any:
    return client.post("/voices/choose", fields, content_type=JSON)


def listing(client: Client) -> dict[str, Any]:
    answer = client.get("/voices/list.json")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    return dict(answer.json())


def test_the_list_has_costs_and_the_address_for_installation(visitor: Client) -> None:
    Voice.objects.filter(id="paca").update(times_real_time=12.5)
    Voice.objects.create(id="off", name="Off", language="de-DE", sample_rate=8000, enabled=False)
    found = listing(visitor)
    assert [voice["id"] for voice in found["voices"]] == ["tone", "paca"]
    paca = found["voices"][1]
    assert (paca["license"], paca["times_real_time"], paca["language"]) == ("CC0-1.0", 12.5, "es-ES")
    assert {"favorites": [], "defaults": {}, "install": None}.items() <= found.items()


def test_only_permitted_staff_find_the_installer(visitor: Client, settings: Settings) -> None:
    bob = User.objects.create_user("bob", is_staff=True)
    visitor.force_login(bob)
    assert listing(visitor)["install"] is None
    bob.user_permissions.add(Permission.objects.get(codename="add_voice"))
    assert listing(visitor)["install"] == "/admin/synthesis/voice/catalog/"
    settings.ADMIN_ALLOWED_NETWORKS = ["203.0.113.0/24"]
    assert listing(visitor)["install"] is None


def test_choices_are_stored_for_the_visitor_and_move_to_the_account(visitor: Client) -> None:
    assert choose(visitor, voice="paca", favorite=True, default=True).json() == {
        "favorites": ["paca"],
        "defaults": {"es": "paca"},
    }
    assert choose(visitor, voice="tone", favorite=True).json()["favorites"] == ["paca", "tone"]
    assert choose(visitor, voice="paca", favorite=False).json() == {"favorites": ["tone"], "defaults": {"es": "paca"}}
    assert listing(Client())["favorites"] == []
    alice = User.objects.create_user("alice")
    VoiceChoices.objects.create(user=alice, favorites=["paca"], defaults={"en": "tone"})
    visitor.force_login(alice)
    device = VoiceChoices.objects.get(user=None).device
    assert device is not None
    stored.merge_visitor(Identity(device), alice.pk)
    assert listing(visitor)["favorites"] == ["paca", "tone"]
    assert listing(visitor)["defaults"] == {"en": "tone", "es": "paca"}
    assert VoiceChoices.objects.get().user == alice
    assert choose(visitor, voice="paca", default=False).json()["defaults"] == {"en": "tone"}
    exported = export_account(User.objects.get(), Identity(uuid.uuid4(), alice.pk))
    assert exported["voices"] == {"favorites": ["paca", "tone"], "defaults": {"en": "tone"}}


def test_sign_in_moves_the_choices(visitor: Client) -> None:
    alice = User.objects.create_user("alice", password="a password of alice 1")
    choose(visitor, voice="paca", favorite=True)
    visitor.post("/accounts/sign-in/", {"username": "alice", "password": "a password of alice 1"})
    assert VoiceChoices.objects.get().user == alice
    visitor.post("/accounts/sign-out/")
    assert listing(visitor)["favorites"] == []


def test_wrong_choices_are_refused(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for fields, code in (
        ({"voice": "nobody"}, "voice_unknown"),
        ({"voice": 3}, "field_invalid"),
        ({}, "field_invalid"),
        ({"voice": "paca", "favorite": "yes"}, "field_invalid"),
    ):
        answer = choose(visitor, **fields)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert choose(Client(), voice="paca", favorite=True).json()["error"]["code"] == "cookies_needed"
    assert visitor.get("/voices/choose").status_code == 405
    monkeypatch.setattr(stored, "MAX_FAVORITES", 1)
    monkeypatch.setattr(stored, "MAX_DEFAULTS", 1)
    choose(visitor, voice="paca", favorite=True, default=True)
    for what in ("favorite", "default"):
        assert choose(visitor, voice="tone", **{what: True}).json()["error"]["code"] == f"{what}s_full"
    assert VoiceChoices.objects.get().favorites == ["paca"]
    foreign = visitor.post(
        "/voices/choose", {"voice": "tone"}, content_type=JSON, headers={"Origin": "https://evil.example"}
    )
    assert foreign.status_code == 403


def test_choices_of_inactive_visitors_expire(visitor: Client) -> None:
    choose(visitor, voice="paca", favorite=True)
    VoiceChoices.objects.update(last_used=timezone.now().date() - VISITOR_RETENTION - timedelta(days=1))
    other = Client()
    other.get("/")
    choose(other, voice="tone", favorite=True)
    assert VoiceChoices.objects.get().favorites == ["tone"]


async def test_a_sample_is_charged_and_heard(spanish: Voice, async_client: AsyncClient) -> None:
    answer = await async_client.post("/voices/sample", {"voice": "tone"}, content_type=JSON)
    assert answer.status_code == 200, answer.content
    assert answer.json()["text"] == "The birch canoe slid on the smooth planks."
    heard = await async_client.get(answer.json()["audio"])
    assert (heard.status_code, heard["Content-Type"]) == (200, "audio/wav")
    wrong = await async_client.post("/voices/sample", {"voice": "tone", "speaker": "p1"}, content_type=JSON)
    assert wrong.json()["error"]["code"] == "speaker_unknown"


def voice(id_: str, language: str, *, default: bool = False) -> CatalogVoice:
    return CatalogVoice(id_, id_, language, (), 8000, default)


CATALOG = VoiceCatalog((voice("joe", "en-US", default=True), voice("alan", "en-GB"), voice("paca", "es-ES")))


@pytest.mark.parametrize(
    ("defaults", "accepted", "wanted"),
    [
        ({}, "es-ES,es;q=0.9", "joe"),
        ({"es": "paca"}, "es-MX,en;q=0.5", "paca"),
        ({"es": "paca"}, "en-US,es;q=0.5", "paca"),
        ({"es": "paca", "en": "alan"}, "en-US,es;q=0.5", "alan"),
        ({"es": "paca"}, "de", "joe"),
        ({"en": "alan"}, "", "alan"),
        ({"es": "removed"}, "es", "joe"),
        ({"es": "paca"}, ";;;,=,\x00" * 500, "joe"),
    ],
)
def test_the_page_starts_with_the_default_of_the_browsers_language(
    defaults: dict[str, str], accepted: str, wanted: str
) -> None:
    assert starting_voice(Choices((), defaults), CATALOG, accepted) == wanted


def test_without_voices_the_page_starts_with_none() -> None:
    assert starting_voice(Choices((), {"en": "joe"}), VoiceCatalog(), "en") is None


async def test_page_and_session_start_with_the_same_voice(visitor: Client) -> None:
    await sync_to_async(choose)(visitor, voice="paca", default=True)
    page = await sync_to_async(visitor.get)("/", headers={"Accept-Language": "es"})
    assert re.search(r'<option value="paca"[^>]* selected', page.content.decode())
    cookie = f"device={visitor.cookies['device'].value}"
    async with tab(**{"cookie": cookie, "accept-language": "es"}) as opened:
        assert opened.snapshot["voice"] == "paca"
