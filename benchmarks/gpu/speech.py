"""``python -m benchmarks.gpu.speech RESULTS``: the word error rate of what the GPU engine spoke in each precision.

``benchmarks.gpu.run`` speaks the sentences of ``benchmarks quality`` where no recognizer is, and writes them to
``RESULTS/speech-PRECISION.npz``. On the CPU device, bfloat16 is computed as it is, and TF32 is imitated.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from benchmarks.cases.quality import RATE, SENTENCES, Sound, heard_words, signal_to_noise, word_errors, words_of
from synthesis.engines.base import DecodeRequest, EncodeRequest
from synthesis.engines.coqui.cuda import CudaEngine
from synthesis.phonemes.phonemizer import phonemes_to_ids, phonemize
from synthesis.pipeline.windows import plan_windows
from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import split_segments
from synthesis.voice_files.manifest import VoiceManifest

REFERENCE = "fp32"
DROPPED_BITS = 13
"""Of the 23 bits of a float32 fraction, those that TF32 has not."""


def main() -> int:
    """Recognize the sentences and print the rates. Returns 1 if there is no sound or no recognizer."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu.speech", description=__doc__)
    parser.add_argument("results", type=Path)
    folder: Path = parser.parse_args().results
    spoken = {file.stem.removeprefix("speech-"): read(file) for file in sorted(folder.glob("speech-*.npz"))}
    try:
        from pocketsphinx import Decoder
    except ImportError:
        print("pocketsphinx is missing: pip install '.[quality]'")
        return 1
    if REFERENCE not in spoken:
        print(f"{folder} has no speech-{REFERENCE}.npz")
        return 1
    sentences = SENTENCES.read_text(encoding="utf-8").splitlines()[: len(spoken[REFERENCE])]
    said = [words_of(sentence) for sentence in sentences]
    # A recognizer of its own for each: it adapts to what it has heard.
    heard_in = {
        precision: [heard_words(recognizer, sound) for sound in sounds]
        for precision, sounds in spoken.items()
        for recognizer in [Decoder(samprate=RATE, loglevel="FATAL")]
    }
    for precision, sounds in spoken.items():
        heard = heard_in[precision]
        pairs = list(zip(spoken[REFERENCE], sounds, strict=True))
        different = sum(one != other for one, other in zip(heard, heard_in[REFERENCE], strict=True))
        ratios = [signal_to_noise(*pair) for pair in pairs if not np.array_equal(*pair)]
        print(
            f"{precision}: word error rate {100 * word_errors(heard, said):.2f} %, {len(said)} sentences,"
            f" {sum(map(len, said))} words; heard differently from {REFERENCE}: {different};"
            f" signal to noise, median: {np.median(ratios) if ratios else float('inf'):.1f} dB"
        )
    return 0


def read(file: Path) -> list[Sound]:
    """Return the sounds of a file that ``write`` wrote."""
    with np.load(file) as stored:
        sounds: list[Sound] = np.split(stored["samples"], np.cumsum(stored["lengths"])[:-1])
    return sounds


def write(file: Path, sounds: Sequence[Sound]) -> None:
    """Write sounds at ``RATE`` to ``file``."""
    np.savez_compressed(file, samples=np.concatenate(sounds), lengths=[len(sound) for sound in sounds])


def speak_all(engine: CudaEngine, manifest: VoiceManifest, count: int) -> list[Sound]:
    """Return the first ``count`` sentences, in the windows in which listeners get them, at ``RATE``."""
    sentences = SENTENCES.read_text(encoding="utf-8").splitlines()[:count]
    return [soxr.resample(_speak(engine, manifest, sentence), engine.sample_rate, RATE) for sentence in sentences]


def _speak(engine: CudaEngine, manifest: VoiceManifest, sentence: str) -> NDArray[np.int16]:
    pcm = b""
    for segment in split_segments(normalize(sentence, manifest.language)):
        ids = phonemes_to_ids(phonemize(segment, manifest.espeak_voice), manifest.phoneme_ids)[0]
        [latents] = engine.encode_batch([EncodeRequest(ids, 0, 1.0)])
        if isinstance(latents, Exception):
            raise latents
        for ends in plan_windows(latents.frames, largest=engine.largest_window):
            [window] = engine.decode_pcm_batch([DecodeRequest(latents, *ends)], manifest.gain)
            if isinstance(window, Exception):
                raise window
            pcm += window
    return np.frombuffer(pcm, np.int16)


@contextmanager
def imitated(precision: str, device: str) -> Iterator[None]:
    """On the CPU device, let the decoder's convolutions round as TF32 does inside the context, if it is ``precision``.

    Products are exact and sums float32, as on tensor cores, so only the order of the sums differs.
    """
    if precision == "tf32" and device == "cpu":
        with _RoundedConvolutions():
            yield
    else:
        yield


class _RoundedConvolutions(TorchFunctionMode):
    """Rounds inputs and weights of two-dimensional convolutions, which only the decoder has."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in (functional.conv2d, functional.conv_transpose2d):
            args = (_rounded(args[0]), _rounded(args[1]), *args[2:])
        return func(*args, **(kwargs or {}))


def _rounded(values: Tensor) -> Tensor:
    """Round to the fraction of TF32, halves away from zero, as the conversion of NVIDIA's GPUs does."""
    bits = values.contiguous().view(torch.int32)
    return ((bits + (1 << (DROPPED_BITS - 1))) & -(1 << DROPPED_BITS)).view(torch.float32)


if __name__ == "__main__":
    sys.exit(main())
