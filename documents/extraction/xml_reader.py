"""Reads the XML of EPUB and DOCX files with expat: no entities of the file, and nothing external."""

from collections.abc import Callable
from typing import NoReturn
from xml.parsers import expat

from core.limits import registry
from documents.errors import DocumentError

MAX_DEPTH = registry.MAX_DOCUMENT_DEPTH.default
Start = Callable[[str, dict[str, str]], None]
End = Callable[[str, str], None]


def read_xml(data: bytes, start: Start, end: End) -> None:
    """Call ``start(name, attributes)`` and ``end(name, text)`` for each element, by local names.

    ``text`` is the text directly before the end tag. Raises ``DocumentError``: ``document_unsafe`` for declarations of
    entities, ``document_too_complex`` for too many elements within each other, and ``document_invalid``.
    """
    depth = 0
    text: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise DocumentError(
                "document_too_complex", f"The file has more than {MAX_DEPTH} elements within each other."
            )
        text.clear()
        start(_local(name), {_local(key): value for key, value in attributes.items()})

    def finish(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(_local(name), "".join(text))
        text.clear()

    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    parser.CharacterDataHandler = text.append
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(data, True)  # noqa: FBT003 - the C function takes no keyword
    except expat.ExpatError as error:
        message = f"The file is damaged: {expat.ErrorString(error.code)}. Download it again, or export it again."
        raise DocumentError("document_invalid", message) from None
    except (ValueError, LookupError) as error:
        raise DocumentError("document_invalid", "The file is damaged: its encoding is unknown.") from error


def _refuse(*_: object) -> NoReturn:
    raise DocumentError("document_unsafe", "The file declares entities, which are not expanded. Nothing was read.")


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
