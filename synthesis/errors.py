"""What can be wrong with a request to speak, each with a code that programs can tell apart."""

from typing import Any


class SpeechError(Exception):
    """A refusal or a failure that the person who asked is told about.

    ``code`` is stable and part of the protocol (docs/protocol.md lists all of them); ``message`` is a whole
    sentence that says what to do; ``param`` names the field at fault; ``details`` are further JSON-ready facts
    (``limit``, ``value``, ``choices``, ``position``, ``retry_after``).
    """

    def __init__(self, code: str, message: str, *, param: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.details = details


class TextError(SpeechError):
    """The text cannot be spoken as it stands; raised before any synthesis."""


class VoiceError(SpeechError):
    """A voice file or a voice's name is not usable."""


class BusyError(SpeechError):
    """The server has as much work as it will queue; ``details["retry_after"]`` is in seconds."""
