"""Measures clicks at the seams of windows, how much installed voices differ in loudness, and the reading of texts."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from benchmarks.cases.quality import SENTENCES, level, speak, spoken_windows
from benchmarks.cases.window_accuracy import joe
from benchmarks.reading.case_files import read_cases
from benchmarks.reading.score import shares
from benchmarks.report import Benchmark, Measured, Row, Target
from project.settings import VOICES_DIR
from synthesis.engines.base import Engine
from synthesis.engines.onnx import OnnxEngine
from synthesis.text.normalization.languages import primary
from synthesis.voice_files.manifest import MANIFEST_FILE, VoiceManifest
from synthesis.voices.sample_text import sample_sentence

AROUND = 256
"""Samples before and after a seam that it is compared with: 12 ms at 22,050 Hz."""


def measure(repetitions: int) -> Measured:
    """Speak ``repetitions`` sentences, and read all cases. Raises ``NotMeasuredError``."""
    folder, manifest = joe()
    sentences = SENTENCES.read_text(encoding="utf-8").splitlines()[:repetitions]
    rows = [_seams(OnnxEngine(folder, manifest), manifest, sentences), *_voices(sentences[0]), *_reading()]
    return rows, (f"{len(sentences)} sentences.",)


def _seams(engine: Engine, manifest: VoiceManifest, sentences: Sequence[str]) -> Row:
    """Return the steps between the samples at the seams of windows and segments, relative to those around: clicks."""
    clicks: list[float] = []
    for sentence in sentences:
        for before, after in pairwise(spoken_windows(engine, manifest, sentence)):
            around = np.concatenate((before[-AROUND:], after[:AROUND])).astype(np.int32)
            steps, seam = np.abs(np.diff(around)), min(len(before), AROUND) - 1
            clicks.append(float(steps[seam] / max(1, np.delete(steps, seam).max())))
    return Row("step at a seam, of the largest step within 12 ms", "", tuple(clicks) or (0.0,), Target(1.0, on="p95"))


def _voices(english: str) -> list[Row]:
    """Return how much the loudness of installed voices differs, each with a sentence in its language."""
    levels: list[float] = []
    for file in sorted(VOICES_DIR.glob(f"*/{MANIFEST_FILE}")):
        manifest = VoiceManifest.read(file.parent)
        sentence = english if primary(manifest.language) == "en" else sample_sentence(manifest)
        levels.append(level(speak(OnnxEngine(file.parent, manifest), manifest, sentence)))
    what = f"loudness of {len(levels)} installed voices, standard deviation"
    return [Row(what, "dB", (float(np.std(levels)),))] if len(levels) > 1 else []


def _reading() -> list[Row]:
    """Return the shares of the reading cases that are read right, by language and, for all languages, by class."""
    found = shares(read_cases())
    classes: dict[str, list[float]] = {}
    for suite, by_class in found.items():
        # The classes of the other suites are kinds of input, by number.
        if "." not in suite:
            for name, share in by_class.items():
                classes.setdefault(name, []).append(share)
    rows = [Row(f"reading cases right, {suite}", "%", (by_class["all"],)) for suite, by_class in found.items()]
    return rows + [
        Row(f"reading cases right, {name}, by language", "%", tuple(each))
        for name, each in sorted(classes.items())
        if name != "all"
    ]


BENCHMARK = Benchmark(
    "clicks at seams of windows, loudness of installed voices, and reading cases by language and class", 20, measure
)
