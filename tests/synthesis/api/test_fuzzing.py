"""Generates requests from the OpenAPI document: no answer is a server error or one that the document does not have.

``API_FUZZ_CASES`` sets the number of requests for each operation.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.server import ROOT
from tests.synthesis.api.real_server import new_token, serving

pytestmark = pytest.mark.voice

CASES = os.environ.get("API_FUZZ_CASES", "25")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def test_generated_requests(joe_voice_dir: Path, tmp_path: Path) -> None:
    with serving(joe_voice_dir, tmp_path) as server:
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "run", str(ROOT / "docs" / "openapi.json")),
            *("--url", server.url.rstrip("/"), "-H", f"Authorization: Bearer {new_token(server)}"),
            *("--checks", CHECKS, "-n", CASES, "--phases", "fuzzing", "--mode", "all"),
            # The server allows 50 a second for each address.
            *("--rate-limit", "40/s", "--no-color", "--generation-deterministic"),
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
        assert server.complaints() == ""
