"""Tests the admin of presets."""

import io
import json
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from tests.themes.formats.test_reading import WINDOWS
from tests.themes.formats.test_tolerance import OTHER, settings_file
from themes import shipped_presets
from themes.admin.forms import COLOR_FIELD_PREFIX, field_values
from themes.color.contrast import contrast, contrast_pairs, failing_pairs
from themes.formats import WRITABLE, read, write
from themes.models import Preset, PresetRevision, Theme, ThemeOwner
from themes.store.queries import document_of
from themes.tokens import TEXT, TOKENS

pytestmark = pytest.mark.django_db

LIST = "/admin/themes/preset/"
ADD = f"{LIST}add/"
OCEAN = f"{LIST}ocean-dark/change/"


SEEDED = ("default-dark", "default-light", "ocean-dark", "paper-dark", "paper-light")


@pytest.fixture(autouse=True)
def presets(settings: Settings) -> None:
    # These tests use no password, and a secure hash takes longer than most of them.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    shipped_presets.seed(one for one in shipped_presets.shipped() if one.id in SEEDED)


def test_every_order_field_is_labelled(admin_client: Client) -> None:
    page = admin_client.get(LIST).content.decode()
    names = re.findall(r'<input type="number" name="form-\d+-order"[^>]* aria-label="Order of ([^"]+)"', page)
    assert len(set(names)) == len(names) == Preset.objects.count()


def test_the_sign_in_page_has_a_heading(client: Client) -> None:
    page = client.get("/admin/login/").content.decode()
    assert re.findall(r"<h1>(.*?)</h1>", page) == ["Log in"]


def preset(name: str = "ocean-dark") -> Preset:
    return Preset.objects.get(pk=name)


def epoch() -> int:
    return PresetRevision.objects.values_list("value", flat=True).get()


def form(preset_id: str = "ocean-dark", /, **changes: object) -> dict[str, object]:
    """Return the form data of a preset with changes; fields with ``None`` are left out."""
    row = preset(preset_id)
    facts = {key: getattr(row, key) for key in ("name", "scheme", "order", "license", "source")}
    ticks = {key: "on" for key in ("published", "default") if getattr(row, key)}
    fields = {**facts, **ticks, **field_values(row.colors, row.typography), **changes}
    return {key: value for key, value in fields.items() if value is not None}


def errors(response: Any) -> Mapping[str, list[str]]:
    assert response.status_code == 200
    found: Mapping[str, list[str]] = response.context["adminform"].form.errors
    return found


def values(response: Any) -> dict[str, object]:
    shown = response.context["adminform"].form
    return {field.name: field.value() for field in shown}


def upload(data: bytes, name: str = "a theme.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def test_the_pages_have_no_inline_script_or_style(admin_client: Client) -> None:
    for address in (LIST, ADD, OCEAN, f"{LIST}ocean-dark/history/"):
        response = admin_client.get(address)
        assert response.status_code == 200
        page = response.content.decode()
        assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", page)
        assert all(
            re.search(r"\ssrc=", tag) or 'type="application/json"' in tag for tag in re.findall(r"<script[^>]*>", page)
        )


def test_the_list_shows_colors_and_contrast(admin_client: Client) -> None:
    faint = preset("paper-light")
    faint.colors["foreground"] = faint.colors["background"]
    faint.save()
    page = admin_client.get(LIST).content.decode()
    assert page.count('class="theme-swatch"') == Preset.objects.count()
    assert f'fill="{preset().colors["accent"]}"' in page
    assert f"all {len(contrast_pairs(preset().colors, TEXT))} pairs pass" in page
    assert f"{len(failing_pairs(faint.colors, TEXT))} pairs with low contrast" in page
    assert "shipped, edited" in page


def test_every_token_has_a_field_with_its_color(admin_client: Client) -> None:
    response = admin_client.get(OCEAN)
    page = response.content.decode()
    for token in TOKENS:
        assert values(response)[COLOR_FIELD_PREFIX + token.name] == preset().colors[token.name]
        assert f'data-variable="{token.variable}"' in page
        assert f'for="id_{COLOR_FIELD_PREFIX}{token.name}"' in page


def test_an_edit_is_saved_and_tabs_are_notified(admin_client: Client) -> None:
    before, revision = epoch(), preset().revision
    changes = {"color_accent": "#ABC", "font": "hack", "size": "18", "line_height": "1.8", "name": "Deep ocean"}
    assert admin_client.post(OCEAN, form(**changes)).status_code == 302
    row = preset()
    assert (row.name, row.colors["accent"]) == ("Deep ocean", "#aabbcc")
    assert row.typography == {"font": "hack", "size": 18, "lineHeight": 1.8}
    assert row.revision == revision + 1
    assert epoch() == before + 1
    assert shipped_presets.is_edited(row)
    assert LogEntry.objects.filter(object_id="ocean-dark").exists()


def test_saving_unchanged_is_no_edit(admin_client: Client) -> None:
    assert admin_client.post(OCEAN, form()).status_code == 302
    assert not shipped_presets.is_edited(preset())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("color_accent", "red;background:url(x)"),
        ("color_brightWhite", ""),
        ("color_dim", "#12345"),
        ("name", "in\u202evisible"),
        ("name", "x" * 61),
        ("scheme", "gray"),
        ("font", "Comic Sans"),
        ("size", "99"),
        ("size", "16.5"),
        ("line_height", "9"),
        ("line_height", "nan"),
        ("order", "-1"),
    ],
)
def test_an_invalid_theme_is_rejected_at_its_field(admin_client: Client, field: str, value: str) -> None:
    before = epoch()
    assert list(errors(admin_client.post(OCEAN, form(**{field: value})))) == [field]
    assert epoch() == before


def test_all_invalid_colors_are_reported_together(admin_client: Client) -> None:
    response = admin_client.post(OCEAN, form(color_accent="blue", color_red="1"))
    assert set(errors(response)) == {"color_accent", "color_red"}


def test_a_preset_is_added(admin_client: Client) -> None:
    before = epoch()
    start = values(admin_client.get(ADD))
    assert start["color_background"] == preset("default-dark").colors["background"]
    fields = form(id="mine", name="Mine", published=None, license="CC0-1.0")
    assert admin_client.post(ADD, fields).status_code == 302
    row = preset("mine")
    assert (row.name, row.published, row.license, row.shipped_digest) == ("Mine", False, "CC0-1.0", "")
    assert row.colors == preset().colors
    assert epoch() == before + 1


def test_a_copy_has_the_colors_of_the_original(admin_client: Client) -> None:
    start = values(admin_client.get(f"{ADD}?copy=paper-light"))
    assert (start["name"], start["scheme"]) == ("Paper copy", "light")
    assert start["color_accent"] == preset("paper-light").colors["accent"]


@pytest.mark.parametrize("name", ["ocean-dark", "7a9d7d38-0d0f-4b39-9f6a-2a8bd50a1c11", "two words"])
def test_an_id_is_unique_and_no_uuid(admin_client: Client, name: str) -> None:
    count = Preset.objects.count()
    assert list(errors(admin_client.post(ADD, form(id=name, default=None)))) == ["id"]
    assert Preset.objects.count() == count


@pytest.mark.parametrize("format_name", WRITABLE)
def test_a_file_fills_the_fields_and_saves_nothing(admin_client: Client, format_name: str) -> None:
    data = write(document_of(preset("paper-light")), format_name).data
    expected = read(data).theme
    before = epoch()
    response = admin_client.post(OCEAN, form(file=upload(data), _import="1", color_accent="no color"))
    assert not errors(response)
    shown = values(response)
    assert {token.name: shown[COLOR_FIELD_PREFIX + token.name] for token in TOKENS} == expected.colors
    assert shown["scheme"] == expected.scheme
    assert shown["name"] == "Ocean"
    assert "Nothing is saved yet." in said(response)
    assert epoch() == before


def test_a_new_preset_is_named_after_its_file(admin_client: Client) -> None:
    data = write(document_of(preset("paper-light")), "windows-terminal").data
    response = admin_client.post(ADD, {"order": "5", "name": "", "id": "", "_import": "1", "file": upload(data)})
    shown = values(response)
    assert (shown["name"], shown["id"], shown["order"]) == ("Paper", "paper-light", "5")


def test_a_scheme_of_a_file_with_several_can_be_selected(admin_client: Client) -> None:
    data = settings_file(WINDOWS, OTHER | {"author": "A"}).encode()
    response = admin_client.post(OCEAN, form(file=upload(data), _import="1"))
    assert not errors(response)
    assert "The file has 2 color schemes." in said(response)
    page = response.content.decode()
    assert re.findall(r'<option value="(Mine|Other)">', page) == ["Mine", "Other"]
    (content,) = re.findall(r'name="_content" value="(.*?)"', page)
    response = admin_client.post(OCEAN, form(_import="1", _content=content, _scheme="Other"))
    assert values(response)["color_background"] == "#102030"
    assert "Keys that were not used: schemes.1.author." in said(response)
    assert preset().revision == 1


def test_a_file_is_read_even_if_save_was_pressed(admin_client: Client) -> None:
    data = write(document_of(preset("paper-light")), "alphanumeric").data
    response = admin_client.post(OCEAN, form(file=upload(data), _save="Save"))
    assert values(response)["color_accent"] == preset("paper-light").colors["accent"]
    assert preset().revision == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe\x00", b"{" * 100, b'{"colors": {"accent": "red;background:url(x)"}}', b" " * 60_000],
)
def test_the_error_of_an_invalid_file_is_shown(admin_client: Client, data: bytes) -> None:
    response = admin_client.post(OCEAN, form(file=upload(data) if data else "", _import="1"))
    assert list(errors(response)) == ["file"]
    assert preset().revision == 1


def test_an_unreadable_file_is_the_only_error_of_an_empty_form(admin_client: Client) -> None:
    response = admin_client.post(ADD, {"order": "5", "name": "", "id": "", "_import": "1", "file": upload(b"")})
    assert errors(response) == {"file": ["The file is empty."]}


def test_export_and_import_are_lossless(admin_client: Client) -> None:
    response = admin_client.get(f"{LIST}ocean-dark/export/alphanumeric/")
    assert response["Content-Disposition"] == 'attachment; filename="ocean-dark.json"'
    assert read(response.content).theme == document_of(preset())


@pytest.mark.parametrize("format_name", WRITABLE)
def test_every_format_is_exported(admin_client: Client, format_name: str) -> None:
    address = f"{LIST}ocean-dark/export/{format_name}/"
    assert address in admin_client.get(OCEAN).content.decode()
    assert read(admin_client.get(address).content).theme.colors["red"] == preset().colors["red"]


@pytest.mark.parametrize("address", ["nothing/export/alphanumeric/", "ocean-dark/export/word/"])
def test_an_unknown_export_is_not_found(admin_client: Client, address: str) -> None:
    assert admin_client.get(LIST + address).status_code == 404


def run_action(client: Client, action: str, *names: str, **more: str) -> Any:
    fields = {"action": action, "_selected_action": list(names), **more}
    return client.post(LIST, fields, follow=action != "export")


def test_presets_are_exported_from_the_list(admin_client: Client) -> None:
    assert read(run_action(admin_client, "export", "ocean-dark").content).theme == document_of(preset())
    archive = zipfile.ZipFile(io.BytesIO(run_action(admin_client, "export", "ocean-dark", "paper-light").content))
    assert archive.namelist() == ["ocean-dark.json", "paper-light.json"]
    assert read(archive.read("paper-light.json")).theme == document_of(preset("paper-light"))


def test_a_new_default_replaces_the_previous_one(admin_client: Client) -> None:
    before = epoch()
    assert admin_client.post(OCEAN, form(default="on")).status_code == 302
    assert {row.pk for row in Preset.objects.filter(default=True)} == {"ocean-dark", "default-light"}
    assert epoch() > before


def test_the_default_must_be_published(admin_client: Client) -> None:
    assert list(errors(admin_client.post(OCEAN, form(default="on", published=None)))) == ["published"]


def test_a_scheme_never_loses_its_default(admin_client: Client) -> None:
    address = f"{LIST}default-dark/change/"
    for change in ({"default": None}, {"scheme": "light"}):
        assert list(errors(admin_client.post(address, form("default-dark", **change)))) == ["default"]
    assert preset("default-dark").default


def test_presets_are_published_and_unpublished(admin_client: Client) -> None:
    before = epoch()
    response = run_action(admin_client, "unpublish", "ocean-dark", "default-dark")
    assert (preset().published, preset("default-dark").published) == (False, True)
    assert "Unpublished: Ocean (dark). The default stays published: Default (dark)." in said(response)
    assert epoch() == before + 1
    run_action(admin_client, "publish", "ocean-dark", "paper-dark")
    assert preset().published
    assert epoch() == before + 2
    logged = LogEntry.objects.filter(object_id="ocean-dark").values_list("change_message", flat=True)
    assert list(logged) == ["Published.", "Unpublished."]


def test_the_order_is_changed_in_the_list(admin_client: Client) -> None:
    before = epoch()
    rows = list(Preset.objects.all())
    fields: dict[str, object] = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": len(rows), "_save": "Save"}
    for index, row in enumerate(rows):
        fields |= {f"form-{index}-id": row.pk, f"form-{index}-order": 1 if row.pk == "ocean-dark" else row.order}
    assert admin_client.post(LIST, fields).status_code == 302
    assert Preset.objects.all()[0].pk == "ocean-dark"
    assert preset().revision == 2
    assert not shipped_presets.is_edited(preset())
    assert epoch() == before + 1


def test_reset_restores_the_shipped_version(admin_client: Client) -> None:
    admin_client.post(OCEAN, form(color_accent="#123456"))
    admin_client.post(ADD, form(id="mine", default=None))
    response = run_action(admin_client, "reset", "ocean-dark", "mine")
    assert not shipped_presets.is_edited(preset())
    assert preset().colors == next(one for one in shipped_presets.shipped() if one.id == "ocean-dark").theme.colors
    assert "Reset to the shipped version: Ocean (dark)." in said(response)
    assert "have no shipped version: Ocean (dark)." in said(response)


def test_only_presets_of_the_operator_are_deleted(admin_client: Client) -> None:
    admin_client.post(ADD, form(id="mine", name="Mine"))
    before = epoch()
    assert "deletelink" not in admin_client.get(OCEAN).content.decode()
    assert admin_client.post(f"{LIST}ocean-dark/delete/", {"post": "yes"}).status_code == 403
    assert "deletelink" in admin_client.get(f"{LIST}mine/change/").content.decode()
    assert admin_client.post(f"{LIST}mine/delete/", {"post": "yes"}).status_code == 302
    assert not Preset.objects.filter(pk="mine").exists()
    assert epoch() == before + 1


def test_a_default_of_the_operator_is_not_deleted(admin_client: Client) -> None:
    admin_client.post(ADD, form(id="mine", default="on"))
    assert preset("mine").default
    assert admin_client.post(f"{LIST}mine/delete/", {"post": "yes"}).status_code == 403


def test_the_delete_action_asks_for_confirmation(admin_client: Client) -> None:
    for name in ("one", "two"):
        admin_client.post(ADD, form(id=name, name=name))
    before = epoch()
    # There is one delete action, and the confirmation page posts to it.
    assert admin_client.get(LIST).content.decode().count("Delete</option>") == 1
    assert "Delete selected" not in admin_client.get(LIST).content.decode()
    asked = run_action(admin_client, "delete_selected", "one", "two", "ocean-dark")
    assert Preset.objects.filter(pk__in=["one", "two"]).count() == 2
    assert "can be unpublished, not deleted: Ocean (dark)." in said(asked)
    run_action(admin_client, "delete_selected", "one", "two", post="yes")
    assert not Preset.objects.filter(pk__in=["one", "two"]).exists()
    assert preset().published
    assert epoch() == before + 2
    refused = run_action(admin_client, "delete_selected", "ocean-dark", post="yes")
    assert "can be unpublished, not deleted: Ocean (dark)." in said(refused)
    assert preset().published


def test_low_contrast_is_fixed(admin_client: Client) -> None:
    faint = {**preset().colors, "foreground": preset().colors["background"]}
    response = admin_client.post(
        f"{LIST}fix/", json.dumps({"colors": faint, "minimum": 7}), content_type="application/json"
    )
    fixed = response.json()["colors"]
    assert contrast(fixed["foreground"], fixed["background"]) >= 7
    assert not failing_pairs(fixed, 7)
    assert preset().revision == 1


@pytest.mark.parametrize("minimum", [4.5, 7])
def test_without_javascript_the_form_is_filled_with_the_fixed_colors(admin_client: Client, minimum: float) -> None:
    faint = form(_fix="1", _minimum=f"{minimum:g}", color_foreground=preset().colors["background"])
    response = admin_client.post(OCEAN, faint)
    assert not errors(response)
    shown = values(response)
    assert not failing_pairs({token.name: str(shown[COLOR_FIELD_PREFIX + token.name]) for token in TOKENS}, minimum)
    assert "Nothing is saved yet." in said(response)
    assert "edited here" not in response.content.decode()
    assert preset().revision == 1


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"colors": 1}', '{"colors": {"accent": "red"}}', '{"colors": {}}', "[" * 50_000]
)
def test_an_invalid_theme_is_not_fixed(admin_client: Client, body: str) -> None:
    response = admin_client.post(f"{LIST}fix/", body, content_type="application/json")
    assert response.status_code == 400
    assert response.json()["error"]


def test_fix_and_export_require_permissions(client: Client) -> None:
    for address in (f"{LIST}fix/", f"{LIST}ocean-dark/export/alphanumeric/"):
        assert client.get(address).status_code == 302
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    for address in (f"{LIST}fix/", f"{LIST}ocean-dark/export/alphanumeric/"):
        assert client.get(address).status_code == 403
    wish = {"colors": dict(preset().colors)}
    assert client.post(f"{LIST}fix/", wish, content_type="application/json").status_code == 403


def test_the_view_permission_shows_no_fields(client: Client) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_preset"))
    client.force_login(clerk)
    page = client.get(OCEAN).content.decode()
    assert "theme-swatch" in page
    assert '<input type="color"' not in page
    assert client.post(OCEAN, form()).status_code == 403
    assert client.get(LIST).status_code == 200


def test_themes_of_users_are_not_in_the_admin(admin_client: Client) -> None:
    owner = ThemeOwner.objects.create()
    Theme.objects.create(owner=owner, **document_of(preset()).to_dict() | {"name": "Diary"})
    assert "owner" not in admin_client.get("/admin/themes/").content.decode().lower()
    for address in ("owner", "theme"):
        assert admin_client.get(f"/admin/themes/{address}/").status_code == 404
