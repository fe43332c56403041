"""One real server for all tests of the dialects."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.server import Server
from tests.synthesis.api.real_server import new_token, serving


@pytest.fixture(scope="package")
def server(joe_voice_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield the server with the voice Joe."""
    with serving(joe_voice_dir, tmp_path_factory.mktemp("dialects")) as served:
        yield served


@pytest.fixture(scope="package")
def token(server: Server) -> str:
    """Return a token of alice."""
    return new_token(server)
