"""``python -m tests.project.speaking_server FOLDER SECONDS``: serve from FOLDER, and speak one text.

The server then runs for SECONDS, while the test records its packets.
"""

import json
import sys
import threading
import urllib.request
from pathlib import Path

from tests.e2e.server import Server


def main(folder: Path, seconds: float) -> None:
    """Start the server, speak one text and stop. Raises any failure."""
    server = Server(folder, folder / "server.log")
    server.start()
    call = json.dumps({"model": "tts-1", "voice": "joe", "input": "Hello, alice.", "response_format": "wav"}).encode()
    speech = urllib.request.Request(  # noqa: S310 - our own server
        f"{server.url}v1/audio/speech", call, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(speech, timeout=30) as answer:  # noqa: S310 - our own server
        assert len(answer.read()) > 10_000
    threading.Event().wait(seconds)
    server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
