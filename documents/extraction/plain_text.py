"""Reads text files: their encoding, plain text, Markdown and SubRip subtitles."""

import codecs
import re
from collections.abc import Iterator

from documents.errors import DocumentError
from documents.extraction.html_reader import read_html
from documents.extraction.model import Block, Document, add_blocks, clean, join_wrapped

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 64 * 1024
"""Bytes from which an encoding is guessed."""
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_TIME = r"\d{1,2}:\d\d:\d\d[,.]\d{1,3}"
_CUE_TIME = re.compile(rf"{_TIME}\s*-->\s*{_TIME}.*")
_MARKUP = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,200}\}")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_MAX_CUE_CHARACTERS = 600
"""A paragraph of subtitles ends at the first sentence that ends beyond it."""
_WRAPPED_LINE = 55
"""Lines of hard-wrapped texts are longer than this on average, in characters."""
_NOTE = re.compile(r"^\[\^([^\]\s]{1,40})\]:[ \t]*((?:.|\n(?=[ \t]+\S))*)", re.MULTILINE)
_REFERENCE = re.compile(r"\[\^([^\]\s]{1,40})\]")
_CHAPTER = re.compile(
    r"(?:chapter|part|book|section|kapitel|chapitre|cap[ií]tulo|capitolo)\s+[\dIVXLC]+\b.{0,80}", re.IGNORECASE
)


def decode(data: bytes) -> str:
    """Return text in the encoding of its byte order mark, UTF-8, or a guessed one.

    Raises ``DocumentError``: ``document_type_unsupported`` for binary data.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    text: str | None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _guess(data)
    if text is None or _CONTROL.search(data[:_SAMPLE]):
        raise unsupported()
    return text


def _guess(data: bytes) -> str | None:
    if _CONTROL.search(data[:_SAMPLE]):
        return None
    from charset_normalizer import from_bytes

    found = from_bytes(data[:_SAMPLE]).best()
    return data.decode(found.encoding, "replace") if found else None


def unsupported() -> DocumentError:
    """Return the error for files of other types."""
    return DocumentError(
        "document_type_unsupported",
        "This type of file cannot be opened. Open a text, Markdown, HTML, PDF, EPUB, DOCX or SubRip file.",
    )


def looks_like_subtitles(text: str) -> bool:
    """Return whether ``text`` begins with a cue of SubRip."""
    lines = [line.strip() for line in text.lstrip("\ufeff \r\n")[:300].splitlines()[:2]]
    return len(lines) == 2 and lines[0].isdigit() and bool(_CUE_TIME.fullmatch(lines[1]))


def looks_like_markdown(text: str) -> bool:
    """Return whether ``text`` has the headings of Markdown."""
    return len(re.findall(r"^#{1,6} \S", text[:_SAMPLE], re.MULTILINE)) > 1


def read_plain(text: str) -> Document:
    """Return the paragraphs of a plain text; lines such as "Chapter 1" become headings."""
    document = Document("txt")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for paragraph in re.split(r"\n[^\S\n]*\n\s*", text):
        lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
        long = sum(map(len, lines)) > _WRAPPED_LINE * len(lines)
        whole = join_wrapped(lines) if long and len(lines) > 1 else "\n".join(lines)
        document.add(whole, 1 if _CHAPTER.fullmatch(whole) else 0)
    return document


def read_subtitles(text: str) -> Document:
    """Return the spoken text of subtitles, in paragraphs that end with a sentence."""
    document = Document("srt")
    for paragraph in _subtitle_paragraphs(text):
        document.add(paragraph)
    return document


def _subtitle_paragraphs(text: str) -> Iterator[str]:
    collected: list[str] = []
    for cue in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = [line.strip() for line in cue.strip().split("\n")]
        at = next((place for place, line in enumerate(lines) if _CUE_TIME.fullmatch(line)), None)
        if at is None:
            continue
        words = _MARKUP.sub("", " ".join(lines[at + 1 :])).strip()
        if not words or (collected and collected[-1] == words):
            continue
        collected.append(words)
        if sum(map(len, collected)) > _MAX_CUE_CHARACTERS and _SENTENCE_END.search(words):
            yield " ".join(collected)
            collected = []
    yield " ".join(collected)


def read_markdown(text: str) -> Document:
    """Return the text of Markdown (CommonMark with tables and footnotes); HTML in it is shown as text."""
    from markdown_it import MarkdownIt

    document = Document("md")
    notes: dict[str, str] = {}
    text = _NOTE.sub(lambda match: notes.setdefault(match[1], match[2]) and "", text.replace("\r\n", "\n"))
    text = re.sub(r"\A---\n.*?\n---\n", "", text, count=1, flags=re.DOTALL)
    renderer = MarkdownIt("commonmark", {"html": False, "maxNesting": 50}).enable("table")
    found = read_html(renderer.render(text))
    for block in found.blocks:
        block.notes = tuple((label, label) for label in _REFERENCE.findall(block.text) if label in notes)
        block.text = _REFERENCE.sub(lambda match: "" if match[1] in notes else match[0], block.text)
    rendered = [
        Block(clean(" ".join(block.text for block in read_html(renderer.render(note)).blocks)), anchors=(label,))
        for label, note in notes.items()
    ]
    add_blocks(document, [*found.blocks, *rendered])
    first = next((heading for heading in document.outline if heading.level == 1), None)
    document.title = first.title if first else ""
    return document
