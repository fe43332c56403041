"""Errors of speech requests, each with a stable code."""

from typing import Any


class SpeechError(Exception):
    """An error that is reported to the client.

    ``code`` is stable and part of the protocol (docs/protocol.md lists all codes). ``message`` is a
    complete sentence that says how to fix the problem. ``param`` names the invalid field.
    ``details`` are further JSON-ready values (``limit``, ``value``, ``choices``, ``position``,
    ``retry_after``).
    """

    def __init__(self, code: str, message: str, *, param: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.details = details


class TextError(SpeechError):
    """The text cannot be spoken; raised before any synthesis."""


class VoiceError(SpeechError):
    """A voice file or a voice name cannot be used."""


class BusyError(SpeechError):
    """The server's work queue is full; ``details["retry_after"]`` is in seconds."""
