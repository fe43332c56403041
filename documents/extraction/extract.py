"""Decides the type of a file by its content, and extracts its text."""

import re

from documents.errors import DocumentError
from documents.extraction.archive import Archive
from documents.extraction.model import Document, add_blocks, main_content
from documents.extraction.plain_text import (
    decode,
    looks_like_markdown,
    looks_like_subtitles,
    read_markdown,
    read_plain,
    read_subtitles,
    unsupported,
)

# A comment ends at its first "-->": otherwise, the time would double with each comment.
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?>(?:<!--(?>.{0,2000}?-->)\s*)*)<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_ZIP = b"PK\x03\x04"
_PDF = b"%PDF-"
_PDF_WITHIN = 1024
_BINARY = {"pdf": "a PDF", "epub": "an EPUB book", "docx": "a DOCX document"}
"""Types whose names must be right: a file that is named like one of them and is none was not what the user expects."""
_NAMES = {**_BINARY, "html": "an HTML page", "srt": "SubRip subtitles", "md": "a text", "txt": "a text"}


def extract(data: bytes, extension: str) -> Document:
    """Return the text of a file; ``extension`` is its name's, in lower case. Raises ``DocumentError``."""
    kind, archive, text = _detect(data, extension)
    claimed = "docx" if extension == "docm" else extension
    if claimed != kind and (claimed in _BINARY or (kind in _BINARY and claimed in _NAMES)):
        message = f"The file is named .{extension}, but its content is {_NAMES[kind]}. Check its origin, and rename it."
        raise DocumentError("document_type_mismatch", message)
    document = _read(kind, data, archive, text)
    if not document.paragraphs:
        raise DocumentError("document_empty", "The file contains no text.")
    return document


def _detect(data: bytes, extension: str) -> tuple[str, Archive | None, str]:
    """Return the type, and the opened archive or the decoded text."""
    if data.startswith(_ZIP):
        archive = Archive(data)
        if "word/document.xml" in archive.names and "[Content_Types].xml" in archive.names:
            return "docx", archive, ""
        if "META-INF/container.xml" in archive.names:
            return "epub", archive, ""
        raise unsupported()
    if _PDF in data[:_PDF_WITHIN]:
        return "pdf", None, ""
    text = decode(data)
    # A page may omit these elements: then its name or its media type decides, as in browsers.
    if _HTML.match(text) or (extension == "html" and text.lstrip().startswith("<")):
        return "html", None, text
    if looks_like_subtitles(text):
        return "srt", None, text
    # Both are text: here the name may decide.
    return "md" if extension in ("md", "markdown") or looks_like_markdown(text) else "txt", None, text


def _read(kind: str, data: bytes, archive: Archive | None, text: str) -> Document:
    if kind == "pdf":
        from documents.extraction.pdf import read_pdf

        return read_pdf(data)
    if kind == "html":
        from documents.extraction.html_reader import read_html

        found = read_html(text)
        document = Document("html", found.title, found.language)
        add_blocks(document, main_content(found.blocks))
        return document
    if archive is not None:
        from documents.extraction.docx import read_docx
        from documents.extraction.epub import read_epub

        return read_docx(archive) if kind == "docx" else read_epub(archive)
    return {"srt": read_subtitles, "md": read_markdown, "txt": read_plain}[kind](text)
