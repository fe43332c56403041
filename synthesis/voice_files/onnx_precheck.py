"""A look at an ONNX file's outline before a parser is let at it.

Parsed, the weights of a file take as much memory as on disk, but everything else can take some fifty times as much:
an empty node is two bytes in the file and a hundred in memory. A voice has a megabyte or two of such structure, so a
file with much more is refused unparsed, and so is one whose lengths do not add up.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path

from synthesis.errors import VoiceError

MAX_BYTES = 600 * 1024 * 1024
MAX_STRUCTURE_BYTES = 16 * 1024 * 1024

MAX_FIELDS = 200_000
"""In any one part of the file; a voice has some three thousand nodes."""

_GRAPH, _INITIALIZER = 7, 5
"""Field numbers in ONNX's ModelProto and GraphProto."""
_PAYLOADS = {4, 9}
"""TensorProto's float_data and raw_data."""
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
"""Protocol buffers' wire types."""


def precheck_onnx(path: Path) -> None:
    """Refuse a file that no voice could be.

    :raises VoiceError: ``voice_too_large`` or ``voice_invalid``.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise VoiceError("voice_too_large", f"The voice is larger than {MAX_BYTES} bytes.", limit=MAX_BYTES)
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            weights = _weight_bytes(content)
    except (OSError, ValueError, IndexError) as error:
        raise VoiceError("voice_invalid", "The voice is not a whole ONNX file.") from error
    if size - weights > MAX_STRUCTURE_BYTES:
        raise _bloated()


def _weight_bytes(content: mmap.mmap) -> int:
    """Bytes of the file that are values of weights."""
    total = 0
    for number, start, stop in _fields(content, 0, len(content)):
        if number == _GRAPH:
            total += sum(_payload(content, *span) for span in _initializers(content, start, stop))
    return total


def _initializers(content: mmap.mmap, start: int, stop: int) -> Iterator[tuple[int, int]]:
    for number, begin, end in _fields(content, start, stop):
        if number == _INITIALIZER:
            yield begin, end


def _payload(content: mmap.mmap, start: int, stop: int) -> int:
    return sum(end - begin for number, begin, end in _fields(content, start, stop) if number in _PAYLOADS)


def _fields(content: mmap.mmap, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Number and span of each length-delimited field between ``start`` and ``stop``; other fields are passed over.

    :raises ValueError: if a field runs past ``stop``, or is none.
    :raises VoiceError: if there are far too many.
    """
    count = 0
    while start < stop:
        key, begin = _varint(content, start)
        wire = key & 7
        if wire == _LENGTH:
            length, begin = _varint(content, begin)
            end = begin + length
            if end <= stop:
                yield key >> 3, begin, end
        elif wire == _VARINT:
            end = _varint(content, begin)[1]
        elif wire in (_FIXED64, _FIXED32):
            end = begin + (8 if wire == _FIXED64 else 4)
        else:
            raise ValueError(wire)
        if end > stop or key >> 3 == 0:
            raise ValueError(end)
        start = end
        count += 1
        if count > MAX_FIELDS:
            raise _bloated()


def _bloated() -> VoiceError:
    return VoiceError("voice_invalid", "The ONNX file holds far more structure than a voice has.")


def _varint(content: mmap.mmap, position: int) -> tuple[int, int]:
    """The number that begins at ``position``, and the position after it."""
    value = 0
    for shift in range(0, 70, 7):
        byte = content[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ValueError(position)
