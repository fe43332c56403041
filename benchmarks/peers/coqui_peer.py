"""Runs Coqui's network in a separate process: ``python -m benchmarks.peers.coqui_peer FOLDER OUT``.

Reads segments as a JSON list of lists of phoneme ids, and writes their samples, without noise, to the archive ``OUT``.
"""

import json
import sys
from pathlib import Path

import numpy as np

from synthesis.engines.coqui.engine import CoquiEngine
from synthesis.voice_files.manifest import VoiceManifest


def main(folder: Path, made: Path) -> None:
    """Synthesize all segments."""
    engine = CoquiEngine(folder, VoiceManifest.read(folder), device="cpu", noise=False)
    encoded = [engine.encode(ids, 0, 1.0) for ids in json.load(sys.stdin)]
    np.savez(made, *(engine.decode(latents, 0, latents.frames) for latents in encoded))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
