"""Reads DOCX documents: text only. Macros, embedded objects and linked files are never opened."""

import re
from dataclasses import dataclass, field

from documents.extraction.archive import Archive
from documents.extraction.model import Block, Document, add_blocks
from documents.extraction.xml_reader import read_xml

MAIN = "word/document.xml"
_HEADING = re.compile(r"(?:heading|überschrift|titre|título|titolo)\s?([1-6])", re.IGNORECASE)


def read_docx(archive: Archive) -> Document:
    """Return the text of a document. Raises ``DocumentError``."""
    document = Document("docx", _title(archive))
    levels = _heading_levels(archive)
    blocks = _Reader(levels).read(archive.read(MAIN))
    notes: list[Block] = []
    for kind in ("footnote", "endnote"):
        if f"word/{kind}s.xml" in archive.names:
            notes += _Reader(levels).read(archive.read(f"word/{kind}s.xml"))
    # Separators and notes without a reference are no text of the document.
    add_blocks(document, [*blocks, *(note for note in notes if note.anchors)])
    return document


def _title(archive: Archive) -> str:
    titles: list[str] = []
    if "docProps/core.xml" in archive.names:
        read_xml(
            archive.read("docProps/core.xml"),
            lambda _name, _attributes: None,
            lambda name, text: titles.append(text) if name == "title" else None,
        )
    return titles[0] if titles else ""


def _heading_levels(archive: Archive) -> dict[str, int]:
    """Return the level of each style of headings; the ids of styles depend on Word's language."""
    levels: dict[str, int] = {}
    style = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal style
        value = attributes.get("val", "")
        if name == "style":
            style = attributes.get("styleId", "")
        elif name == "name" and (match := _HEADING.fullmatch(value)):
            levels[style] = int(match[1])
        elif name == "name" and value.lower() == "title":
            levels[style] = 1
        elif name == "outlineLvl" and value.isascii() and value.isdigit() and int(value) < 6:
            levels.setdefault(style, int(value) + 1)

    if "word/styles.xml" in archive.names:
        read_xml(archive.read("word/styles.xml"), start, lambda _name, _text: None)
    return levels


@dataclass(slots=True)
class _Reader:
    """Collects the paragraphs of one part; those of a table become one per row."""

    levels: dict[str, int]
    blocks: list[Block] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _notes: list[tuple[str, str]] = field(default_factory=list)
    _level: int = 0
    _rows: list[list[str]] = field(default_factory=list)
    _row_notes: list[tuple[str, str]] = field(default_factory=list)
    _fallbacks: int = 0
    _anchor: str = ""
    _last_number: int = 0

    def read(self, data: bytes) -> list[Block]:
        read_xml(data, self._start, self._end)
        return self.blocks

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Fallback":
            # The same content for older programs.
            self._fallbacks += 1
        elif name == "pStyle":
            self._level = self.levels.get(attributes.get("val", ""), 0)
        elif name == "tr":
            self._rows.append([])
        elif name == "tc" and self._rows:
            self._rows[-1].append("")
        elif name in ("footnote", "endnote"):
            # The types are those of separators.
            self._anchor = "" if attributes.get("type") else f"{name}#{attributes.get('id', '')}"
        elif name in ("footnoteReference", "endnoteReference"):
            self._last_number += 1
            kind = name.removesuffix("Reference")
            self._notes.append((str(self._last_number), f"{kind}#{attributes.get('id', '')}"))

    def _end(self, name: str, text: str) -> None:
        if name == "Fallback":
            self._fallbacks -= 1
        if self._fallbacks:
            return
        if name == "t":
            self._text.append(text)
        elif name in ("tab", "cr", "br"):
            self._text.append("\n" if name != "tab" else " ")
        elif name == "p":
            self._end_paragraph()
        elif name == "tr" and self._rows:
            row = "; ".join(cell for cell in self._rows.pop() if cell)
            if self._rows:
                # A table within a cell.
                self._rows[-1][-1:] = [f"{self._rows[-1][-1] if self._rows[-1] else ''} {row}".strip()]
            else:
                self.blocks.append(Block(row, notes=tuple(self._row_notes), anchors=self._anchors))
                self._row_notes.clear()

    def _end_paragraph(self) -> None:
        text = "".join(self._text)
        if self._rows and self._rows[-1]:
            self._rows[-1][-1] = f"{self._rows[-1][-1]} {' '.join(text.split())}".strip()
            self._row_notes += self._notes
        else:
            self.blocks.append(Block(text, self._level, self._anchors, tuple(self._notes)))
        self._text.clear()
        self._notes.clear()
        self._level = 0

    @property
    def _anchors(self) -> tuple[str, ...]:
        return (self._anchor,) if self._anchor else ()
