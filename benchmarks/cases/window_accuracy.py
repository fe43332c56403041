"""Compares windows of the real voice with whole segments, and its ONNX graphs with the original network."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.clients.listener import VOICE
from benchmarks.report import Benchmark, Measured, NotMeasuredError, Row, Target
from benchmarks.server import ROOT
from benchmarks.texts import SHAPES, Texts
from project.settings import VOICES_DIR
from synthesis.engines.base import Engine
from synthesis.engines.onnx import OnnxEngine
from synthesis.phonemes.phonemizer import phonemes_to_ids, phonemize
from synthesis.pipeline.windows import plan_windows
from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import Segment, split_segments
from synthesis.voice_files.manifest import MANIFEST_FILE, VoiceManifest

WINDOWED = 1e-5
REFERENCE = 1e-4

Ids = Sequence[int]
Sound = NDArray[np.float32]


def measure(repetitions: int) -> Measured:
    """Measure the largest differences over ``repetitions`` texts of each shape. Raises ``NotMeasuredError``."""
    folder, manifest = joe()
    said = _segments(manifest, repetitions)
    engine, quiet = OnnxEngine(folder, manifest), OnnxEngine(folder, manifest, noise=False)
    windowed = [_difference(_streamed(engine, ids), _whole(engine, ids)) for ids in said]
    reference = _reference(folder, said)
    compiled = [_difference(_whole(quiet, ids), sound) for ids, sound in zip(said, reference, strict=True)]
    rows = [
        Row("windows and whole segment, largest difference", "", (max(windowed),), Target(WINDOWED, below=True)),
        Row("ONNX Runtime and Coqui, largest difference", "", (max(compiled),), Target(REFERENCE)),
    ]
    return rows, (f"{len(said)} segments. Full scale is 1; the comparison with Coqui uses no noise.",)


def joe() -> tuple[Path, VoiceManifest]:
    """Return the folder and manifest of the default voice. Raises ``NotMeasuredError``."""
    folder = VOICES_DIR / VOICE
    if not (folder / MANIFEST_FILE).exists():
        raise NotMeasuredError(f"the voice {VOICE} is not installed: start the server once")
    return folder, VoiceManifest.read(folder)


def _whole(engine: Engine, ids: Ids) -> Sound:
    """Return a segment decoded without windows."""
    latents = engine.encode(ids, 0, 1.0)
    return engine.decode(latents, 0, latents.frames)


def _streamed(engine: Engine, ids: Ids) -> Sound:
    latents = engine.encode(ids, 0, 1.0)
    return np.concatenate([engine.decode(latents, start, stop) for start, stop in plan_windows(latents.frames)])


def _reference(folder: Path, said: Sequence[Ids]) -> list[Sound]:
    """Return the same segments from Coqui, in a separate process: torch and ONNX Runtime then share no thread pool."""
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary, "made.npz")
        command = (sys.executable, "-m", "benchmarks.peers.coqui_peer", folder, made)
        # Coqui's output is shown only if it fails.
        done = subprocess.run(  # noqa: S603 - our own command
            command, cwd=ROOT, input=json.dumps(said), text=True, capture_output=True, check=False
        )
        if done.returncode:
            raise NotMeasuredError(f"Coqui: {done.stderr.strip().splitlines()[-1:]}")
        with np.load(made) as archive:
            return [archive[name] for name in archive.files]


def _difference(one: Sound, other: Sound) -> float:
    """Return the largest difference of two samples. The shorter array is padded with silence."""
    length = max(len(one), len(other))
    return float(np.abs(_padded(one, length) - _padded(other, length)).max())


def _padded(sound: Sound, length: int) -> Sound:
    return np.pad(sound, (0, length - len(sound)))


def _segments(manifest: VoiceManifest, repetitions: int) -> list[Ids]:
    texts = Texts(seed=3)
    said = [texts.text(lengths) for _ in range(repetitions) for lengths in SHAPES.values()]
    plans = [split_segments(normalize(text, manifest.language)) for text in said]
    return [_ids(segment, manifest) for plan in plans for segment in plan]


def _ids(segment: Segment, manifest: VoiceManifest) -> Ids:
    return phonemes_to_ids(phonemize(segment, manifest.espeak_voice), manifest.phoneme_ids)[0]


BENCHMARK = Benchmark("difference of windows from whole segments, and of the graphs from Coqui's network", 3, measure)
