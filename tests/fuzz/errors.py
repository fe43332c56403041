"""What holds for every refusal."""

import json

from synthesis.errors import SpeechError
from themes.errors import ThemeError


def well_formed(error: SpeechError | ThemeError) -> None:
    """A code for programs, a sentence for people that repeats little of what was sent, facts that JSON can carry."""
    assert error.code.replace("_", "").isascii()
    assert error.code.replace("_", "").isalnum()
    assert 0 < len(error.message) < 2000
    assert error.param is None or len(error.param) < 200
    json.dumps({"message": error.message, "param": error.param, **error.details}, allow_nan=False).encode()
