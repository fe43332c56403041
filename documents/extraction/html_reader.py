"""Reads HTML and XHTML as a sequence of blocks. Builds no tree, runs nothing, and follows no link.

``html.parser`` expands the character references of HTML and no entities that the file declares.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from core.limits import registry
from documents.errors import DocumentError
from documents.extraction.model import Block

MAX_DEPTH = registry.MAX_DOCUMENT_DEPTH.default


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BLOCKS = _names(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p "
    "pre section summary table tbody tfoot thead tr ul "
)
_SKIPPED = _names(
    "audio button canvas embed head iframe math noscript object script select style svg template textarea video "
)
_VOID = _names("area base br col embed hr img input link meta param source track wbr ")
# Elements whose end tags may be omitted before an element.
_CLOSED_BY_NEXT = {
    "p": {"p"},
    "li": {"li", "p"},
    "dt": {"dt", "dd", "p"},
    "dd": {"dt", "dd", "p"},
    "tbody": {"thead", "tbody", "tr", "td", "th", "p"},
    "tr": {"tr", "td", "th", "p"},
    "td": {"td", "th", "p"},
    "th": {"td", "th", "p"},
    "option": {"option"},
}
_CELLS = ("td", "th")
_NOTE_REFERENCES = {"noteref", "doc-noteref"}
_BACK_LINKS = {"backlink", "doc-backlink", "referrer"}
_NOTE_LABEL = re.compile(r"[\[(]?(\d{1,4}|[*†‡§]{1,3}|[a-z])[\])]?")
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)


@dataclass(slots=True)
class _Element:
    tag: str
    anchor: str = ""
    skipped: bool = False
    number: int = 0
    """The number of the next item, of an ordered list."""
    link: str = ""
    started_at: int = 0
    """The number of pieces of text when a link began."""
    is_note_reference: bool = False


@dataclass(slots=True)
class HtmlText:
    """What a file contains. Anchors begin with the path of the file within its book."""

    title: str = ""
    language: str = ""
    blocks: list[Block] = field(default_factory=list)
    links: list[tuple[str, str, int]] = field(default_factory=list)
    """Of navigation lists: the text of each link, its target, and its depth."""


def read_html(source: str, path: str = "", *, navigation: bool = False) -> HtmlText:
    """Return the text of an HTML file; ``navigation`` also reads what ``<nav>`` contains.

    Raises ``DocumentError``: ``document_unsafe`` for declarations of entities, ``document_too_complex`` for too many
    elements within each other.
    """
    if _ENTITY.search(source):
        raise DocumentError("document_unsafe", "The file declares entities, which are not expanded. Nothing was read.")
    reader = _Reader(path, navigation=navigation)
    reader.feed(source)
    reader.close()
    reader.end_block()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self, path: str, *, navigation: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.found = HtmlText()
        self._path = path
        self._navigation = navigation
        self._open: list[_Element] = []
        self._pieces: list[str] = []
        self._anchors: list[str] = []
        self._notes: list[tuple[str, str]] = []
        self._cells: list[str] | None = None
        self._in_title = False
        self._prefix = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        attributes = {name: value or "" for name, value in attrs}
        if tag == "title":
            self._in_title = not self.found.title
        if tag == "html":
            self.found.language = attributes.get("lang") or attributes.get("xml:lang", "")
        if tag == "br":
            self._pieces.append("\n")
        if tag == "hr":
            self.end_block()
        if tag not in _VOID:
            self._begin(tag, attributes)

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        self._close_implied(tag)
        if len(self._open) >= MAX_DEPTH:
            raise DocumentError(
                "document_too_complex", f"The file has more than {MAX_DEPTH} elements within each other."
            )
        if tag in _BLOCKS and self._cells is None:
            self.end_block()
        if tag == "tr":
            self.end_block()
            self._cells = []
        if tag in _CELLS and self._cells is None:
            self.end_block()
        self._open.append(self._element(tag, attributes))
        if tag == "li":
            self._prefix = self._item_number()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Handle an element without content, such as ``<a id="x"/>`` of XHTML."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """End an element, with those within it whose end tags are missing."""
        if tag == "title":
            self._in_title = False
        place = next((at for at in range(len(self._open) - 1, -1, -1) if self._open[at].tag == tag), None)
        if place is None:
            return
        for element in reversed(self._open[place:]):
            self._end(element)
        del self._open[place:]

    def handle_data(self, data: str) -> None:
        """Add text, unless it belongs to a script or is hidden."""
        if self._in_title:
            self.found.title = (self.found.title + data)[:1000]
        elif not any(element.skipped for element in self._open):
            preformatted = any(element.tag == "pre" for element in self._open)
            self._pieces.append(data if preformatted else re.sub(r"\s+", " ", data))

    def end_block(self) -> None:
        """End the paragraph."""
        if self._cells is not None:
            return
        text = "".join(self._pieces)
        self._pieces.clear()
        if not text.strip():
            return
        level = next((int(element.tag[1]) for element in self._open if re.fullmatch("h[1-6]", element.tag)), 0)
        anchors = {*self._anchors, *(element.anchor for element in self._open if element.anchor)}
        in_main = any(element.tag in ("main", "article") for element in self._open)
        block = Block(self._prefix + text.strip(), level, tuple(anchors), tuple(self._notes), in_main)
        self.found.blocks.append(block)
        self._prefix = ""
        self._anchors.clear()
        self._notes.clear()

    def _element(self, tag: str, attributes: dict[str, str]) -> _Element:
        name = attributes.get("id") or (attributes.get("name", "") if tag == "a" else "")
        anchor = f"{self._path}#{name}" if name else ""
        if anchor:
            self._anchors.append(anchor)
        roles = {*attributes.get("role", "").split(), *attributes.get("epub:type", "").split()}
        skipped = (
            tag in _SKIPPED
            or "hidden" in attributes
            or attributes.get("aria-hidden") == "true"
            or (tag == "nav" and not self._navigation)
            or bool(roles & _BACK_LINKS)
        )
        element = _Element(tag, anchor, skipped, started_at=len(self._pieces))
        if tag == "ol":
            start = attributes.get("start", "1")
            element.number = int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1
        if tag == "a":
            element.link = attributes.get("href", "")
            in_superscript = any(one.tag == "sup" for one in self._open)
            element.is_note_reference = bool(roles & _NOTE_REFERENCES) or in_superscript
        if tag == "sup" and self._open and self._open[-1].tag == "a":
            self._open[-1].is_note_reference = True
        return element

    def _end(self, element: _Element) -> None:
        if element.tag == "a" and element.link:
            self._end_link(element)
        if element.tag in _CELLS and self._cells is not None:
            cell = " ".join("".join(self._pieces).split())
            self._pieces.clear()
            if cell:
                self._cells.append(cell)
        elif element.tag == "tr" and self._cells is not None:
            row, self._cells = "; ".join(self._cells), None
            self._pieces = [row]
            self.end_block()
        elif element.tag == "table":
            self._cells = None
            self.end_block()
        elif element.tag in _BLOCKS:
            self.end_block()

    def _end_link(self, element: _Element) -> None:
        text = "".join(self._pieces[element.started_at :]).strip()
        if self._navigation:
            depth = sum(one.tag in ("ol", "ul") for one in self._open)
            self.found.links.append((text, element.link, max(1, depth)))
        label = _NOTE_LABEL.fullmatch(text)
        if element.is_note_reference and label and "#" in element.link:
            del self._pieces[element.started_at :]
            file, _, name = element.link.partition("#")
            self._notes.append((label[1], f"{file or self._path}#{name}"))
        elif text in ("↩", "↩︎", "↑", "^"):
            # The link from a footnote back to its place.
            del self._pieces[element.started_at :]

    def _close_implied(self, tag: str) -> None:
        closing = _CLOSED_BY_NEXT.get(tag, set())
        while self._open and self._open[-1].tag in closing:
            self.handle_endtag(self._open[-1].tag)

    def _item_number(self) -> str:
        parent = next((one for one in reversed(self._open[:-1]) if one.tag in ("ol", "ul", "menu")), None)
        if parent is None or parent.tag != "ol":
            return ""
        number, parent.number = parent.number, parent.number + 1
        return f"{number}. "
