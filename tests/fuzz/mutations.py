"""Mutates inputs: changes bytes, moves pieces, and inserts sequences that often break parsers."""

import random
import re
from collections.abc import Callable, Sequence

LONGEST = 50 * 1024
NASTY = [
    *(b"0", b"-1", b"1e999", b"-1e999", b"NaN", b"Infinity", b"null", b"true", b"[]", b"{}", b'""', b"1.5"),
    *(b"4294967295", b"4294967296", b"9" * 400, b"9" * 5000, b"-" + b"9" * 330, b"1e-400", b"0x10", b"1_000"),
    *(b"[" * 60, b'{"a":' * 60, b"[" * 3000, b'{"":' * 1500, b"]" * 60, b"}", b"{", b'"', b"\\", b"'", b"`", b"<"),
    *(b'"\\ud800"', b'"\\u0000"', b'"\\U00110000"', b'"\\x00"', b"\\u202e", b"\\N", b"\xed\xa0\x80", b"\xef\xbb\xbf"),
    *(b"\xff", b"\x00", b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x80", b"\x7f", b"\xff" * 9, b"\r\n", b"\n", b"\t"),
    *(b"&#x110000;", b"&#0;", b"&amp;", b"&#99999999999999999999;", b"<![CDATA[", b"<!--", b"<?xml ", b"]]>"),
    *(
        b"<!DOCTYPE",
        b"<!ENTITY a 'b'>",
        b"%YAML 1.2\n---\n",
        b"%TAG ! !\n",
        b"!!python/none",
        b"&a",
        b"*a",
        b"? ",
        b"- ",
    ),
    *(b": ", b"#", b"|", b">", b"@", b"<<: ", b"\xe2\x80\xa8", b"\xc2\x85", b"\xf0\x9f\x98\x80", b"\xcc\x81" * 5),
    *(b"\xe2\x80\x8d", b"\x1b[31m", b"\x1b]0;", b"```", b"](", b"http://", b"12:05", b"$3.50", b"1/2", b"2024-02-30"),
    *(
        b"1,000,000",
        b"\xd9\xa1\xd9\xa2",
        b"\xc2\xbd",
        b"\xc2\xb2",
        b"IV",
        b"Dr.",
        b"...",
        b"--",
        b"@a.b",
        b"10^9",
        b"%41",
    ),
    *(b"\xe2\x81\xb5", b"\xe2\x91\xa0", b"\xe0\xa5\xa7", b"-0.0", b"1.2.3.4", b"+1-800", b"::1", b"fe80::1%eth0", b","),
]
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_QUOTED = re.compile(rb'"[^"]*"')


def mutate(seeds: Sequence[bytes], dice: random.Random) -> bytes:
    """Return one of ``seeds`` with one to five mutations."""
    data = dice.choice(seeds)
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 5))):
        data = dice.choice(_WAYS)(data, dice, seeds)
    return data[:LONGEST]


def _place(data: bytes, dice: random.Random) -> tuple[int, int]:
    start = dice.randrange(len(data) + 1)
    most = dice.choice((1, 4, 16, 200))
    return start, min(len(data), start + dice.randint(0, most))


def _flip(data: bytes, dice: random.Random, _seeds: Sequence[bytes]) -> bytes:
    if not data:
        return bytes([dice.randrange(256)])
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 8))):
        changed[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _set(data: bytes, dice: random.Random, _seeds: Sequence[bytes]) -> bytes:
    start, stop = _place(data, dice)
    return data[:start] + dice.randbytes(stop - start) + data[stop:]


def _cut(data: bytes, dice: random.Random, _seeds: Sequence[bytes]) -> bytes:
    start, stop = _place(data, dice)
    return data[:start] + data[stop:]


def _end(data: bytes, dice: random.Random, _seeds: Sequence[bytes]) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def _nasty(data: bytes, dice: random.Random, _seeds: Sequence[bytes]) -> bytes:
    start, stop = _place(data, dice)
    return data[:start] + dice.choice(NASTY) + data[dice.choice((start, stop)) :]


def _repeat(data: bytes, dice: random.Random, _seeds: Sequence[bytes]) -> bytes:
    start, stop = _place(data, dice)
    return data[:stop] + data[start:stop] * dice.choice((1, 2, 3, 20, 300)) + data[stop:]


def _move(data: bytes, dice: random.Random, _seeds: Sequence[bytes]) -> bytes:
    start, stop = _place(data, dice)
    piece, rest = data[start:stop], data[:start] + data[stop:]
    at = dice.randrange(len(rest) + 1)
    return rest[:at] + piece + rest[at:]


def _splice(data: bytes, dice: random.Random, seeds: Sequence[bytes]) -> bytes:
    other = dice.choice(seeds)
    start, stop = _place(other, dice)
    at = dice.randrange(len(data) + 1)
    return data[:at] + (other[start:stop] if dice.random() < 0.7 else other[start:])


def _swap(pattern: re.Pattern[bytes]) -> Callable[[bytes, random.Random, Sequence[bytes]], bytes]:
    def swap(data: bytes, dice: random.Random, seeds: Sequence[bytes]) -> bytes:
        found = list(pattern.finditer(data))
        if not found:
            return _nasty(data, dice, seeds)
        where, other = dice.choice(found), dice.choice(found)
        return data[: where.start()] + dice.choice((dice.choice(NASTY), other[0])) + data[where.end() :]

    return swap


_WAYS = (_flip, _set, _cut, _end, _nasty, _nasty, _repeat, _move, _splice, _swap(_NUMBER), _swap(_QUOTED))
