"""Checks that apply to every error."""

import json

from synthesis.errors import SpeechError
from themes.errors import ThemeError


def assert_well_formed(error: SpeechError | ThemeError) -> None:
    """Check that an error has a code, a message that quotes little of the input, and details that JSON can encode."""
    assert error.code.replace("_", "").isascii()
    assert error.code.replace("_", "").isalnum()
    assert 0 < len(error.message) < 2000
    assert error.param is None or len(error.param) < 200
    json.dumps({"message": error.message, "param": error.param, **error.details}, allow_nan=False).encode()
