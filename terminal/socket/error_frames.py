"""Error frames, each of which is logged with its code."""

from core.errors import StorageUnavailableError
from core.logs.client_errors import client_errors
from synthesis.errors import SpeechError
from terminal.socket import protocol
from themes.errors import ThemeError


def error_frame(
    error: SpeechError | ThemeError | StorageUnavailableError,
    utterance: int | None = None,
    *,
    request_id: int | None = None,
) -> str:
    """Log the error, and return the frame as ``protocol.encode_error`` does."""
    client_errors.report("socket", error.code)
    return protocol.encode_error(error, utterance, request_id=request_id)
