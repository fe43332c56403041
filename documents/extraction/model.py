"""The text of a document with its structure, as plain text: paragraphs and an outline."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.limits import registry
from documents.errors import DocumentError

MAX_CHARACTERS = registry.MAX_DOCUMENT_CHARACTERS.default
MAX_HEADINGS = 2000
MAX_TITLE = 200
BREAK = "\n\n"
"""Separates paragraphs; no paragraph contains it."""
_SPACES = re.compile(r"[^\S\n]+")
# Control characters and lone surrogates, which JSON cannot represent as text.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b\ufeff\ud800-\udfff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")


@dataclass(slots=True)
class Block:
    """A paragraph as an extractor found it; ``level`` is 1 to 6 for a heading, else 0."""

    text: str
    level: int = 0
    anchors: tuple[str, ...] = ()
    """The anchors that links can name to point at this block."""
    notes: tuple[tuple[str, str], ...] = ()
    """The footnotes that it refers to: label and anchor."""
    main: bool = False
    """Whether it belongs to the main content of a web page."""


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of the outline; ``paragraph`` is the index of the paragraph at which it begins."""

    title: str
    level: int
    paragraph: int


@dataclass(slots=True)
class Document:
    """The text of a document. Raises ``DocumentError`` when it becomes too long."""

    kind: str
    title: str = ""
    language: str = ""
    paragraphs: list[str] = field(default_factory=list)
    outline: list[Heading] = field(default_factory=list)
    _characters: int = 0

    def add(self, text: str, level: int = 0) -> None:
        """Append a paragraph, unless it is empty."""
        text = clean(text)
        if not text:
            return
        self._characters += len(text) + len(BREAK)
        if self._characters > MAX_CHARACTERS:
            raise DocumentError(
                "document_too_long",
                f"The document has more than {MAX_CHARACTERS:,} characters. Split it, and open the parts.",
                limit=MAX_CHARACTERS,
            )
        if level:
            self.mark(text, level, len(self.paragraphs))
        self.paragraphs.append(text)

    def mark(self, title: str, level: int, paragraph: int) -> None:
        """Add an entry to the outline."""
        title = " ".join(title.split())[:MAX_TITLE]
        if title and len(self.outline) < MAX_HEADINGS:
            self.outline.append(Heading(title, max(1, min(6, level)), paragraph))

    def to_dict(self) -> dict[str, Any]:
        """Return the document for the page, with the SHA-256 digest of its text."""
        text = BREAK.join(self.paragraphs)
        return {
            "kind": self.kind,
            "title": " ".join(clean(self.title).split())[:MAX_TITLE],
            "language": self.language if _LANGUAGE.fullmatch(self.language) else "",
            "digest": hashlib.sha256(text.encode()).hexdigest(),
            "words": len(text.split()),
            "outline": [[one.title, one.level, one.paragraph] for one in self.outline],
            "paragraphs": self.paragraphs,
        }


def clean(text: str) -> str:
    """Return ``text`` without control characters, empty lines, and white space at the ends of lines."""
    text = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def add_blocks(document: Document, blocks: Sequence[Block]) -> dict[str, int]:
    """Append blocks, each footnote after the paragraph that refers to it.

    Returns the index of the paragraph of each anchor.
    """
    referenced = {anchor for block in blocks for _, anchor in block.notes}
    notes: dict[str, list[Block]] = {}
    for block in blocks:
        for anchor in referenced.intersection(block.anchors):
            notes.setdefault(anchor, []).append(block)
    kept_for_later = {id(block) for found in notes.values() for block in found}
    places: dict[str, int] = {}
    for block in blocks:
        if id(block) in kept_for_later:
            continue
        for anchor in block.anchors:
            places.setdefault(anchor, len(document.paragraphs))
        document.add(block.text, block.level)
        for label, anchor in block.notes:
            # Once: a second reference to the same note does not repeat it.
            for number, note in enumerate(notes.pop(anchor, ())):
                document.add(_note(label, note.text) if number == 0 else note.text)
    return places


def main_content(blocks: Sequence[Block]) -> Sequence[Block]:
    """Return the blocks of the page's main content, if the page marks any; otherwise all."""
    main = [block for block in blocks if block.main]
    return main or blocks


def join_wrapped(lines: Iterable[str]) -> str:
    """Join the lines of a paragraph; a word that was divided at the end of a line becomes whole."""
    pieces: list[str] = []
    for line in filter(None, lines):
        last = pieces[-1] if pieces else ""
        if last.endswith("-") and last[-2:-1].isalpha() and line[0].islower():
            pieces[-1] = last[:-1]
        elif pieces:
            pieces.append(" ")
        pieces.append(line)
    return "".join(pieces)


def _note(label: str, text: str) -> str:
    text = clean(text)
    label = label.strip("[]() ")
    rest = text.removeprefix(f"[{label}]").removeprefix(label).lstrip(".:) ") if label else text
    return f"[{label}] {rest}" if label else text
