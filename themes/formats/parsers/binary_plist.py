"""Parses binary property lists as data. Pure.

``plistlib`` trusts the file: references can nest a few bytes into billions of values, a string can be read many times,
and recursion ends in ``RecursionError``. This parser counts every value that it returns, bounds depth and sizes, and
follows references only within the file. Format: CFBinaryPList.c of Apple's Core Foundation.
"""

import struct
from dataclasses import dataclass
from typing import Any

from themes.errors import ThemeError
from themes.formats.decoding import unreadable_file
from themes.formats.parsed import ITEMS, ParsedMapping

MAGIC = b"bplist0"
_TRAILER = struct.Struct(">6xBBQQQ")
_MAX_VALUES = 20_000
_DEEPEST = 16
_LONGEST = 8192
"""Bytes of a string or of data that are read."""
_MAX_BYTES = 512 * 1024
"""Bytes of all strings and data, because many objects can have the same content."""
_FIXED = {0x00: None, 0x08: False, 0x09: True}
_FLOATS = {2: ">f", 3: ">d"}


@dataclass(frozen=True, slots=True)
class Uid:
    """A reference between the objects of a keyed archive."""

    number: int


def parse(data: bytes) -> ParsedMapping:
    """Parse the dictionary or the list of a binary property list. Raises ``ThemeError`` ``file_unreadable``."""
    value = load(data)
    if isinstance(value, list):
        value = {ITEMS: value}
    if not isinstance(value, dict):
        raise _malformed()
    return ParsedMapping(value, {}, syntax="plist")


def load(data: bytes) -> Any:
    """Return the top object. Raises ``ThemeError`` ``file_unreadable``."""
    try:
        return _Reader(data).top()
    except (struct.error, IndexError, UnicodeDecodeError, TypeError, OverflowError):
        raise _malformed() from None


class _Reader:
    """Reads objects by their numbers in the offset table, which ends the file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        if not data.startswith(MAGIC) or len(data) < len(MAGIC) + 1 + _TRAILER.size:
            raise _malformed()
        self.offset_size, self.reference_size, self.count, self.first, self.table = _TRAILER.unpack(
            data[-_TRAILER.size :]
        )
        sizes_fit = 1 <= self.offset_size <= 8 and 1 <= self.reference_size <= 8
        if not sizes_fit or self.table + self.count * self.offset_size > len(data) - _TRAILER.size:
            raise _malformed()
        self.values = 0
        self.bytes = 0

    def top(self) -> Any:
        return self._object(self.first, 0)

    def _object(self, number: int, depth: int) -> Any:
        self.values += 1
        if self.values > _MAX_VALUES:
            raise unreadable_file("The binary property list has too many values.")
        if depth > _DEEPEST:
            raise unreadable_file("The binary property list is nested too deeply.")
        if number >= self.count:
            raise _malformed()
        place = self._integer(self.table + number * self.offset_size, self.offset_size)
        marker = self.data[place]
        kind, low = marker >> 4, marker & 0xF
        place += 1
        if kind == 0x0:
            return _FIXED[marker] if marker in _FIXED else self._fail()
        if kind == 0x1 and low <= 4:
            return self._number(place, 1 << low)
        if kind == 0x2 and low in _FLOATS:
            return struct.unpack_from(_FLOATS[low], self.data, place)[0]
        if kind == 0x3:
            return None  # A date, which no theme has.
        if kind == 0x8:
            return Uid(self._integer(place, low + 1))
        if kind not in (0x4, 0x5, 0x6, 0xA, 0xD):
            return self._fail()
        size, place = self._size(low, place)
        return self._sized(kind, size, place, depth)

    def _sized(self, kind: int, size: int, place: int, depth: int) -> Any:
        """Read data, a string, a list or a dictionary."""
        width = {0x4: 1, 0x5: 1, 0x6: 2, 0xA: self.reference_size, 0xD: 2 * self.reference_size}[kind]
        if place + size * width > len(self.data):
            raise _malformed()
        if kind in (0x4, 0x5, 0x6):
            content = self.data[place : place + min(size * width, _LONGEST)]
            self.bytes += len(content)
            if self.bytes > _MAX_BYTES:
                raise unreadable_file("The binary property list has too much text.")
            encoding = {0x5: "ascii", 0x6: "utf-16-be"}.get(kind)
            return content.decode(encoding, "replace") if encoding else content
        references = [
            self._integer(place + step * self.reference_size, self.reference_size)
            for step in range(min(size * (2 if kind == 0xD else 1), _MAX_VALUES))
        ]
        if kind == 0xA:
            return [self._object(number, depth + 1) for number in references]
        keys = [self._object(number, depth + 1) for number in references[:size]]
        if not all(isinstance(key, str) for key in keys):
            raise _malformed()
        return {key: self._object(number, depth + 1) for key, number in zip(keys, references[size:], strict=True)}

    def _size(self, low: int, place: int) -> tuple[int, int]:
        """Return the size of an object and where its content starts; 15 means that an integer follows."""
        if low != 0xF:
            return low, place
        marker = self.data[place]
        if marker >> 4 != 0x1 or marker & 0xF > 3:
            raise _malformed()
        width = 1 << (marker & 0xF)
        return self._integer(place + 1, width), place + 1 + width

    def _number(self, place: int, width: int) -> float:
        # Integers of eight bytes and more are signed.
        return float(int.from_bytes(self._bytes(place, width), "big", signed=width >= 8))

    def _integer(self, place: int, width: int) -> int:
        return int.from_bytes(self._bytes(place, width), "big")

    def _bytes(self, place: int, width: int) -> bytes:
        if place < 0 or place + width > len(self.data):
            raise _malformed()
        return self.data[place : place + width]

    def _fail(self) -> Any:
        raise _malformed()


def _malformed() -> ThemeError:
    return unreadable_file("The binary property list is malformed.")
