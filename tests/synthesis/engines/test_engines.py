"""The engines: exact windows, the same audio on every engine and thread, and no torch import on the CPU."""

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synthesis.engines.base import SynthesisCancelled
from synthesis.engines.coqui.engine import CoquiEngine
from synthesis.engines.noise import BLOCK, duration_noise, frame_noise, seed_of
from synthesis.engines.onnx import OnnxEngine
from synthesis.engines.vits import FLOW_WINDOW, KEPT_FRAMES, VitsEngine, VitsLatents
from synthesis.errors import SpeechError, VoiceError
from synthesis.pipeline.windows import plan_windows
from synthesis.voice_files.manifest import DECODER_FILE, VoiceManifest
from synthesis.voices.compiler.loudness_calibration import SENTENCES, segment_ids
from tests.synthesis.voices.coqui_voices import KINDS, random_ids

ROOT = Path(__file__).parents[3]
SmallVoice = Callable[[str], Path]
Range = tuple[int, int]


def onnx_engine(folder: Path, *, noise: bool = True) -> OnnxEngine:
    return OnnxEngine(folder, VoiceManifest.read(folder), noise=noise)


def streamed(engine: VitsEngine, latents: VitsLatents, ranges: list[Range]) -> NDArray[np.float32]:
    return np.concatenate([engine.decode(latents, start, stop) for start, stop in ranges])


def whole(engine: VitsEngine, latents: VitsLatents) -> NDArray[np.float32]:
    return engine.decode(latents, 0, latents.frames)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", [OnnxEngine, CoquiEngine])
def test_windows_equal_the_whole_segment(
    kind: str, make: type[OnnxEngine | CoquiEngine], small_voice: SmallVoice
) -> None:
    folder = small_voice(kind)
    engine = make(folder, VoiceManifest.read(folder))
    ids = random_ids(400)
    latents = engine.encode(ids, 0, 0.5)
    assert latents.frames > 2 * FLOW_WINDOW
    expected = whole(engine, engine.encode(ids, 0, 0.5))
    assert len(expected) == latents.frames * engine.hop_length
    np.testing.assert_allclose(
        streamed(engine, latents, list(plan_windows(latents.frames))), expected, rtol=0, atol=1e-6
    )


@pytest.mark.parametrize(
    "ranges",
    [
        [(700, 720), (0, 16), (16, 700)],
        [(300, 301), (299, 300), (301, 600), (40, 50)],
        [(64, 128), (0, 64), (128, 256), (64, 128)],
    ],
    ids=["seek back", "single frames", "out of order"],
)
def test_any_range_can_be_decoded_in_any_order(ranges: list[Range], small_voice: SmallVoice) -> None:
    engine = onnx_engine(small_voice("medium"))
    latents = engine.encode(random_ids(400), 0, 0.5)
    expected = whole(engine, engine.encode(random_ids(400), 0, 0.5)).reshape(latents.frames, engine.hop_length)
    for start, stop in ranges:
        decoded = engine.decode(latents, start, stop)
        np.testing.assert_allclose(decoded, expected[start:stop].ravel(), rtol=0, atol=1e-6)


def test_a_seek_does_not_compute_earlier_frames(small_voice: SmallVoice) -> None:
    engine = onnx_engine(small_voice("medium"))
    latents = engine.encode(random_ids(400), 0, 0.5)
    engine.decode(latents, 600, 616)
    assert latents.flow_output is not None
    assert latents.flow_start > 550
    assert latents.flow_output.shape[1] < 50


def test_latents_of_a_long_segment_use_little_memory(small_voice: SmallVoice) -> None:
    engine = onnx_engine(small_voice("medium"))
    latents = engine.encode(random_ids(1_500), 0, 0.25)
    most = KEPT_FRAMES + 2 * FLOW_WINDOW
    assert latents.frames > 4 * most
    for start, stop in plan_windows(latents.frames):
        engine.decode(latents, start, stop)
        assert latents.flow_output is not None
        assert latents.flow_output.shape[1] <= most


@pytest.mark.parametrize("ends", [(-1, 4), (4, 4), (5, 4), (0, 10_000)])
def test_ranges_outside_the_segment_are_rejected(ends: Range, small_voice: SmallVoice) -> None:
    engine = onnx_engine(small_voice("medium"))
    with pytest.raises(ValueError, match="no frames"):
        engine.decode(engine.encode(random_ids(10), 0, 1.0), *ends)


def test_threads_may_share_an_engine_and_a_segment(small_voice: SmallVoice) -> None:
    engine = onnx_engine(small_voice("high"))
    ids = random_ids(300)
    expected = whole(engine, engine.encode(ids, 0, 1.0))
    latents = engine.encode(ids, 0, 1.0)
    ranges = list(plan_windows(latents.frames))
    with ThreadPoolExecutor(8) as threads:
        parts = list(threads.map(lambda ends: engine.decode(latents, *ends), ranges))
        others = list(threads.map(lambda _: whole(engine, engine.encode(ids, 0, 1.0)), range(4)))
    np.testing.assert_allclose(np.concatenate(parts), expected, rtol=0, atol=1e-6)
    for other in others:
        np.testing.assert_allclose(other, expected, rtol=0, atol=1e-6)


def test_a_cancelled_segment_is_not_decoded(small_voice: SmallVoice) -> None:
    engine = onnx_engine(small_voice("medium"))
    latents, others = (engine.encode(random_ids(30), 0, 1.0) for _ in range(2))
    expected = engine.decode(others, 0, 10)
    latents.cancel()
    with pytest.raises(SynthesisCancelled):
        engine.decode(latents, 0, 10)
    assert np.array_equal(engine.decode(others, 0, 10), expected)


@pytest.mark.voice
def test_cancelling_stops_a_decode_in_progress(joe_voice_dir: Path) -> None:
    engine = OnnxEngine(joe_voice_dir, VoiceManifest.read(joe_voice_dir))
    latents = engine.encode(random_ids(400), 0, 1.0)
    with ThreadPoolExecutor(1) as threads:
        # The whole text in one window takes seconds.
        whole_of_it = threads.submit(engine.decode, latents, 0, latents.frames)
        while latents.flow_output is None:
            threading.Event().wait(0.001)
        latents.cancel()
        with pytest.raises(SynthesisCancelled):
            whole_of_it.result()


def test_samples_are_reproducible_and_differ_between_segments(small_voice: SmallVoice) -> None:
    engine, again = onnx_engine(small_voice("speakers")), onnx_engine(small_voice("speakers"))
    ids = random_ids(30)
    first = whole(engine, engine.encode(ids, 1, 1.0))
    assert np.array_equal(first, whole(again, again.encode(ids, 1, 1.0)))
    for other in (engine.encode(ids, 2, 1.0), engine.encode(ids[::-1], 1, 1.0)):
        frames = min(other.frames, len(first) // engine.hop_length)
        assert not np.array_equal(first[: frames * engine.hop_length], engine.decode(other, 0, frames))


def test_noise_changes_the_samples_unless_disabled(small_voice: SmallVoice) -> None:
    folder, ids = small_voice("plain durations"), random_ids(30)
    noisy, plain = onnx_engine(folder), onnx_engine(folder, noise=False)
    heard = whole(noisy, noisy.encode(ids, 0, 1.0)) - whole(plain, plain.encode(ids, 0, 1.0))
    assert np.abs(heard).max() > 1e-3


@pytest.mark.parametrize("speed", [0.25, 0.7, 1.0, 1.5, 4.0])
def test_speed_is_exact(small_voice: SmallVoice, speed: float) -> None:
    folder = small_voice("medium")
    engine = OnnxEngine(folder, VoiceManifest.read(folder), noise=False)
    natural = engine.encode(random_ids(100), 0, 1.0).durations
    paced = engine.encode(random_ids(100), 0, speed).durations
    assert (paced >= 0).all()
    np.testing.assert_allclose(np.cumsum(paced), np.cumsum(natural) / speed, rtol=0, atol=0.5)


def test_speed_shortens_and_lengthens(small_voice: SmallVoice) -> None:
    engine = onnx_engine(small_voice("medium"), noise=False)
    frames = [engine.encode(random_ids(100), 0, speed).frames for speed in (4.0, 1.0, 0.25)]
    assert frames[0] < frames[1] < frames[2]
    assert frames[2] == pytest.approx(4 * frames[1], rel=0.3)


@pytest.mark.parametrize("length_scale", [float("nan"), float("inf"), 1e9, 0.0])
def test_invalid_durations_are_rejected(length_scale: float, small_voice: SmallVoice) -> None:
    folder = small_voice("medium")
    engine = OnnxEngine(folder, replace(VoiceManifest.read(folder), length_scale=length_scale))
    with pytest.raises(SpeechError) as failure:
        engine.encode(random_ids(10), 0, 1.0)
    assert failure.value.code == "engine_failed"


@pytest.mark.parametrize("damage", [None, b"", b"not a graph"], ids=["missing", "empty", "foreign"])
def test_the_error_names_a_damaged_graph(damage: bytes | None, small_voice: SmallVoice, tmp_path: Path) -> None:
    folder = small_voice("medium")
    for path in folder.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / DECODER_FILE).unlink()
    if damage is not None:
        (tmp_path / DECODER_FILE).write_bytes(damage)
    with pytest.raises(VoiceError, match=DECODER_FILE):
        onnx_engine(tmp_path)


def test_seeds_do_not_depend_on_the_process() -> None:
    assert seed_of([1, 2, 3], 0, 1.0) == 259648310995865300902702364921952883207
    assert seed_of([1, 2, 3], 0, 1) == seed_of((1, 2, 3), 0, 1.0)
    segments: list[tuple[list[int], int, float]] = [
        ([1, 2], 3, 1.0),
        ([1, 2, 3], 0, 1.0),
        ([12], 3, 1.0),
        ([1, 2], 3, 1.5),
    ]
    assert len({seed_of(*segment) for segment in segments}) == 4


@pytest.mark.parametrize("ends", [(0, 1), (5, 70), (BLOCK, 2 * BLOCK), (BLOCK - 1, 3 * BLOCK + 1), (199, 200), (9, 9)])
def test_any_range_of_noise_frames_can_be_generated(ends: Range) -> None:
    start, stop = ends
    assert np.array_equal(frame_noise(9, start, stop, 5), frame_noise(9, 0, 200, 5)[start:stop])


def test_noise_is_standard_normal_and_its_streams_differ() -> None:
    noise = frame_noise(3, 0, 1_000, 64)
    assert abs(float(noise.mean())) < 0.02
    assert abs(float(noise.std()) - 1) < 0.02
    assert not np.array_equal(noise[:BLOCK], noise[BLOCK : 2 * BLOCK])
    assert not np.array_equal(duration_noise(3, 8).ravel(), noise.ravel()[:16])
    assert duration_noise(3, 8).shape == (1, 2, 8)


@pytest.mark.voice
def test_the_real_voice_streams_exactly(joe_voice_dir: Path) -> None:
    engine = onnx_engine(joe_voice_dir)
    manifest = VoiceManifest.read(joe_voice_dir)
    ids = segment_ids(" ".join(SENTENCES), manifest.phoneme_ids)
    latents = engine.encode(ids, 0, 1.0)
    parts = streamed(engine, latents, list(plan_windows(latents.frames)))
    expected = whole(engine, engine.encode(ids, 0, 1.0))
    assert np.abs(parts - expected).max() < 1e-5
    assert 0.05 < np.abs(expected).max() < 1


@pytest.mark.voice
def test_both_engines_produce_the_same_samples_for_the_real_voice(joe_voice_dir: Path) -> None:
    manifest = VoiceManifest.read(joe_voice_dir)
    ids = segment_ids(SENTENCES[0], manifest.phoneme_ids)
    onnx, coqui = OnnxEngine(joe_voice_dir, manifest, threads=2), CoquiEngine(joe_voice_dir, manifest, device="cpu")
    latents, reference = onnx.encode(ids, 0, 1.0), coqui.encode(ids, 0, 1.0)
    assert latents.durations.tolist() == reference.durations.tolist()
    np.testing.assert_allclose(whole(onnx, latents), whole(coqui, reference), rtol=0, atol=1e-4)


@pytest.mark.voice
def test_synthesis_on_the_cpu_does_not_import_torch(joe_voice_dir: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from core.process.malloc import tune_malloc; tune_malloc()\n"
        "from synthesis.engines.onnx import OnnxEngine\n"
        "from synthesis.voice_files.manifest import VoiceManifest\n"
        "folder = Path(sys.argv[1]); engine = OnnxEngine(folder, VoiceManifest.read(folder))\n"
        "latents = engine.encode([1, 0, 20, 0, 2], 0, 1.0)\n"
        "assert engine.decode(latents, 0, latents.frames).any()\n"
        "print(sorted({'torch', 'TTS', 'onnx', 'django'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(joe_voice_dir)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
