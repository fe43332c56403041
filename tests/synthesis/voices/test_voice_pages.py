"""The admin's pages of voices: catalog, installations, samples and measured speed."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import AsyncClient, Client
from pytest_django import Settings

from core.storage.file_lock import file_lock
from synthesis import installer_api
from synthesis.errors import VoiceError
from synthesis.models import Voice, VoiceInstallation
from synthesis.runtime import Runtime
from synthesis.voices.downloads import installations
from synthesis.voices.downloads.catalogs import read_catalogs
from synthesis.voices.downloads.installations import MAX_ACTIVE, cancel, recent, request_installation, run_queue
from tests.synthesis.voices.catalog_server import ALAN, CARD, FOLDER, Mirror, alan_files
from tests.synthesis.voices.piper_voices import PiperVoice, VoiceShape, make_voice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]

CATALOG = "/admin/synthesis/voice/catalog/"
INSTALLATIONS = "/admin/synthesis/voice/installations/"
State = VoiceInstallation.State


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return one item for each start of the process that installs."""
    starts: list[bool] = []
    monkeypatch.setattr(installer_api, "start_process", lambda: starts.append(True))
    return starts


@pytest.fixture(scope="module")
def piper(tmp_path_factory: pytest.TempPathFactory) -> PiperVoice:
    return make_voice(tmp_path_factory.mktemp("piper"), VoiceShape(stochastic=False))


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_a_page_contacts_no_host_before_a_click(
    mirror: Mirror, data_dir: Path, admin_client: Client, started: list[bool]
) -> None:
    assert "No list has been downloaded yet." in page(admin_client, CATALOG)
    assert mirror.requests == []
    assert admin_client.post(CATALOG + "refresh/").status_code == 302
    asked = len(mirror.requests)
    assert ALAN in page(admin_client, CATALOG)
    assert ALAN in page(admin_client, CATALOG + "?language=English&quality=medium")
    assert ALAN not in page(admin_client, CATALOG + "?language=de")
    assert len(mirror.requests) == asked
    details = admin_client.post(CATALOG + "details/", {"name": ALAN}).content.decode()
    assert "CC0-1.0" in details
    assert mirror.paths(f"{FOLDER}/MODEL_CARD") == [("GET", "")]
    assert started == []
    for cached in data_dir.glob("cache/voice-catalogs/*"):
        cached.write_text("damaged")
    asked = len(mirror.requests)
    assert "No list has been downloaded yet." in page(admin_client, CATALOG)
    assert len(mirror.requests) == asked


def test_a_voice_is_installed_from_the_catalog(
    mirror: Mirror, admin_client: Client, started: list[bool], piper: PiperVoice
) -> None:
    mirror.add_piper(alan_files(piper))
    admin_client.post(CATALOG + "refresh/")
    response = admin_client.post(CATALOG + "install/", {"name": ALAN})
    assert response.headers["Location"] == INSTALLATIONS
    assert started == [True]
    running = page(admin_client, INSTALLATIONS)
    # A page that reloads by itself loses the position of screen readers (WCAG 2.2.1).
    assert 'http-equiv="refresh"' not in running
    assert f'href="{INSTALLATIONS}">Refresh</a>' in running
    assert 'data-progress="/admin/synthesis/voice/catalog/installations.json"' in running
    run_queue()
    row = VoiceInstallation.objects.get()
    assert (row.state, row.percent) == (State.DONE, 100), row.message
    assert Voice.objects.get().id == "en_gb-alan-medium"
    assert "Refresh" not in page(admin_client, INSTALLATIONS)
    assert "installed" in page(admin_client, CATALOG)
    admin_client.post(CATALOG + "install/", {"name": ALAN})
    assert "is already installed" in page(admin_client, INSTALLATIONS)
    assert started == [True]


def test_the_page_finds_installs_and_cancels_as_json(
    mirror: Mirror, admin_client: Client, started: list[bool], piper: PiperVoice
) -> None:
    mirror.add_piper(alan_files(piper))
    empty = admin_client.get(CATALOG + "voices.json").json()
    assert (empty["voices"], empty["age"], mirror.requests) == ([], None, [])
    listed = admin_client.post(CATALOG + "refresh.json").json()
    (alan,) = listed["voices"]
    assert (alan["name"], alan["language_name"], alan["installed"]) == (ALAN, "English", False)
    assert listed["age"] == "less than a minute"
    details = admin_client.post(CATALOG + "details.json", {"name": ALAN}).json()
    assert (details["license"], details["size_bytes"] > 0) == ("CC0-1.0", True)
    (row,) = admin_client.post(CATALOG + "install.json", {"name": ALAN}).json()["installations"]
    assert (row["name"], row["active"], started) == (ALAN, True, [True])
    again = admin_client.post(CATALOG + "install.json", {"name": ALAN})
    assert (again.status_code, again.json()["error"]["code"]) == (400, "voice_exists")
    (row,) = admin_client.post(CATALOG + "cancel.json", {"id": row["id"]}).json()["installations"]
    assert row["state"] == State.CANCELLED
    for wrong in ("x", "", "9" * 40):
        assert admin_client.post(CATALOG + "cancel.json", {"id": wrong}).status_code == 200
    admin_client.post(CATALOG + "install.json", {"name": ALAN})
    run_queue()
    assert admin_client.get(CATALOG + "installations.json").json()["installations"][0]["state"] == State.DONE
    assert admin_client.get(CATALOG + "voices.json").json()["voices"][0]["installed"]


def test_failed_requests_of_the_page_name_the_next_step(
    mirror: Mirror, admin_client: Client, started: list[bool], data_dir: Path
) -> None:
    admin_client.post(CATALOG + "refresh.json")
    for action in ("details.json", "install.json"):
        answer = admin_client.post(CATALOG + action, {"name": "http://169.254.169.254/latest"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "voice_unknown")
    admin_client.post(CATALOG + "install.json", {"name": ALAN})
    mirror.files[f"{FOLDER}/{ALAN}.onnx"] = b"other bytes" * 12
    run_queue()
    (row,) = admin_client.get(CATALOG + "installations.json").json()["installations"]
    assert row["state"] == State.FAILED
    assert "Install the voice again." in row["message"]
    mirror.files.clear()
    mirror.files["voices.json"] = b"{}"
    listed = admin_client.post(CATALOG + "refresh.json").json()
    assert "contains no voice." in listed["warnings"][0]
    assert [voice["name"] for voice in listed["voices"]] == [ALAN]
    for cached in data_dir.glob("cache/voice-catalogs/*"):
        cached.unlink()
    answer = admin_client.post(CATALOG + "refresh.json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "catalog_invalid")


def test_names_are_escaped_and_addresses_are_not_accepted(
    mirror: Mirror, admin_client: Client, started: list[bool]
) -> None:
    mirror.files[f"{FOLDER}/MODEL_CARD"] = CARD.replace(b"CC0-1.0", b"<script>alert(1)</script>")
    files = {path: content for path, content in mirror.files.items() if path.startswith(FOLDER)}
    mirror.add_piper(files)
    admin_client.post(CATALOG + "refresh/")
    assert "<script>alert" not in admin_client.post(CATALOG + "details/", {"name": ALAN}).content.decode()
    mirror.requests.clear()
    for name in ("http://169.254.169.254/latest", "../../etc/passwd", "", "<script>alert(1)</script>"):
        for action in ("details/", "install/"):
            response = admin_client.post(CATALOG + action, {"name": name}, follow=True)
            assert "<script>alert" not in response.content.decode()
    assert mirror.requests == []
    assert started == []


def test_only_those_who_may_add_voices_see_the_pages(mirror: Mirror, client: Client, started: list[bool]) -> None:
    for staff, status in ((False, 302), (True, 403)):
        User.objects.filter(username="bob").delete()
        client.force_login(User.objects.create_user("bob", is_staff=staff))
        assert client.get(CATALOG).status_code == status
        assert client.get(INSTALLATIONS).status_code == status
        assert client.get("/admin/synthesis/voice/tone/sample.wav").status_code == status
        assert client.get(CATALOG + "voices.json").status_code == status
        assert client.get(CATALOG + "installations.json").status_code == status
        json = ("refresh.json", "details.json", "install.json", "cancel.json")
        for action in ("refresh/", "details/", "install/", *json):
            assert client.post(CATALOG + action, {"name": ALAN}).status_code == status
        assert client.post(INSTALLATIONS + "1/cancel/").status_code == status
    assert (mirror.requests, started) == ([], [])


def test_forms_need_a_token_and_post(mirror: Mirror, admin_user: User, admin_client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)
    for action in ("install/", "install.json", "refresh.json", "cancel.json"):
        assert strict.post(CATALOG + action, {"name": ALAN}).status_code == 403
    token = strict.get(CATALOG + "installations.json").json()["csrf_token"]
    assert strict.post(CATALOG + "cancel.json", {"id": "1"}, headers={"X-CSRFToken": token}).status_code == 200
    assert admin_client.get(CATALOG + "refresh/").status_code == 405
    assert mirror.requests == []


def test_the_queue_is_bounded(data_dir: Path) -> None:
    for number in range(MAX_ACTIVE):
        request_installation(f"voice-{number}", f"v{number}")
    with pytest.raises(VoiceError) as raised:
        request_installation("voice-x", "x")
    assert raised.value.code == "installations_full"
    VoiceInstallation.objects.filter(name="voice-0").update(state=State.DONE)
    with pytest.raises(VoiceError, match="already being installed"):
        request_installation("voice-1", "v1")
    request_installation("voice-x", "x")


def test_a_failure_is_shown_and_leaves_nothing(mirror: Mirror, admin_client: Client, data_dir: Path) -> None:
    for name in (ALAN, "en_GB-nobody-medium"):
        request_installation(name, name.lower())
    run_queue()
    assert set(VoiceInstallation.objects.values_list("state", flat=True)) == {State.FAILED}
    assert "No catalog has a voice en_GB-nobody-medium" in page(admin_client, INSTALLATIONS)
    assert [path.name for path in data_dir.glob("cache/voice-downloads/*") if path.name != ".lock"] == []
    assert not Voice.objects.exists()


def test_queued_and_running_installations_can_be_cancelled(
    mirror: Mirror, admin_client: Client, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued, running = request_installation("voice-1", "v1"), request_installation(ALAN, "alan")
    admin_client.post(f"{INSTALLATIONS}{queued.id}/cancel/")
    # The administrator cancels as soon as the catalog was read.
    read = read_catalogs

    def read_and_cancel(*arguments: Any) -> Any:
        cancel(running.id)
        return read(*arguments)

    monkeypatch.setattr(installations, "read_catalogs", read_and_cancel)
    run_queue()
    assert [row.state for row in recent()] == [State.CANCELLED, State.CANCELLED]
    assert mirror.paths(f"{FOLDER}/{ALAN}.onnx") == []
    assert not Voice.objects.exists()


def test_an_interrupted_installation_is_recognized(data_dir: Path) -> None:
    row = request_installation(ALAN, "alan")
    VoiceInstallation.objects.update(state=State.RUNNING)
    (data_dir / "cache").mkdir(exist_ok=True)
    with file_lock(data_dir / "cache" / ".voice-installations.lock"):
        assert recent()[0].state == State.RUNNING
    assert recent()[0].state == State.FAILED
    assert "interrupted" in recent()[0].message
    assert request_installation(ALAN, "alan").id != row.id
    # It was queued just now: its process is starting.
    assert recent()[0].state == State.QUEUED


def test_an_administrator_removes_a_voice_with_its_files(data_dir: Path, admin_client: Client) -> None:
    for name, default in (("alice", True), ("bob", False)):
        Voice.objects.create(id=name, name=name, language="en-GB", sample_rate=16000, default=default)
        (data_dir / "voices" / name).mkdir(parents=True)
    url = "/admin/synthesis/voice/alice/delete/"
    with file_lock(data_dir / "voices" / ".lock"):
        admin_client.post(url, {"post": "yes"})
        assert Voice.objects.count() == 2
    assert "A voice is being installed." in page(admin_client, "/admin/synthesis/voice/")
    assert admin_client.post(url, {"post": "yes"}).status_code == 302
    assert Voice.objects.get(default=True).id == "bob"
    assert not (data_dir / "voices" / "alice").exists()


def test_a_language_has_one_default(admin_client: Client) -> None:
    for name in ("alice", "bob"):
        Voice.objects.create(id=name, name=name, language="en-GB", sample_rate=16000)
        fields = {"name": name, "license": "", "source": "", "enabled": "on", "language_default": "on"}
        assert admin_client.post(f"/admin/synthesis/voice/{name}/change/", fields).status_code == 302
    assert [voice.id for voice in Voice.objects.filter(language_default=True)] == ["bob"]


async def test_a_voice_is_heard_and_measured(
    runtime_with_voice: Runtime, settings: Settings, tmp_path: Path, async_client: AsyncClient, admin_user: User
) -> None:
    settings.VOICES_DIR = tmp_path
    await async_client.aforce_login(admin_user)
    await Voice.objects.aupdate(enabled=False, default=False)
    response = await async_client.get("/admin/synthesis/voice/tone/sample.wav")
    assert response.content[:4] == b"RIFF"
    assert len(response.content) > 8000
    action = {"action": "measure", "_selected_action": "tone"}
    assert (await async_client.post("/admin/synthesis/voice/", action)).status_code == 302
    listed = (await async_client.get("/admin/synthesis/voice/")).content.decode()
    assert re.search(r"\d\.\d × real time", listed)
    assert (await Voice.objects.aget()).times_real_time
    assert (await async_client.get("/admin/synthesis/voice/nobody/sample.wav")).status_code == 404
