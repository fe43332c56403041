"""The websocket protocol: parser, encoder, and agreement with docs/protocol.md."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.errors import SpeechError
from terminal.socket import protocol
from terminal.socket.protocol import SpeechCreate, encode_audio, encode_error, parse, utf16_offsets

LIMIT = 16 * 1024
PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")


def refusal(frame: str) -> SpeechError:
    with pytest.raises(SpeechError) as caught:
        parse(frame, LIMIT)
    return caught.value


def test_a_complete_create_message() -> None:
    frame = '{"type":"speech.create","id":7,"text":"Hello","voice":"joe","speaker":"bob","speed":1.5,"start":22050}'
    assert parse(frame, LIMIT) == SpeechCreate(7, "Hello", "joe", "bob", 1.5, 22050)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ('{"type":"speech.create","id":1,"text":"Hi"}', SpeechCreate(1, "Hi")),
        ('{"type":"speech.cancel","id":4294967295}', protocol.SpeechCancel(4294967295)),
        ('{"type":"speech.cancel_all"}', protocol.SpeechCancelAll()),
        ('{"type":"speech.pause"}', protocol.SpeechPause()),
        ('{"type":"speech.resume"}', protocol.SpeechResume()),
        ('{"type":"speech.played","id":2,"sample":0}', protocol.SpeechPlayed(2, 0)),
        ('{"type":"session.update","speed":2}', protocol.SessionUpdate(speed=2)),
        ('{"type":"session.ping"}', protocol.SessionPing()),
    ],
)
def test_every_message(frame: str, expected: protocol.Message) -> None:
    assert parse(frame, LIMIT) == expected


@pytest.mark.parametrize(
    ("frame", "code", "param"),
    [
        ("", "frame_invalid", None),
        ("hello", "frame_invalid", None),
        ("[]", "frame_invalid", None),
        ("null", "frame_invalid", None),
        ("[" * 16000, "frame_invalid", None),
        ('{"type":"session.ping","x":' + "1" * 5000 + "}", "frame_invalid", None),
        ('{"type":"session.update","speed":NaN}', "frame_invalid", None),
        ("{}", "type_unknown", "type"),
        ('{"type":["speech.create"]}', "type_unknown", "type"),
        ('{"type":"speech.sing"}', "type_unknown", "type"),
        ('{"type":"speech.create","id":1}', "field_missing", "text"),
        ('{"type":"speech.create","text":"Hi"}', "field_missing", "id"),
        ('{"type":"speech.create","id":1,"text":2}', "field_invalid", "text"),
        ('{"type":"speech.create","id":0,"text":"Hi"}', "field_invalid", "id"),
        ('{"type":"speech.create","id":true,"text":"Hi"}', "field_invalid", "id"),
        ('{"type":"speech.create","id":1.0,"text":"Hi"}', "field_invalid", "id"),
        ('{"type":"speech.create","id":4294967296,"text":"Hi"}', "field_invalid", "id"),
        ('{"type":"speech.create","id":1,"text":"Hi","speed":"2"}', "field_invalid", "speed"),
        ('{"type":"speech.create","id":1,"text":"Hi","speed":null}', "field_invalid", "speed"),
        ('{"type":"speech.create","id":1,"text":"Hi","start":-1}', "field_invalid", "start"),
        ('{"type":"speech.create","id":1,"text":"Hi","resume":7}', "field_invalid", "resume"),
        ('{"type":"speech.create","id":1,"text":"Hi","resume":"' + "x" * 301 + '"}', "field_invalid", "resume"),
        ('{"type":"speech.create","id":1,"text":"Hi","owner":"bob"}', "field_unknown", "owner"),
        ('{"type":"speech.pause","id":1}', "field_unknown", "id"),
    ],
)
def test_an_invalid_message_gets_a_specific_error(frame: str, code: str, param: str | None) -> None:
    error = refusal(frame)
    assert (error.code, error.param) == (code, param)


def test_the_limit_is_in_bytes() -> None:
    frame = '{"type":"speech.create","id":1,"text":"' + "é" * (LIMIT // 2) + '"}'
    assert len(frame) < LIMIT
    assert refusal(frame).code == "frame_too_large"


def test_an_error_names_the_utterance_it_is_about() -> None:
    assert refusal('{"type":"speech.create","id":9}').details["id"] == 9
    assert "id" not in refusal('{"type":"speech.create","id":"nine","text":""}').details


def test_an_error_abbreviates_the_input() -> None:
    assert len(refusal(json.dumps({"type": "x" * 9000})).message) < 100


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
frames = st.dictionaries(st.sampled_from(["id", "text", "voice", "speed", "start", "sample", "x"]), json_values)


@given(name=st.sampled_from(protocol.TYPES), fields=frames)
def test_any_object_is_parsed_or_rejected(name: str, fields: dict[str, Any]) -> None:
    try:
        message = parse(json.dumps({"type": name, **fields}), LIMIT)
    except SpeechError as error:
        json.loads(encode_error(error))
    else:
        assert isinstance(message, protocol.Message)


@given(st.text())
def test_text_other_than_json_is_rejected(frame: str) -> None:
    assert refusal(frame).code in {"frame_invalid", "type_unknown"}


def test_the_audio_header() -> None:
    frame = encode_audio(258, 3, 70000, b"\x01\x02")
    assert frame.hex() == "010100000201000003000000701101000102"


@given(st.text())
def test_offsets_are_utf_16_code_units(text: str) -> None:
    offset = utf16_offsets(text)
    for index in range(len(text) + 1):
        assert offset(index) == len(text[:index].encode("utf-16-le", "surrogatepass")) // 2


def test_the_page_lists_every_message() -> None:
    for name in protocol.TYPES:
        assert f"`{name}`" in PAGE
    said = set(re.findall(r"`((?:session|speech|theme|say)\.[a-z_]+)`", PAGE))
    source = "".join(
        (Path(protocol.__file__).parent / name).read_text()
        for name in ("speech_session.py", "consumer.py", "say_session.py", "theme_session.py", "protocol.py")
    )
    assert all(f'"{name}"' in source for name in said)


def test_the_page_lists_every_code() -> None:
    root = Path(protocol.__file__).parents[2]
    sources = [*root.glob("synthesis/**/*.py"), *root.glob("terminal/**/*.py"), *root.glob("themes/**/*.py")]
    raised = {
        code
        for path in sources
        for code in re.findall(r'(?:Speech|Text|Busy|Theme)Error\(\s*"([a-z_]+)"', path.read_text())
    }
    api_only = {"body_invalid", "body_too_large", "media_type", "model_unknown", "format_unknown"}
    # Only the HTTP routes use these codes.
    api_only |= {"file_too_large", "file_unreadable", "address_unknown", "method_unknown", "command_unknown"}
    api_only |= {"scheme_required", "scheme_unknown", "cookies_needed"}
    assert raised
    assert {code for code in raised - api_only if f"`{code}`" not in PAGE} == set()
