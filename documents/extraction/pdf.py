"""Reads the text layer of PDF files, and their bookmarks as outline."""

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pypdf import PdfReader
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError

from core.limits import registry
from documents.errors import DocumentError
from documents.extraction.model import Document, clean, join_wrapped

MAX_PAGES = registry.MAX_DOCUMENT_PAGES.default
MAX_BOOKMARKS = 2000
_SENTENCE_END = re.compile(r"[.!?…:。！？][\"'”’»)\]]*$")
_REPEATED_SHARE = 0.4
_MIN_REPEATED_PAGES = 4
"""A first or last line on at least so many pages, and so large a share of them, is a running head or foot."""
_SHORT_LINE = 0.75
"""A line that ends a sentence ends the paragraph, if it is shorter than this share of the page's longest lines."""
_MAX_BOOKMARK_DEPTH = 6


def read_pdf(data: bytes) -> Document:
    """Return the text of a PDF file. Raises ``DocumentError``."""
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _encrypted()
        count = len(reader.pages)
        if count > MAX_PAGES:
            message = f"The PDF has {count:,} pages; at most {MAX_PAGES:,} are read. Split it, and open the parts."
            raise DocumentError("document_too_long", message, limit=MAX_PAGES)
        pages = [_lines(page) for page in reader.pages]
        bookmarks = _bookmarks(reader)
        title = str(reader.metadata.title or "") if reader.metadata else ""
    except DependencyError as error:
        raise _encrypted() from error
    except LimitReachedError as error:
        raise DocumentError("document_too_complex", "The PDF is too large when decompressed.") from error
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        # pypdf reports many kinds of damage as errors of Python.
        message = "The PDF is damaged. Download it again, or print it to a new PDF."
        raise DocumentError("document_invalid", message) from error
    if not any(line for page in pages for line in page):
        raise DocumentError(
            "document_no_text",
            "The PDF contains pictures of pages and no text. Run text recognition (OCR) on it, for example with "
            "OCRmyPDF, and open the result.",
        )
    return _document(_without_running_lines(pages), bookmarks, title)


def _encrypted() -> DocumentError:
    return DocumentError("document_encrypted", "The PDF is protected by a password. Save it without one.")


def _lines(page: Any) -> list[str]:
    return [clean(line) for line in page.extract_text().splitlines()]


def _bookmarks(reader: PdfReader) -> dict[int, list[tuple[str, int]]]:
    """Return titles and levels by page."""
    found: dict[int, list[tuple[str, int]]] = {}
    total = 0

    def walk(entries: Sequence[Any], level: int) -> None:
        nonlocal total
        for entry in entries:
            if isinstance(entry, list):
                if level < _MAX_BOOKMARK_DEPTH:
                    walk(entry, level + 1)
                continue
            total += 1
            page = reader.get_destination_page_number(entry)
            if total <= MAX_BOOKMARKS and page is not None and page >= 0:
                found.setdefault(page, []).append((clean(str(entry.title or "")), level))

    walk(reader.outline, 1)
    return found


def _without_running_lines(pages: list[list[str]]) -> list[list[str]]:
    """Remove running heads, running feet and page numbers."""
    edges: Counter[str] = Counter()
    for page in pages:
        shown = [line for line in page if line]
        edges.update({_without_numbers(line) for line in (*shown[:1], *shown[-1:])})
    least = max(_MIN_REPEATED_PAGES, _REPEATED_SHARE * len(pages))
    running = {line for line, count in edges.items() if count >= least}

    def is_running(line: str) -> bool:
        return line.isdigit() or _without_numbers(line) in running

    cleaned = []
    for page in pages:
        lines = list(page)
        while lines and (not lines[0] or is_running(lines[0])):
            lines.pop(0)
        while lines and (not lines[-1] or is_running(lines[-1])):
            lines.pop()
        cleaned.append(lines)
    return cleaned


def _without_numbers(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _document(pages: list[list[str]], bookmarks: dict[int, list[tuple[str, int]]], title: str) -> Document:
    document = Document("pdf", title)
    pending = ""
    for number, lines in enumerate(pages):
        waiting = list(bookmarks.get(number, ()))
        paragraphs = list(_paragraphs(lines, {_folded(entry) for entry, _ in waiting}))
        if pending and paragraphs and not waiting:
            # A sentence that continues on the next page.
            paragraphs[0] = join_wrapped([pending, paragraphs[0]])
        elif pending:
            document.add(pending)
        pending = ""
        if paragraphs and not _SENTENCE_END.search(paragraphs[-1]) and len(paragraphs[-1]) > 100:
            pending = paragraphs.pop()
        for paragraph in paragraphs:
            match = next((entry for entry in waiting if _folded(entry[0]) == _folded(paragraph)), None)
            if match:
                waiting.remove(match)
            document.add(paragraph, match[1] if match else 0)
        first = len(document.paragraphs) - len(paragraphs)
        for entry, level in waiting:
            document.mark(entry, level, max(0, min(first, len(document.paragraphs) - 1)))
    document.add(pending)
    document.outline.sort(key=lambda heading: heading.paragraph)
    return document


def _paragraphs(lines: Sequence[str], headings: set[str]) -> Iterator[str]:
    """Yield the paragraphs of a page: they end at empty lines, headings, and short lines that end a sentence."""
    lengths = sorted((len(line) for line in lines if line), reverse=True)
    width = lengths[len(lengths) // 4] if lengths else 0
    collected: list[str] = []
    for line in lines:
        if not line or _folded(line) in headings:
            yield join_wrapped(collected)
            collected = []
            if line:
                yield line
            continue
        collected.append(line)
        if _SENTENCE_END.search(line) and len(line) < _SHORT_LINE * width:
            yield join_wrapped(collected)
            collected = []
    yield join_wrapped(collected)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
