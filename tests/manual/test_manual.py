"""The manual's pages, their links, and the search."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from django.urls import resolve

from manual.chapters import CHAPTERS, FOLDER, chapters, read_chapter, search

pytestmark = pytest.mark.django_db


class Page(HTMLParser):
    """The links, ids and headings of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.levels: list[int] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fields = dict(attrs)
        self.links += [fields["href"] or ""] if tag == "a" and "href" in fields else []
        self.ids += [fields["id"] or ""] if "id" in fields else []
        self.levels += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []


def page(client: Client, path: str) -> Page:
    response = client.get(path)
    assert response.status_code == 200
    return Page(response.content.decode())


def test_every_file_is_a_chapter() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(CHAPTERS)


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_links_of_a_chapter_lead_somewhere(client: Client, name: str) -> None:
    for link in page(client, f"/help/{name}/").links:
        path, _, anchor = link.partition("#")
        if path.startswith("/help/") and path != "/help/":
            assert not anchor or anchor in page(client, path).ids, link
        elif path.startswith("/"):
            resolve(path.partition("?")[0])
        else:
            assert path == "" or path.startswith("https://"), link


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_headings_of_a_chapter_skip_no_level_and_have_unique_ids(client: Client, name: str) -> None:
    shown = page(client, f"/help/{name}/")
    assert shown.levels[:2] == [1, 2]
    assert all(after <= before + 1 for before, after in zip(shown.levels, shown.levels[1:], strict=False))
    assert len(shown.ids) == len(set(shown.ids))


def test_the_contents_list_all_chapters_in_order(client: Client) -> None:
    links = [link for link in page(client, "/help/").links if re.fullmatch("/help/[a-z-]+/", link)]
    assert links == [*(f"/help/{name}/" for name in CHAPTERS), "/help/api/"]


def test_chapters_lead_to_their_neighbors(client: Client) -> None:
    assert f"/help/{CHAPTERS[1]}/" in page(client, f"/help/{CHAPTERS[0]}/").links
    assert f"/help/{CHAPTERS[-2]}/" in page(client, f"/help/{CHAPTERS[-1]}/").links


@pytest.mark.parametrize("path", ["/help/missing/", "/help/..%2fthemes/", "/help/First-Steps/"])
def test_an_unknown_chapter_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_search_finds_sections_with_all_words_and_titles_first() -> None:
    assert search("forgot password")[0].section.anchor == "i-forgot-my-password"
    hits = search("THEME unreadable")
    assert (hits[0].chapter.name, hits[0].section.anchor) == ("themes", "my-theme-is-unreadable")
    assert search("") == search("xylophone") == []
    # The page's own example: every section is found by its title.
    for chapter in chapters():
        for section in chapter.sections:
            assert section.anchor in [hit.section.anchor for hit in search(section.title)]


def test_results_link_to_the_section(client: Client) -> None:
    assert "/help/account/#i-forgot-my-password" in page(client, "/help/?q=forgot+password").links


def test_a_query_is_text(client: Client) -> None:
    answer = client.get("/help/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in answer
    assert "0 results for “&lt;script&gt;alert(1)&lt;/script&gt;”" in answer
    assert client.get("/help/", {"q": "word " * 1000}).status_code == 200


def test_markup_in_a_chapter_is_escaped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "voices.md").write_text("# Voices\n\n<script>1</script> [a](javascript:1)\n\n<img src=x onerror=1>\n")
    monkeypatch.setattr("manual.chapters.FOLDER", tmp_path)
    html = read_chapter.__wrapped__("voices").html
    assert "<script" not in html
    assert "<img" not in html
    assert "href" not in html


def test_pages_need_no_script_and_link_to_the_manual(client: Client) -> None:
    answer = client.get("/themes/").content.decode()
    assert '<a href="/help/">help</a>' in answer
    assert "<script" not in client.get("/help/").content.decode()


def test_the_manual_has_all_keys_and_commands_of_the_page() -> None:
    scripts = FOLDER.parents[1] / "static" / "js"
    keys = re.findall(r"^  \[\[.*\], \"(.+)\"\],$", (scripts / "ui/help-dialog.js").read_text("utf-8"), re.MULTILINE)
    commands = re.findall(r"name: \"(\w+)\", takes", (scripts / "commands/slash-commands.js").read_text("utf-8"))
    assert len(keys) > 8
    assert len(commands) > 8
    rows = (FOLDER / "keyboard.md").read_text("utf-8").count("\n| ") - 2
    assert rows == len(keys)
    missing = [name for name in commands if f"`/{name}" not in (FOLDER / "first-steps.md").read_text("utf-8")]
    assert missing == []
