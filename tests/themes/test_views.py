"""Tests the theme pages without JavaScript."""

import json
import re
import uuid
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.themes.formats.test_reading import WINDOWS
from tests.themes.formats.test_tolerance import OTHER, settings_file
from tests.themes.users import plain, publish
from themes import shipped_presets
from themes.appearance import Appearance
from themes.formats import FORMATS, WRITABLE, read, write
from themes.models import Theme, ThemeOwner
from themes.owners import identity
from themes.owners.identity import Identity
from themes.schema import MAX_THEME_BYTES, ThemeData, parse_theme
from themes.store import queries, services
from themes.tokens import FONTS, TOKENS

pytestmark = pytest.mark.django_db
MANUAL = (Path(__file__).parents[2] / "docs/themes.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _presets(db: None) -> None:
    publish("ocean-dark", plain("Ocean", accent="#67e8f9"))
    publish("paper-light", parse_theme({**plain("Paper", background="#fffff0").to_dict(), "scheme": "light"}))


@pytest.fixture
def alice() -> Client:
    """Return alice's browser."""
    return visitor()


@pytest.fixture
def bob() -> Client:
    """Return bob's browser."""
    return visitor()


def visitor(**options: bool) -> Client:
    client = Client(**options)  # type: ignore[arg-type]
    client.get("/themes/")
    return client


def identity_of(client: Client) -> Identity:
    return identity.from_cookies({identity.COOKIE: client.cookies[identity.COOKIE].value}, None)


def shown(client: Client) -> Appearance:
    return queries.appearance(identity_of(client))


def make(client: Client, name: str = "Tide", source: str = "ocean-dark", **fields: str) -> str:
    answer = client.post("/themes/new", {"source": source, "name": name, **fields})
    assert answer.status_code == 302
    return str(answer["Location"])


def kept(address: str) -> Theme:
    return Theme.objects.get(pk=address.split("/")[2])


def filled(client: Client, address: str, **changes: str) -> dict[str, str]:
    """Return the page's form data with changes."""
    page = client.get(address).text
    theme = kept(address)
    revision = re.search(r'name="revision" value="(\d+)"', page)
    was = re.search(r'name="original_colors" value="([^"]+)"', page)
    assert revision
    assert was
    colors = {token.name: theme.colors[token.name] for token in TOKENS}
    return {
        "revision": revision[1],
        "original_colors": was[1],
        "name": theme.name,
        "scheme": theme.scheme,
        "font": theme.typography["font"],
        "size": str(theme.typography["size"]),
        "line_height": str(theme.typography["lineHeight"]),
        **colors,
        **{f"{name}-picker": color for name, color in colors.items()},
        **changes,
    }


def with_file(data: bytes, name: str = "theme.json", **fields: str) -> dict[str, object]:
    return {"file": SimpleUploadedFile(name, data), **fields}


def example() -> str:
    return MANUAL.split("```json\n")[1].split("\n```")[0]


def own_json(theme: ThemeData | None = None) -> bytes:
    return write(theme or plain("Brought"), "alphanumeric").data


class TestSelection:
    """Selects themes with the first form."""

    def test_the_page_works_without_script_and_style(self, alice: Client) -> None:
        make(alice)
        page = alice.get("/themes/").text
        assert "<script" not in page
        assert " style=" not in page
        assert 'value="ocean-dark"' in page
        assert '"#67e8f9"' in page

    def test_a_selection_is_saved(self, alice: Client) -> None:
        fields = {"mode": "dark", "dark": "ocean-dark", "light": "paper-light", "minimum_contrast": "7"}
        answer = alice.post("/themes/", fields, follow=True)
        assert "Your selection was saved." in answer.text
        now = shown(alice)
        assert (now.mode, now.dark.id, now.light.id, now.minimum_contrast) == ("dark", "ocean-dark", "paper-light", 7)
        assert '<meta name="color-scheme" content="dark">' in answer.text

    def test_other_users_are_not_affected(self, alice: Client, bob: Client) -> None:
        alice.post("/themes/", {"mode": "dark", "dark": "ocean-dark", "minimum_contrast": "4.5"})
        assert shown(bob).dark.id == "default-dark"

    def test_a_device_only_selection_does_not_change_other_devices(self, alice: Client) -> None:
        fields = {"mode": "light", "minimum_contrast": "4.5"}
        alice.post("/themes/", {**fields, "here": "on"})
        assert shown(alice).here
        state = queries.snapshot(identity_of(alice))
        assert state.general[0] == "system"
        assert state.on(uuid.uuid4()).mode == "system"

    def test_ending_a_device_selection_restores_the_general_one(self, alice: Client) -> None:
        fields = {"mode": "light", "minimum_contrast": "4.5"}
        alice.post("/themes/", {**fields, "here": "on"})
        alice.post("/themes/", fields)
        assert (shown(alice).here, shown(alice).mode) == (False, "system")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("mode", "sideways"),
            ("mode", ""),
            ("dark", "nothing-like-it"),
            ("dark", "paper-light"),
            ("light", "8f4a11ce-77b6-4a2b-9f0e-3b1d64f0a5d2"),
            ("minimum_contrast", "21"),
            ("minimum_contrast", "nan"),
        ],
    )
    def test_an_invalid_selection_is_reported_at_its_field(self, alice: Client, field: str, value: str) -> None:
        answer = alice.post("/themes/", {"mode": "dark", "dark": "", "minimum_contrast": "7", field: value})
        assert answer.status_code == 400
        assert f'id="choose-{field}_error"' in answer.text
        assert not ThemeOwner.objects.exists()

    def test_a_browser_without_cookies_gets_an_explanation(self) -> None:
        answer = Client().post("/themes/", {"mode": "dark", "minimum_contrast": "7"})
        assert answer.status_code == 403
        assert "Your browser sent no cookie" in answer.text
        assert not ThemeOwner.objects.exists()


class TestCreation:
    """Creates themes by copy and import, and exports them."""

    def test_a_copy_belongs_to_the_user(self, alice: Client) -> None:
        theme = kept(make(alice, "Tide"))
        assert (theme.name, theme.origin_preset, theme.colors["accent"]) == ("Tide", "ocean-dark", "#67e8f9")
        assert shown(alice).dark.id == "default-dark"

    def test_a_copy_can_be_selected_immediately(self, alice: Client) -> None:
        address = make(alice, "Tide", show="on")
        assert shown(alice).dark.id == str(kept(address).pk)
        assert 'class="swatch"' in alice.get("/themes/").text

    @pytest.mark.parametrize(
        ("fields", "place", "said"),
        [
            ({"source": "nothing"}, "new-source_error", "There is no such theme."),
            ({"name": "x" * 61}, "new-name_error", "1 to 60"),
            ({"name": "\u202eevil"}, "new-name_error", "1 to 60"),
        ],
    )
    def test_invalid_copies_are_rejected(self, alice: Client, fields: dict[str, str], place: str, said: str) -> None:
        answer = alice.post("/themes/new", {"source": "ocean-dark", "name": "", **fields})
        assert answer.status_code == 400
        assert said in answer.text.split(f'id="{place}">')[1].split("</p>")[0]
        assert not Theme.objects.exists()

    def test_bobs_theme_cannot_be_copied(self, alice: Client, bob: Client) -> None:
        bobs = kept(make(bob, "Bobs"))
        assert alice.post("/themes/new", {"source": str(bobs.pk)}).status_code == 400
        assert Theme.objects.count() == 1

    @pytest.mark.parametrize("name", WRITABLE)
    def test_an_exported_file_can_be_imported(self, alice: Client, name: str) -> None:
        answer = alice.get(f"/themes/ocean-dark/export?format={name}")
        assert answer.status_code == 200
        assert 'filename="ocean.' in answer["Content-Disposition"]
        brought = alice.post("/themes/import", with_file(answer.content, "Ocean of old.x", show="on"), follow=True)
        assert "The theme was imported." in brought.text
        theme = Theme.objects.get()
        assert theme.colors["background"] == plain().colors["background"]
        assert shown(alice).dark.id == str(theme.pk)

    def test_an_import_without_a_name_is_named_after_the_file(self, alice: Client) -> None:
        data = alice.get("/themes/ocean-dark/export?format=iterm2").content
        alice.post("/themes/import", with_file(data, "Deep sea.itermcolors"))
        assert Theme.objects.get().name == "Deep sea"

    def test_a_scheme_can_be_selected(self, alice: Client) -> None:
        data = settings_file(WINDOWS, OTHER).encode()
        answer = alice.post("/themes/import", with_file(data, "settings.json", show="on"))
        assert answer.status_code == 200
        assert "The file has 2 color schemes." in answer.text
        assert re.findall(r'name="scheme" value="(.*?)"( checked)?>', answer.text) == [
            ("Mine", " checked"),
            ("Other", ""),
        ]
        assert not Theme.objects.exists()
        fields = dict(re.findall(r'name="(content|file_name)" value="(.*?)"', answer.text))
        answer = alice.post("/themes/import", {**fields, "scheme": "Other", "show": "on"}, follow=True)
        assert "The theme was imported." in answer.text
        assert (Theme.objects.get().name, Theme.objects.get().colors["background"]) == ("Other", "#102030")

    def test_the_largest_file_can_be_chosen_from(self, alice: Client) -> None:
        data = settings_file(WINDOWS, OTHER).encode()
        data += b" " * (MAX_THEME_BYTES - len(data))
        answer = alice.post("/themes/import", with_file(data))
        fields = dict(re.findall(r'name="(content|file_name)" value="(.*?)"', answer.text))
        assert alice.post("/themes/import", {**fields, "scheme": "Mine"}).status_code == 302

    @pytest.mark.parametrize("content", ["!", "e30", "é", "A" * 70_000, "A" * 90_000])
    def test_an_invalid_kept_file_is_an_error_of_the_form(self, alice: Client, content: str) -> None:
        answer = alice.post("/themes/import", {"content": content, "scheme": "x"})
        assert answer.status_code in (400, 413)
        assert 'id="import-file_error"' in answer.text

    def test_an_unknown_scheme_is_asked_for_again(self, alice: Client) -> None:
        data = settings_file(WINDOWS, OTHER).encode()
        answer = alice.post("/themes/import", with_file(data, scheme="Third"))
        assert "The file has 2 color schemes." in answer.text
        assert not Theme.objects.exists()

    def test_ignored_keys_are_listed_in_the_message(self, alice: Client) -> None:
        data = json.dumps({**WINDOWS, "author": "A", "name": "x" * 61}).encode()
        answer = alice.post("/themes/import", with_file(data), follow=True)
        assert "The name was shortened to 60 characters. Keys that were not used: author." in answer.text

    def test_a_typed_name_replaces_an_invalid_one(self, alice: Client) -> None:
        data = own_json().replace(b'"Brought"', b'"' + b"x" * 61 + b'"')
        assert alice.post("/themes/import", with_file(data, name="theme.json")).status_code == 400
        alice.post("/themes/import", with_file(data, name="theme.json") | {"name": "Mine"})
        assert Theme.objects.get().name == "Mine"

    def test_a_given_name_takes_precedence(self, alice: Client) -> None:
        alice.post("/themes/import", with_file(own_json(), name="theme.json") | {"name": "Mine"})
        assert Theme.objects.get().name == "Mine"

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "empty"),
            (b"\x89PNG\r\n", "not UTF-8 text"),
            (b"{\n\n nonsense}", "line 3"),
            (own_json().replace(b'"#0f172a"', b'"red;background:url(x)"', 1), "Line 7: "),
            (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><plist>&a;</plist>', "Line 1"),
            (b" " * (51 * 1024), "50 KB"),
            (b" " * (200 * 1024), "50 KB"),
        ],
    )
    def test_an_invalid_file_stores_nothing(self, alice: Client, data: bytes, said: str) -> None:
        answer = alice.post("/themes/import", with_file(data, name="theme.json") | {"name": "Kept name"})
        assert answer.status_code in (400, 413)
        assert said.lower() in answer.text.split('id="import-file_error">')[1].split("</p>")[0].lower()
        assert not Theme.objects.exists()

    def test_a_file_that_is_too_large_is_not_read(self, alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def never(*_: object) -> None:
            raise AssertionError("it was read")

        monkeypatch.setattr("django.http.request.HttpRequest.parse_file_upload", never)
        assert alice.post("/themes/import", with_file(b" " * (200 * 1024))).status_code == 413

    def test_the_typed_name_stays_after_a_file_error(self, alice: Client) -> None:
        answer = alice.post("/themes/import", with_file(b"x: [", name="theme.yaml") | {"name": "Kept name"})
        assert 'value="Kept name"' in answer.text

    def test_a_missing_file_is_reported(self, alice: Client) -> None:
        assert "Choose a file first." in alice.post("/themes/import", {"name": ""}).text

    def test_an_own_theme_is_exported_completely(self, alice: Client) -> None:
        theme = kept(make(alice))
        data = json.loads(alice.get(f"/themes/{theme.pk}/export").content)
        assert (data["format"], data["name"], data["colors"]) == ("alphanumeric-theme", "Tide", theme.colors)

    def test_the_export_form_redirects_to_the_file(self, alice: Client) -> None:
        answer = alice.get("/themes/export?theme=ocean-dark&format=base16")
        assert answer["Location"] == "/themes/ocean-dark/export?format=base16"

    @pytest.mark.parametrize("query", ["theme=../x", "theme=", "", "theme=nothing", "theme=//evil.example"])
    def test_an_unknown_theme_cannot_be_exported(self, alice: Client, query: str) -> None:
        assert alice.get(f"/themes/export?{query}", follow=True).status_code == 404

    def test_an_unknown_format_is_reported(self, alice: Client) -> None:
        answer = alice.get("/themes/ocean-dark/export?format=tattoo")
        assert answer.status_code == 400
        assert "windows-terminal" in answer.text

    def test_the_theme_limit_is_reported(self, alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(services, "MAX_THEMES_PER_OWNER", 1)
        make(alice)
        for path, fields in (("new", {"source": "ocean-dark"}), ("import", with_file(own_json()))):
            answer = alice.post(f"/themes/{path}", fields)
            assert answer.status_code == 400
            assert "You have reached the limit of 1 themes. Delete a theme" in answer.text
        assert Theme.objects.count() == 1

    @pytest.mark.parametrize("way", ["new", "import", "copy"])
    def test_theme_creation_is_rate_limited(
        self, alice: Client, bob: Client, monkeypatch: pytest.MonkeyPatch, way: str
    ) -> None:
        monkeypatch.setattr("themes.store.creation_limit.THEME_CREATIONS_PER_MINUTE", 1)
        address = make(alice)
        # A new cookie does not help: the address is the same.
        other = alice if way == "copy" else bob
        path, fields = {
            "new": ("/themes/new", {"source": "ocean-dark"}),
            "import": ("/themes/import", with_file(own_json())),
            "copy": (address, filled(alice, address, action="copy")),
        }[way]
        answer = other.post(path, fields)
        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= 60
        assert "The limit is 1 new themes per minute." in answer.text
        assert Theme.objects.count() == 1


class TestEditing:
    """Edits an own theme."""

    def test_a_typed_color_is_saved(self, alice: Client) -> None:
        address = make(alice)
        answer = alice.post(address, filled(alice, address, accent="#ABC"), follow=True)
        assert "The theme was saved." in answer.text
        assert kept(address).colors["accent"] == "#aabbcc"

    def test_a_picked_color_is_saved(self, alice: Client) -> None:
        address = make(alice)
        alice.post(address, filled(alice, address, **{"accent-picker": "#123456"}))
        assert kept(address).colors["accent"] == "#123456"

    def test_the_typed_color_takes_precedence(self, alice: Client) -> None:
        address = make(alice)
        alice.post(address, filled(alice, address, accent="#654321", **{"accent-picker": "#123456"}))
        assert kept(address).colors["accent"] == "#654321"

    def test_name_scheme_and_typography_are_saved(self, alice: Client) -> None:
        address = make(alice)
        changes = {"name": "Neap", "scheme": "light", "font": "serif", "size": "20", "line_height": "1.8"}
        alice.post(address, filled(alice, address, **changes))
        theme = kept(address)
        assert (theme.name, theme.scheme) == ("Neap", "light")
        assert theme.typography == {"font": "serif", "size": 20, "lineHeight": 1.8}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("accent", "red"),
            ("accent", ""),
            ("accent", "#12345"),
            ("name", ""),
            ("name", "a\u0007b"),
            ("scheme", "dusk"),
            ("font", "Comic Sans"),
            ("size", "11"),
            ("size", "16.5"),
            ("line_height", "nan"),
        ],
    )
    def test_an_error_is_shown_at_its_field_and_the_input_stays(self, alice: Client, field: str, value: str) -> None:
        address = make(alice)
        before = kept(address)
        answer = alice.post(address, filled(alice, address, **{"dim": "#bbbbbb", field: value}))
        assert answer.status_code == 400
        assert f'id="theme-{field}_error"' in answer.text
        assert 'value="#bbbbbb"' in answer.text
        assert kept(address).revision == before.revision
        assert kept(address).colors == before.colors

    def test_a_stale_form_changes_nothing_and_shows_both(self, alice: Client) -> None:
        address = make(alice)
        stale = filled(alice, address, accent="#111111", name="Mine")
        alice.post(address, filled(alice, address, accent="#222222"))
        answer = alice.post(address, stale)
        assert answer.status_code == 409
        assert "changed elsewhere" in answer.text
        assert 'value="#111111"' in answer.text
        assert "stored: #222222" in answer.text
        assert "Name, stored value: Tide" in answer.text
        assert kept(address).colors["accent"] == "#222222"
        again = {**stale, "revision": str(kept(address).revision)}
        assert alice.post(address, again).status_code == 302
        assert kept(address).colors["accent"] == "#111111"

    def test_low_contrast_is_reported_and_fixed_only_when_saved(self, alice: Client) -> None:
        address = make(alice)
        alice.post(address, filled(alice, address, dim="#101828"))
        page = alice.get(address).text
        assert re.search(r"quiet text</a>\s+on background: 1\.\d\d to 1, minimum 4.5", page)
        answer = alice.post(address, filled(alice, address, action="fix"))
        assert "These changes are not saved yet." in answer.text
        assert "All color pairs pass." in answer.text
        assert kept(address).colors["dim"] == "#101828"
        fixed = re.search(r'name="dim" value="(#\w{6})"', answer.text)
        assert fixed
        alice.post(address, filled(alice, address, dim=fixed[1]))
        assert "All color pairs pass." in alice.get(address).text

    def test_a_color_can_be_picked_after_a_fix(self, alice: Client) -> None:
        address = make(alice)
        answer = alice.post(address, filled(alice, address, dim="#101828", action="fix"))
        fixed, was = (re.search(f'name="{name}" value="([^"]+)"', answer.text) for name in ("dim", "original_colors"))
        assert fixed
        assert was
        changes = {"original_colors": was[1], "dim": fixed[1], "dim-picker": "#cccccc"}
        alice.post(address, filled(alice, address, **changes))
        assert kept(address).colors["dim"] == "#cccccc"

    def test_a_reset_shows_the_origin_and_keeps_the_name(self, alice: Client) -> None:
        address = make(alice)
        alice.post(address, filled(alice, address, accent="#222222"))
        answer = alice.post(address, filled(alice, address, action="reset"))
        assert 'name="accent" value="#67e8f9"' in answer.text
        assert 'name="name" value="Tide"' in answer.text
        assert kept(address).colors["accent"] == "#222222"

    def test_a_copy_has_the_typed_values_and_the_original_stays(self, alice: Client) -> None:
        address = make(alice)
        answer = alice.post(address, filled(alice, address, accent="#222222", action="copy"))
        copy = kept(answer["Location"])
        assert (copy.name, copy.colors["accent"], copy.origin_preset) == ("Tide 2", "#222222", "ocean-dark")
        assert kept(address).colors["accent"] == "#67e8f9"

    def test_a_saved_theme_is_shown(self, alice: Client) -> None:
        address = make(alice)
        alice.post(address, filled(alice, address, accent="#222222", action="show"))
        assert shown(alice).dark.theme.colors["accent"] == "#222222"
        assert "This is your dark theme." in alice.get(address).text

    def test_deleting_can_be_undone(self, alice: Client) -> None:
        address = make(alice, show="on")
        answer = alice.post(f"{address}delete", follow=True)
        assert "Tide was deleted." in answer.text
        undo = re.search(r'action="(/themes/[^"]+/restore)"', answer.text)
        assert undo
        assert alice.get(address).status_code == 404
        assert "The theme was restored." in alice.post(undo[1], follow=True).text
        assert shown(alice).dark.id == str(kept(address).pk)

    def test_names_are_escaped(self, alice: Client) -> None:
        address = make(alice, "<img src=x onerror=alert(1)>")
        for path in (address, f"{address}json", "/themes/"):
            assert "<img" not in alice.get(path).text
        assert "<img" not in alice.post(f"{address}delete", follow=True).text


class TestJsonText:
    """Edits a theme as JSON."""

    def test_the_json_is_shown_and_saved(self, alice: Client) -> None:
        address = make(alice)
        text = own_json(plain("By hand", accent="#222222")).decode().replace("\n", "\r\n")
        answer = alice.post(f"{address}json", {"revision": kept(address).revision, "text": text}, follow=True)
        assert "The theme was saved." in answer.text
        assert (kept(address).name, kept(address).colors["accent"]) == ("By hand", "#222222")

    def test_an_error_is_shown_at_its_line_and_the_text_stays(self, alice: Client) -> None:
        address = make(alice)
        text = own_json(plain("By hand")).decode().replace('"size": 16', '"size": 160')
        line = text[: text.index('"size"')].count("\n") + 1
        answer = alice.post(f"{address}json", {"revision": 1, "text": text.replace("\n", "\r\n")})
        assert answer.status_code == 400
        assert f"Line {line}: The size must be a number from 12 to 32." in answer.text
        assert re.search(
            r'<li class="error-line"><span class="visually-hidden">here: </span><code>\s*&quot;size&quot;: 160',
            answer.text,
        )
        assert "&quot;By hand&quot;" in answer.text
        assert kept(address).name == "Tide"

    @pytest.mark.parametrize("text", ["", "{", "[" * 20_000, "\u2028", '{"a": 1e999}'])
    def test_an_invalid_theme_changes_nothing(self, alice: Client, text: str) -> None:
        address = make(alice)
        answer = alice.post(f"{address}json", {"revision": 1, "text": text})
        assert answer.status_code == 400
        assert 'id="json-text_error"' in answer.text
        assert kept(address).revision == 1

    def test_a_stale_text_changes_nothing_and_shows_both(self, alice: Client) -> None:
        address = make(alice)
        alice.post(address, filled(alice, address, name="Newer"))
        answer = alice.post(f"{address}json", {"revision": 1, "text": own_json().decode()})
        assert answer.status_code == 409
        assert "Stored theme" in answer.text
        assert "&quot;Newer&quot;" in answer.text
        assert "&quot;Brought&quot;" in answer.text
        assert 'name="revision" value="2"' in answer.text
        assert kept(address).name == "Newer"


def test_the_plain_page_ignores_an_unreadable_theme() -> None:
    assert "/theme.css" in visitor().get("/themes/").text
    assert "/theme.css" not in visitor().get("/themes/?plain").text


class TestManual:
    """Compares docs/themes.md with the code."""

    def test_the_example_of_the_manual_is_a_valid_theme(self) -> None:
        read_back = read(example().encode())
        assert read_back.format == "alphanumeric"
        assert write(read_back.theme, "alphanumeric").data.decode().strip() == example()

    def test_the_manual_lists_all_formats_fonts_and_limits(self) -> None:
        told = set(re.findall(r"`([\w-]+)`", MANUAL))
        assert set(FORMATS) | set(FONTS) <= told
        assert f"{services.MAX_THEMES_PER_OWNER} themes" in MANUAL
        assert f"until {services.VISITOR_RETENTION.days} days" in MANUAL
        assert f"{identity.COOKIE_AGE // 86400} days" in MANUAL
        assert f"{MAX_THEME_BYTES // 1024} KB" in MANUAL


class TestOtherUsers:
    """Requests themes of other users, and sends cross-site forms."""

    @pytest.mark.parametrize("path", ["", "json", "delete", "restore"])
    def test_bobs_theme_is_not_found_for_alice(self, alice: Client, bob: Client, path: str) -> None:
        address = make(bob, "Bobs")
        make(alice, "Hers")
        before = kept(address)
        wish = filled(bob, address, name="Taken over") | {"text": own_json().decode()}
        assert alice.get(f"{address}{path}").status_code in (404, 405)
        assert alice.post(f"{address}{path}", wish).status_code == 404
        after = kept(address)
        assert (after.name, after.revision, after.deleted_at) == ("Bobs", before.revision, None)

    def test_bobs_theme_cannot_be_exported_or_selected(self, alice: Client, bob: Client) -> None:
        address = make(bob, "Bobs")
        assert alice.get(f"{address}export").status_code == 404
        fields = {"mode": "dark", "dark": str(kept(address).pk), "minimum_contrast": "7"}
        assert alice.post("/themes/", fields).status_code == 400

    @pytest.mark.parametrize("path", ["", "json"])
    def test_a_preset_is_not_edited(self, alice: Client, path: str) -> None:
        assert alice.get(f"/themes/ocean-dark/{path}").status_code == 404

    @pytest.mark.parametrize("path", ["/themes/", "/themes/new", "/themes/import"])
    def test_cross_site_forms_are_rejected(self, path: str) -> None:
        client = visitor(enforce_csrf_checks=True)
        fields = {"mode": "dark", "minimum_contrast": "7", "source": "ocean-dark", "name": ""}
        answer = client.post(path, {**fields, **with_file(own_json())})
        assert answer.status_code == 403
        assert not ThemeOwner.objects.exists()

    def test_cross_site_forms_cannot_change_a_theme(self) -> None:
        client = visitor(enforce_csrf_checks=True)
        token = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
        address = client.post("/themes/new", {"source": "ocean-dark", "name": "Tide", **token})["Location"]
        wish = filled(client, address, name="Taken over") | {"text": own_json().decode()}
        for path in ("", "json", "delete", "restore"):
            assert client.post(f"{address}{path}", wish).status_code == 403
        assert (kept(address).name, kept(address).revision, kept(address).deleted_at) == ("Tide", 1, None)

    def test_same_site_forms_pass(self) -> None:
        client = visitor(enforce_csrf_checks=True)
        token = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
        assert client.post("/themes/import", {**with_file(own_json()), **token}).status_code == 302

    def test_a_browser_without_cookies_gets_the_reason(self) -> None:
        answer = Client(enforce_csrf_checks=True).post("/themes/", {"mode": "dark"})
        assert answer.status_code == 403
        assert "Your browser sent no cookie" in answer.text


def test_the_list_is_a_small_document(client: Client) -> None:
    shipped_presets.seed(shipped_presets.shipped())
    # It has a CSRF token, whose length compression could reveal, so it is sent uncompressed.
    assert len(client.get("/themes/").content) < 26_000
