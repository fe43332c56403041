"""Fixtures of voices, compiled once for all tests."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def small_voice(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of a small compiled voice with random weights, of a kind of ``coqui_voices.KINDS``."""
    from synthesis.voices.compiler.compiler import compile_voice
    from tests.synthesis.voices.coqui_voices import make_voice

    @cache
    def made(kind: str) -> Path:
        folder = make_voice(tmp_path_factory.mktemp("voices") / "small", kind)
        compile_voice(folder)
        return folder

    return made
