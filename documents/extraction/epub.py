"""Reads EPUB books: the chapters of the spine in order, and the table of contents as outline."""

import posixpath
from dataclasses import dataclass, field
from urllib.parse import unquote

from documents.errors import DocumentError
from documents.extraction.archive import Archive, is_outside
from documents.extraction.html_reader import read_html
from documents.extraction.model import Block, Document, add_blocks
from documents.extraction.plain_text import decode
from documents.extraction.xml_reader import read_xml

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
_CHAPTERS = ("application/xhtml+xml", "text/html", "text/x-oeb1-document")


@dataclass(slots=True)
class _Package:
    """The package document (OPF) at ``root``."""

    root: str
    title: str = ""
    language: str = ""
    paths: dict[str, str] = field(default_factory=dict)
    """Paths of the chapters by their id."""
    order: list[str] = field(default_factory=list)
    navigation: str = ""
    ncx: str = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        if name == "item":
            self._item(attributes)
        elif name == "itemref":
            self.order.append(attributes.get("idref", ""))

    def end(self, name: str, text: str) -> None:
        """End an element."""
        if name == "title":
            self.title = self.title or text
        elif name == "language":
            self.language = self.language or text.strip()

    def _item(self, attributes: dict[str, str]) -> None:
        path = _resolve(self.root, attributes.get("href", ""))
        media_type = attributes.get("media-type", "")
        if media_type in _CHAPTERS and path:
            self.paths[attributes.get("id", "")] = path
        if "nav" in attributes.get("properties", "").split():
            self.navigation = path
        if media_type == "application/x-dtbncx+xml":
            self.ncx = path


def read_epub(archive: Archive) -> Document:
    """Return the text of a book. Raises ``DocumentError``."""
    package = _read_package(archive)
    chapters = [package.paths[name] for name in package.order if name in package.paths]
    if _encrypted(archive).intersection(chapters):
        raise DocumentError("document_encrypted", "The book has copy protection (DRM), so it cannot be read.")
    document = Document("epub", package.title, package.language)
    contents = _contents(archive, package)
    blocks: list[Block] = []
    for path in chapters:
        found = read_html(decode(archive.read(path)), path).blocks
        if found:
            found[0].anchors = (*found[0].anchors, path)
        for block in found:
            block.notes = tuple((label, _resolve(path, anchor)) for label, anchor in block.notes)
        blocks += found
    places = add_blocks(document, blocks)
    # The book's own contents, unless they are just its beginning.
    entries = [(title, level, places[target]) for title, level, target in contents if target in places]
    if len(entries) > 1:
        document.outline.clear()
        for title, level, paragraph in entries:
            document.mark(title, level, paragraph)
    return document


def _read_package(archive: Archive) -> _Package:
    roots: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "rootfile":
            roots.append(attributes.get("full-path", ""))

    read_xml(archive.read(CONTAINER), start, lambda _name, _text: None)
    package = _Package(roots[0] if roots else "")
    read_xml(archive.read(package.root), package.start, package.end)
    return package


def _contents(archive: Archive, package: _Package) -> list[tuple[str, int, str]]:
    """Return title, level and target of the entries of the table of contents."""
    if package.navigation in archive.names:
        found = read_html(decode(archive.read(package.navigation)), package.navigation, navigation=True)
        return [(text, depth, _resolve(package.navigation, link)) for text, link, depth in found.links]
    if package.ncx in archive.names:
        return _read_ncx(archive.read(package.ncx), package.ncx)
    return []


def _read_ncx(data: bytes, path: str) -> list[tuple[str, int, str]]:
    entries: list[tuple[str, int, str]] = []
    titles: list[str] = []
    within: list[str] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        within.append(name)
        if name == "navPoint":
            titles.append("")
        elif name == "content" and titles:
            entries.append((titles[-1], len(titles), _resolve(path, attributes.get("src", ""))))

    def end(name: str, text: str) -> None:
        within.pop()
        if name == "text" and titles and "navLabel" in within[-1:]:
            titles[-1] = titles[-1] or text
        elif name == "navPoint":
            titles.pop()

    read_xml(data, begin, end)
    return entries


def _encrypted(archive: Archive) -> set[str]:
    """Return the paths that are encrypted: with fonts alone, the text can be read."""
    paths: set[str] = set()
    if ENCRYPTION not in archive.names:
        return paths

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "CipherReference":
            paths.add(unquote(attributes.get("URI", "")))

    read_xml(archive.read(ENCRYPTION), start, lambda _name, _text: None)
    return paths


def _resolve(base: str, link: str) -> str:
    """Return the path in the archive of a link in the file ``base``; empty if it is on the web.

    Raises ``DocumentError``: ``document_unsafe`` for a path outside of the archive.
    """
    if "://" in link[:20] or link.startswith("//"):
        return ""
    file, mark, fragment = link.partition("#")
    file = unquote(file)
    joined = base.partition("#")[0] if not file or file == base else posixpath.join(posixpath.dirname(base), file)
    path = posixpath.normpath(joined) if joined else ""
    if is_outside(path):
        raise DocumentError("document_unsafe", "The book refers to paths outside of itself. Nothing was read.")
    return f"{path}{mark}{fragment}"
