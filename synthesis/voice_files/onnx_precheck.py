"""Checks an ONNX file's structure before it is parsed (denial of service by memory exhaustion).

Parsed weights take as much memory as on disk, but other elements can take some fifty times as much:
an empty node is two bytes in the file and a hundred in memory. A voice has one or two megabytes of
such structure, so a file with much more is rejected unparsed, and so is one with inconsistent
lengths.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path

from core.limits import registry
from synthesis.errors import VoiceError

MAX_BYTES = registry.MAX_ONNX_BYTES.default
MAX_STRUCTURE_BYTES = 16 * 1024 * 1024

MAX_FIELDS = 200_000
"""Maximum fields of any one message; a voice has some three thousand nodes."""

_GRAPH, _INITIALIZER = 7, 5
"""Field numbers of ONNX's ModelProto and GraphProto."""
_PAYLOADS = {4, 9}
"""Field numbers of TensorProto's float_data and raw_data."""
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
"""Protocol Buffers wire types."""


def precheck_onnx(path: Path) -> None:
    """Reject a file that cannot be a voice.

    :raises VoiceError: ``voice_too_large`` or ``voice_invalid``.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise VoiceError("voice_too_large", f"The voice is larger than {MAX_BYTES} bytes.", limit=MAX_BYTES)
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            weights = _weight_bytes(content)
    except (OSError, ValueError, IndexError) as error:
        raise VoiceError("voice_invalid", "The ONNX file is damaged or incomplete.") from error
    if size - weights > MAX_STRUCTURE_BYTES:
        raise _bloated()


def _weight_bytes(content: mmap.mmap) -> int:
    """Return the bytes of the file that are weight values."""
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
    """Yield number and span of each length-delimited field between ``start`` and ``stop``; skip other fields.

    :raises ValueError: if a field is malformed or runs past ``stop``. :raises VoiceError: if there
    are far too many fields.
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
    return VoiceError("voice_invalid", "The ONNX file has too many elements for a voice.")


def _varint(content: mmap.mmap, position: int) -> tuple[int, int]:
    """Return the varint that begins at ``position``, and the position after it."""
    value = 0
    for shift in range(0, 70, 7):
        byte = content[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ValueError(position)
