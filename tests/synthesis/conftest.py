"""Voices that take a while to make, made once for all tests."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def small_voice(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a small random voice of the kind asked for (``coqui_voices.KINDS``), compiled."""
    from synthesis.voices.compiler.compiler import compile_voice
    from tests.synthesis.voices.coqui_voices import make_voice

    @cache
    def made(kind: str) -> Path:
        folder = make_voice(tmp_path_factory.mktemp("voices") / "small", kind)
        compile_voice(folder)
        return folder

    return made
