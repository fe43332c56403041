"""Fuzz target: the socket's messages."""

import json

from synthesis.errors import SpeechError
from synthesis.limits.policy import DEFAULT_POLICY
from terminal.socket.protocol import Message, ThemeCreate, ThemeEdit, encode_error, parse, utf16_offsets
from tests.fuzz.errors import assert_well_formed
from tests.fuzz.target import Target, as_text
from themes.errors import ThemeError
from themes.schema import parse_patch, parse_theme

UUID = "0b0f7a1e-4c1d-4d0f-8a53-2f6a2f1f9d11"


def fuzz_frame(data: bytes) -> None:
    """Parse a frame as a message, and a theme in it as a theme; or expect an error."""
    frame = as_text(data)
    utf16_offsets(frame or "a")
    try:
        message = parse(frame, DEFAULT_POLICY.frame_bytes)
        assert isinstance(message, Message)
        if isinstance(message, ThemeCreate) and message.theme is not None:
            parse_theme(message.theme)
        if isinstance(message, ThemeEdit):
            parse_patch(message.patch)
    except (SpeechError, ThemeError) as error:
        assert_well_formed(error)
        json.loads(encode_error(error))


def _frames() -> list[bytes]:
    colors = {"background": "#101418", "accent": "#abc", "foreground": None}
    messages: list[dict[str, object]] = [
        {"type": "session.update", "voice": "joe", "speaker": "bob", "speed": 1.5},
        {"type": "session.ping"},
        {"type": "speech.create", "id": 7, "text": 'Hello "there" 🙂', "voice": "joe", "speed": 0.5, "start": 22050},
        {"type": "speech.cancel", "id": 4294967295},
        {"type": "speech.cancel_all"},
        {"type": "speech.played", "id": 2, "sample": 0},
        {
            "type": "theme.set",
            "request_id": 1,
            "mode": "dark",
            "dark": "ocean-dark",
            "minimum_contrast": 4.5,
            "device_only": True,
        },
        {"type": "theme.create", "request_id": 2, "id": UUID, "source": "ocean-dark", "name": "Mine", "activate": True},
        {
            "type": "theme.create",
            "request_id": 2,
            "id": UUID,
            "theme": {"name": "x", "scheme": "dark", "colors": colors},
        },
        {
            "type": "theme.edit",
            "request_id": 3,
            "id": UUID,
            "colors": colors,
            "typography": {"size": 16},
            "revision": 4,
        },
        {"type": "theme.delete", "request_id": 4, "id": UUID},
        {"type": "theme.list"},
        {"type": "theme.resume", "device": "abc:def"},
    ]
    return [json.dumps(message).encode() for message in messages]


TARGETS = {"frames": Target(fuzz_frame, _frames)}
