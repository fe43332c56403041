"""Reads the chapters of docs/manual: Markdown to HTML, and the search over their text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER: Final[Path] = settings.BASE_DIR / "docs" / "manual"
CHAPTERS: Final = (
    "first-steps",
    "listening",
    "long-texts",
    "documents",
    "voices",
    "themes",
    "account",
    "keyboard",
    "accessibility",
    "offline",
    "feedback",
    "programs",
    "privacy",
    "troubleshooting",
)
"""File names without ``.md``, in reading order."""
EXCERPT_CHARACTERS = 160

_CHAPTER_LINK = re.compile(r"(?P<chapter>[a-z-]+)\.md(?P<anchor>#.*)?")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the text below it."""

    anchor: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter as HTML, and its sections as plain text; the first section is the chapter's own heading."""

    name: str
    title: str
    html: SafeString
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A section that contains all words of a query."""

    chapter: Chapter
    section: Section
    excerpt: str


@cache
def read_chapter(name: str) -> Chapter:
    """Return a chapter. Raises ``KeyError`` if the manual has no such chapter."""
    if name not in CHAPTERS:
        raise KeyError(name)
    # Without HTML in the source: the manual is plain Markdown.
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse((FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    sections = _sections(tokens)
    _link(tokens)
    html = mark_safe(parser.renderer.render(tokens, parser.options, {}))  # noqa: S308 - our own files, without HTML
    return Chapter(name, sections[0].title, html, sections)


def chapters() -> list[Chapter]:
    """Return all chapters in reading order."""
    return [read_chapter(name) for name in CHAPTERS]


def search(query: str) -> list[Hit]:
    """Return the sections that contain all words of ``query``, those with a word in the title first."""
    words = query.casefold().split()
    if not words:
        return []
    hits = [
        Hit(chapter, section, _excerpt(section.text, words[0]))
        for chapter in chapters()
        for section in chapter.sections
        if all(word in f"{section.title} {section.text}".casefold() for word in words)
    ]
    return sorted(hits, key=lambda hit: not any(word in hit.section.title.casefold() for word in words))


def _sections(tokens: Sequence[Token]) -> tuple[Section, ...]:
    """Give each heading an anchor, and return the headings with their text."""
    found: list[tuple[str, str, list[str]]] = []
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            title = _plain(tokens[at + 1])
            token.attrSet("id", slugify(title))
            _lower_heading(token, tokens[at + 2])
            found.append((slugify(title), title, []))
        elif token.type == "inline" and tokens[at - 1].type != "heading_open":
            found[-1][2].append(_plain(token))
    return tuple(Section(anchor, title, " ".join(texts)) for anchor, title, texts in found)


def _lower_heading(opening: Token, closing: Token) -> None:
    """Lower a heading by one level: the page's own heading is the first."""
    opening.tag = closing.tag = f"h{int(opening.tag[1]) + 1}"


def _plain(token: Token) -> str:
    """Return the text of an inline token without its markup."""
    return "".join(" " if part.type == "softbreak" else part.content for part in token.children or ())


def _link(tokens: Sequence[Token]) -> None:
    """Point links between chapters, and to other pages of this server, to their addresses."""
    for token in tokens:
        for part in token.children or ():
            if part.type != "link_open":
                continue
            href = str(part.attrGet("href"))
            match = _CHAPTER_LINK.fullmatch(href)
            if match:
                part.attrSet("href", reverse("manual-chapter", args=[match["chapter"]]) + (match["anchor"] or ""))
            elif href.startswith("/"):
                part.attrSet("href", settings.URL_PREFIX + href)


def _excerpt(text: str, word: str) -> str:
    """Return the surroundings of the first occurrence of ``word``, cut at blanks."""
    at = max(0, text.casefold().find(word))
    start = text.rfind(" ", 0, max(0, at - EXCERPT_CHARACTERS // 3)) + 1
    cut = text[start : start + EXCERPT_CHARACTERS]
    if start + EXCERPT_CHARACTERS < len(text):
        cut = cut.rsplit(" ", 1)[0] + " …"
    return ("… " if start else "") + cut
