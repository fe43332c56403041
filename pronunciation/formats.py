"""Reads and writes dictionaries as CSV and as W3C Pronunciation Lexicon Specification (PLS 1.0) files."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from synthesis.errors import SpeechError
from synthesis.text.annotation.lexicon import MAX_ENTRIES, Entry

COLUMNS = ("phrase", "respelling", "ipa", "language", "voice", "case_sensitive", "whole_word")
CSV_TYPE, PLS_TYPE = "text/csv; charset=utf-8", "application/pls+xml; charset=utf-8"
_NAMESPACE = "http://www.w3.org/2005/01/pronunciation-lexicon"
_TRUE = frozenset(("1", "true", "yes", "x"))
_FALSE = frozenset(("0", "false", "no", ""))
_MAX_DEPTH = 8
_FORMULA = tuple("=+-@\t")
"""Characters at the beginning of a cell that make spreadsheets take it for a formula (CSV injection)."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """An entry of a file, with the line of its beginning."""

    line: int
    entry: Entry


def read_file(data: bytes) -> list[FileEntry]:
    """Return the entries of a CSV or PLS file, which are not validated. Raises ``SpeechError`` ``file_invalid``."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _invalid(f"The file is not UTF-8: see byte {error.start}.") from None
    entries = _read_pls(text) if text.lstrip().startswith("<") else _read_csv(text)
    if not entries:
        raise _invalid("The file contains no entries.")
    return entries


def write_csv(entries: Iterable[Entry]) -> str:
    """Return a CSV file with a header. An apostrophe precedes what a spreadsheet would take for a formula."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        texts = (entry.phrase, entry.respelling, entry.phonemes, entry.language, entry.voice)
        flags = ("true" if flag else "false" for flag in (entry.case_sensitive, entry.whole_word))
        writer.writerow([*(f"'{text}" if text.startswith(_FORMULA) else text for text in texts), *flags])
    return file.getvalue()


def write_pls(entries: Iterable[Entry], language: str) -> Iterator[str]:
    """Yield the parts of a PLS file: the entries of one language. PLS has neither voices nor the options of CSV."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<lexicon version="1.0" xmlns="{_NAMESPACE}" alphabet="ipa" xml:lang={quoteattr(language)}>\n'
    for entry in entries:
        said = (
            f"<phoneme>{escape(entry.phonemes)}</phoneme>"
            if entry.phonemes
            else f"<alias>{escape(entry.respelling)}</alias>"
        )
        yield f"  <lexeme><grapheme>{escape(entry.phrase)}</grapheme>{said}</lexeme>\n"
    yield "</lexicon>\n"


def _read_csv(text: str) -> list[FileEntry]:
    # Rows are counted while they are read, so a long file is not parsed as a whole.
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, restkey="rest")
    entries: list[FileEntry] = []
    try:
        columns = reader.fieldnames or []
        if "phrase" not in columns or not {"respelling", "ipa"} & set(columns):
            raise _invalid(f"The first line must name the columns: {', '.join(COLUMNS)}.", 1)
        for row in reader:
            if "rest" in row:
                raise _invalid("The line has more cells than the first line.", reader.line_num)
            cells = {name: _cell(value) for name, value in row.items() if isinstance(name, str)}
            if any(cells.values()):
                _append(entries, reader.line_num, _entry(cells, reader.line_num))
    except csv.Error as error:
        raise _invalid(f"The file is not CSV: {error}.", reader.line_num) from None
    return entries


def _cell(value: str | None) -> str:
    text = (value or "").strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _entry(cells: dict[str, str], line: int) -> Entry:
    return Entry(
        cells["phrase"],
        cells.get("respelling", ""),
        cells.get("ipa", ""),
        cells.get("language", ""),
        cells.get("voice", ""),
        case_sensitive=_flag(cells.get("case_sensitive", ""), line, default=False),
        whole_word=_flag(cells.get("whole_word", ""), line, default=True),
    )


def _flag(text: str, line: int, *, default: bool) -> bool:
    if not text:
        return default
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise _invalid("case_sensitive and whole_word must be true or false.", line)


@dataclass(slots=True)
class _Lexeme:
    line: int
    graphemes: list[str] = field(default_factory=list)
    said: tuple[str, str] | None = None
    """``phoneme`` or ``alias``, and its text; of several, the first."""


class _PlsReader:
    """Handles the events of expat; document types and entities are refused."""

    def __init__(self) -> None:
        self.entries: list[FileEntry] = []
        self._language = ""
        self._open: list[str] = []
        self._text: list[str] = []
        self._lexeme = _Lexeme(0)
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def parse(self, text: str) -> list[FileEntry]:
        try:
            self._parser.Parse(text, True)  # noqa: FBT003 - the C function takes no keyword
        except expat.ExpatError as error:
            raise _invalid(f"The file is not XML: {expat.ErrorString(error.code)}.", error.lineno) from None
        return self.entries

    def _refuse(self, *_: object) -> None:
        raise _invalid("A document type or an entity is not allowed.", self._parser.CurrentLineNumber)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name, line = name.rpartition(" ")[2], self._parser.CurrentLineNumber
        if len(self._open) >= _MAX_DEPTH:
            raise _invalid("The file is nested too deeply.", line)
        if not self._open:
            if name != "lexicon":
                raise _invalid("A pronunciation lexicon begins with <lexicon>.", line)
            if attributes.get("alphabet", "ipa").lower() != "ipa":
                raise _invalid("The alphabet of the lexicon must be ipa.", line)
            self._language = attributes.get("http://www.w3.org/XML/1998/namespace lang", "")
        if name == "phoneme" and attributes.get("alphabet", "ipa").lower() != "ipa":
            raise _invalid("The alphabet of a phoneme must be ipa.", line)
        if name == "lexeme":
            self._lexeme = _Lexeme(line)
        self._open.append(name)
        self._text.clear()

    def _end(self, name: str) -> None:
        name = self._open.pop()
        text = "".join(self._text).strip()
        self._text.clear()
        if name == "grapheme":
            self._lexeme.graphemes.append(text)
        elif name in {"phoneme", "alias"} and self._lexeme.said is None:
            self._lexeme.said = (name, text)
        elif name == "lexeme":
            kind, said = self._lexeme.said or ("alias", "")
            ipa, respelling = (said, "") if kind == "phoneme" else ("", said)
            for grapheme in self._lexeme.graphemes:
                _append(self.entries, self._lexeme.line, Entry(grapheme, respelling, ipa, self._language))


def _read_pls(text: str) -> list[FileEntry]:
    return _PlsReader().parse(text)


def _append(entries: list[FileEntry], line: int, entry: Entry) -> None:
    if len(entries) >= MAX_ENTRIES:
        raise SpeechError("dictionary_full", f"A dictionary has at most {MAX_ENTRIES:,} entries.", limit=MAX_ENTRIES)
    entries.append(FileEntry(line, entry))


def _invalid(message: str, line: int = 0) -> SpeechError:
    return SpeechError("file_invalid", f"Line {line}: {message}" if line else message, param="file", line=line)
