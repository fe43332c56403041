"""Tests the bounds of the parsers: sizes, depth, references, and time that grows with the size only."""

import plistlib
import struct
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.themes.formats.test_hostile import refusal
from tests.themes.formats.test_reading import preset_file
from tests.themes.formats.test_terminals import FILES
from tests.timing import takes_at_most
from themes import formats
from themes.errors import ThemeError
from themes.formats.parsers import binary_plist
from themes.schema import MAX_THEME_BYTES, ThemeData

PRESET = plistlib.loads(preset_file({}).encode())


def binary(objects: list[bytes], *, offset_size: int = 2, count: int | None = None, table: int | None = None) -> bytes:
    """Return a binary property list of raw objects, whose references are two bytes long; the first is the top."""
    body, offsets = b"bplist00", []
    for raw in objects:
        offsets.append(len(body))
        body += raw
    places = b"".join(place.to_bytes(offset_size, "big") for place in offsets)
    said = len(objects) if count is None else count
    return body + places + struct.pack(">6xBBQQQ", offset_size, 2, said, 0, len(body) if table is None else table)


def array(*references: int) -> bytes:
    head = bytes([0xA0 | len(references)]) if len(references) < 15 else b"\xaf\x11" + struct.pack(">H", len(references))
    return head + b"".join(struct.pack(">H", number) for number in references)


def read_or_refused(data: bytes) -> ThemeData | None:
    """Return the theme, ``None`` if the file was refused with a message."""
    try:
        return formats.read(data).theme
    except ThemeError as error:
        if len(error.message) >= 400:
            raise
    return None


def is_read_within(limit_s: float, data: bytes) -> bool:
    """Return whether reading a file, which may be refused, takes at most that much processor time."""
    return takes_at_most(limit_s, lambda: read_or_refused(data))


class TestBinaryPropertyLists:
    """Reads each value of the file once, even if several objects refer to it."""

    def test_every_kind_of_value(self) -> None:
        value = {"a": [1, -1, 2**40, True, False, 0.5, "é", b"x", "long" * 20], "b": {"c": plistlib.UID(300)}}
        found = binary_plist.load(plistlib.dumps(value, fmt=plistlib.FMT_BINARY))
        assert found == {"a": value["a"], "b": {"c": binary_plist.Uid(300)}}

    @pytest.mark.parametrize(
        "data",
        [
            # Each list contains the next one many times: billions of values in a few bytes.
            binary([array(*[place + 1] * 100) for place in range(12)] + [b"\x08"]),
            # A list contains itself.
            binary([array(0)]),
            binary([array(0, 0, 0, 0)]),
            # One text is read by many objects.
            binary([array(*range(1, 4000)), *[b"\x5f\x11\x1f\x40"] * 3999, b"x" * 9000]),
            # The table, a text or a list is longer than the file.
            binary([b"\x08"], count=2**60),
            binary([b"\x08"], count=1_000_000),
            binary([b"\x08"], table=2**63),
            binary([b"\x5f\x13" + b"\x7f" * 8]),
            binary([b"\x4f\x12\xff\xff\xff\xff"]),
            binary([b"\xaf\x12\xff\xff\xff\xff"]),
            binary([b"\xdf\x12\xff\xff\xff\xff"]),
            binary([array(9)]),
            binary([b"\xd1\x00\x01\x00\x02", b"\x08", b"\x08"]),
            binary([b"\x77"]),
            binary([b"\x5f\x5f"]),
            binary([]),
            b"bplist00",
            b"bplist00" + b"\xff" * 40,
        ],
    )
    def test_bombs_and_malformed_files(self, data: bytes) -> None:
        tracemalloc.start()
        error = refusal(data)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert error.code in ("file_unreadable", "format_unknown")
        assert peak < 20_000_000

    @pytest.mark.parametrize("references", [(1,) * 100, (0, 0)])
    def test_bombs_are_refused_in_time(self, references: tuple[int, ...]) -> None:
        objects = [array(*(place + number for number in references)) for place in range(12)]
        assert is_read_within(1, binary([*objects, b"\x08"]))

    @given(st.integers(8, 10_000), st.binary(min_size=1, max_size=8))
    @settings(max_examples=300, deadline=None)
    def test_any_changed_file_is_read_or_refused(self, place: int, put: bytes) -> None:
        data = plistlib.dumps(PRESET, fmt=plistlib.FMT_BINARY)
        place %= len(data)
        read_or_refused(data[:place] + put + data[place + len(put) :])

    def test_a_large_file_is_refused_before_it_is_parsed(self) -> None:
        assert refusal(b"bplist00" + b"x" * MAX_THEME_BYTES).code == "file_too_large"


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 20_000,
        "a = " + "{a=" * 15_000,
        "[colors]\n" + "a." * 20_000 + "a = '1'",
        "a = [{" + "a." * 20_000 + "a = '1'}]",
        "[" + "a." * 20_000 + "a]",
        "module.exports = " + "{a:" * 15_000,
        "module.exports = " + "[" * 20_000,
        "{a:" * 15_000,
        "[" * 20_000,
        "a: " + "[" * 20_000,
        "- " * 20_000,
        "<plist>" + "<array>" * 7_000,
    ],
)
def test_nested_files_are_refused_in_time(text: str) -> None:
    assert refusal(text).code in ("file_unreadable", "format_unknown")
    assert takes_at_most(2, lambda: refusal(text))


@pytest.mark.parametrize(
    "piece",
    [
        *(
            '"\\"',
            '"',
            "'",
            "`",
            "\\",
            "/*",
            "/* ",
            "//",
            "//\n",
            "{",
            "}",
            "[",
            "]",
            ",",
            ",}",
            ":",
            "{a:",
            "a:{",
            "a,",
        ),
        *(
            "<!--",
            "<!-- -->",
            "<!--\n",
            "<?xml",
            " ",
            "\t",
            "\n",
            "\\\n",
            "a.",
            "a.b.",
            "x = 1\n",
            "x: 1\n",
            "[a]\n",
            "[[",
        ),
        *(
            "#",
            "! ",
            "color1 #fff\n",
            "*.color1: #fff\n",
            "#define a b\n",
            "palette = 1=",
            "rgb(",
            "$",
            "${",
            "a=",
            "=a=b",
        ),
        *(
            "const a = {a};",
            "a=1;",
            "{a}",
            "(a)",
            "export ",
            '"a":',
            '{"a":[',
            "\ufeff",
            "é",
            "\u2028",
            "[colors]\n",
            "- ",
        ),
    ],
)
@pytest.mark.parametrize(
    "start", ["", "{", "[", '{"a": "', "<plist>", "module.exports = ", "a: ", "a = ", "! x\n", "/*"]
)
def test_time_grows_with_the_size_only(piece: str, start: str) -> None:
    text = start + piece * (40_000 // len(piece))
    assert is_read_within(2, text.encode()[:40_000])


def test_objects_that_contain_each_other_are_read_in_time() -> None:
    inner = "".join(
        f"const o{level} = {{{', '.join(f'k{key}: o{level - 1}' for key in range(200))}}};" for level in (1, 2, 3)
    )
    text = "const o0 = {};" + inner + "module.exports = {backgroundColor: '#000', colors: o3};"
    assert is_read_within(2, text.encode())
    cycle = "const a = {backgroundColor: '#000', colors: a, foregroundColor: a};"
    assert is_read_within(2, cycle.encode())


@given(st.sampled_from(sorted(FILES)), st.integers(0, 5_000), st.integers(0, 40), st.text(max_size=12))
@settings(max_examples=300, deadline=None)
def test_any_mutation_of_a_file_raises_only_theme_errors(name: str, start: int, cut: int, put: str) -> None:
    text = FILES[name]
    place = start % len(text)
    data = (text[:place] + put + text[place + cut :]).encode(errors="surrogatepass")
    theme = read_or_refused(data)
    assert theme is None or formats.read(formats.write(theme, "alphanumeric").data).theme == theme


STARTS = [b"bplist00", b"{", b"[a]\n", b"<plist>", b"\xff\xfe", b"exports = {", b"a = "]


@given(st.binary(max_size=200), st.sampled_from(STARTS))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes, start: bytes) -> None:
    read_or_refused(start + data)


def test_a_nested_property_list_is_refused() -> None:
    text = f"<plist>{'<array>' * 20}{'</array>' * 20}</plist>"
    assert refusal(text).code == "file_unreadable"
