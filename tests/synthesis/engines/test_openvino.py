"""OpenVINO's flow and decoder: the same audio within the precision of bfloat16, and the rule that selects them."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_django import Settings

from synthesis.engines.onnx import OnnxEngine
from synthesis.engines.openvino import OpenVinoGraph, is_worthwhile
from synthesis.errors import VoiceError
from synthesis.pipeline.windows import plan_windows
from synthesis.pool import engine_factory
from synthesis.voice_files.manifest import DECODER_FILE, VoiceManifest
from synthesis.voices.compiler.loudness_calibration import SENTENCES, segment_ids
from synthesis.voices.self_test import run_self_test
from tests.synthesis.voices.coqui_voices import random_ids

SmallVoice = Callable[[str], Path]
EXACT = partial(OpenVinoGraph, exact=True)


def engine(folder: Path, open_graph: Callable[[Path, int], OpenVinoGraph] | None = None) -> OnnxEngine:
    return OnnxEngine(folder, VoiceManifest.read(folder), open_graph=open_graph)


def whole(speaking: OnnxEngine, ids: list[int]) -> NDArray[np.float32]:
    latents = speaking.encode(ids, 0, 1.0)
    return speaking.decode(latents, 0, latents.frames)


@pytest.mark.parametrize("kind", ["medium", "high"])
def test_in_float32_the_samples_equal_onnx_runtime(kind: str, small_voice: SmallVoice) -> None:
    folder, ids = small_voice(kind), random_ids(100)
    np.testing.assert_allclose(whole(engine(folder, EXACT), ids), whole(engine(folder), ids), rtol=0, atol=1e-4)


def test_windows_equal_the_whole_segment(small_voice: SmallVoice) -> None:
    speaking, ids = engine(small_voice("medium"), EXACT), random_ids(200)
    latents = speaking.encode(ids, 0, 1.0)
    streamed = np.concatenate([speaking.decode(latents, *window) for window in plan_windows(latents.frames)])
    np.testing.assert_allclose(streamed, whole(speaking, ids), rtol=0, atol=1e-5)


def test_threads_share_a_voice(small_voice: SmallVoice) -> None:
    speaking = engine(small_voice("medium"), EXACT)
    texts = [random_ids(40 + length) for length in range(8)]
    alone = [whole(speaking, ids) for ids in texts]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(partial(whole, speaking), texts))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


@pytest.mark.voice
def test_the_real_voice_loses_no_more_than_bfloat16_does(joe_voice_dir: Path) -> None:
    """The signal-to-noise ratio is 22 to 32 dB; docs/performance.md has the perceptual measures."""
    ids = segment_ids(SENTENCES[0], VoiceManifest.read(joe_voice_dir).phoneme_ids)
    exact, fast = whole(engine(joe_voice_dir), ids), whole(engine(joe_voice_dir, OpenVinoGraph), ids)
    assert len(exact) == len(fast)
    assert 10 * np.log10((exact**2).sum() / ((exact - fast) ** 2).sum()) > 18


@pytest.mark.parametrize("damage", [None, b"", b"not a graph"], ids=["missing", "empty", "foreign"])
def test_the_error_names_a_damaged_graph(damage: bytes | None, tmp_path: Path) -> None:
    if damage is not None:
        (tmp_path / DECODER_FILE).write_bytes(damage)
    with pytest.raises(VoiceError, match=r"decoder\.onnx is missing or damaged") as caught:
        OpenVinoGraph(tmp_path / DECODER_FILE, 1)
    assert caught.value.code == "voice_invalid"


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(VoiceError, match=r"pip install '\.\[openvino\]'") as caught:
        OpenVinoGraph(tmp_path / DECODER_FILE, 1)
    assert caught.value.code == "engine_missing"


@pytest.mark.parametrize(
    ("flags", "found"),
    [("fpu avx512f avx512_bf16", True), ("fpu amx_bf16 sse", True), ("fpu avx512f", False), ("", False)],
)
def test_only_processors_with_bfloat16_instructions_gain(tmp_path: Path, flags: str, found: bool) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    assert is_worthwhile(tmp_path / "cpuinfo") is found


def test_systems_without_cpuinfo_use_the_default(tmp_path: Path) -> None:
    assert not is_worthwhile(tmp_path / "missing")


@pytest.mark.parametrize(
    ("memory_mb", "worthwhile", "chosen"), [(0, True, "onnx"), (800, True, "openvino"), (800, False, "onnx")]
)
def test_auto_selects_by_processor_and_memory(
    memory_mb: int, worthwhile: bool, chosen: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SYNTHESIS_ENGINE, settings.MEMORY_LIMIT_MB = "auto", memory_mb
    monkeypatch.setattr(engine_factory, "is_worthwhile", lambda: worthwhile)
    monkeypatch.setattr("pathlib.Path.exists", lambda _path: False)
    assert engine_factory.engine_name() == chosen


@pytest.mark.voice
def test_the_configured_engine_speaks(joe_voice_dir: Path, settings: Settings) -> None:
    settings.SYNTHESIS_ENGINE = "openvino"
    voice = engine_factory.load_voice(joe_voice_dir)
    ids = segment_ids(SENTENCES[0], voice.manifest.phoneme_ids)
    latents = voice.engine.encode(ids, 0, 1.0)
    assert np.abs(voice.engine.decode(latents, 0, latents.frames)).max() > 0.05
    assert run_self_test(joe_voice_dir).real_time_factor > 0
