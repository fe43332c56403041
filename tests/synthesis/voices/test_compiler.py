"""The compiler: its files, no partial output after errors, and graphs equal to Coqui's network."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synthesis.audio.loudness import MAX_GAIN, MIN_GAIN
from synthesis.engines.coqui.engine import CoquiEngine
from synthesis.engines.onnx import OnnxEngine
from synthesis.errors import VoiceError
from synthesis.voice_files.manifest import (
    CONFIG_FILE,
    DECODER_FILE,
    ENCODER_FILE,
    FLOW_FILE,
    MANIFEST_FILE,
    WEIGHTS_FILE,
    VoiceManifest,
)
from synthesis.voices.compiler import compiler
from synthesis.voices.compiler.compiler import compile_voice
from synthesis.voices.self_test import run_self_test
from tests.synthesis.voices.coqui_voices import KINDS, coqui_says, make_voice, random_ids

MADE = {ENCODER_FILE, FLOW_FILE, DECODER_FILE, MANIFEST_FILE}
SmallVoice = Callable[[str], Path]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_compiler_writes_graphs_and_manifest(tmp_path: Path) -> None:
    folder = make_voice(tmp_path / "voice", "speakers")
    steps: list[str] = []
    manifest = compile_voice(folder, progress=steps.append)
    assert set(contents(folder)) == MADE | {CONFIG_FILE, WEIGHTS_FILE}
    assert VoiceManifest.read(folder) == manifest
    assert (manifest.language, manifest.espeak_voice) == ("en-GB", "en")
    assert manifest.speakers == ("alice", "bob", "charlie")
    assert (manifest.sample_rate, manifest.hop_length, manifest.latent_channels) == (16_000, 8, 16)
    assert (manifest.noise_scale, manifest.noise_scale_duration, manifest.length_scale) == (0.6, 0.7, 1.1)
    assert MIN_GAIN <= manifest.gain <= MAX_GAIN
    assert len(steps) > 3


def test_a_failed_installation_preserves_the_previous_voice(
    tmp_path: Path, small_voice: SmallVoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(small_voice("medium"), tmp_path / "voice")
    before = contents(folder)

    def fail(*_given: object) -> float:
        raise VoiceError("voice_invalid", "It makes no sound.")

    monkeypatch.setattr(compiler, "measure_gain", fail)
    with pytest.raises(VoiceError):
        compile_voice(folder)
    assert contents(folder) == before


@pytest.mark.parametrize(
    "network",
    [
        {"use_language_embedding": True},
        {"encoder_sample_rate": 8_000, "interpolate_z": True},
        {"use_d_vector_file": True},
    ],
    ids=lambda network: next(iter(network)),
)
def test_networks_that_cannot_be_compiled_are_rejected(tmp_path: Path, network: dict[str, object]) -> None:
    folder = make_voice(tmp_path / "voice")
    config = json.loads((folder / CONFIG_FILE).read_text())
    config["model_args"] |= network
    (folder / CONFIG_FILE).write_text(json.dumps(config))
    before = contents(folder)
    with pytest.raises(VoiceError) as refusal:
        compile_voice(folder)
    assert refusal.value.code == "voice_invalid"
    assert contents(folder) == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("noise", [False, True], ids=["silent", "noisy"])
def test_both_engines_say_what_coqui_says(
    kind: str, noise: bool, small_voice: SmallVoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_voice(kind)
    manifest = VoiceManifest.read(folder)
    speaker = 2 if manifest.speakers else 0
    engines = [OnnxEngine(folder, manifest, noise=noise), CoquiEngine(folder, manifest, device="cpu", noise=noise)]
    # Coqui fails on a single frame, so the next test covers a single id.
    for count in (2, 3, 9, 40, 600):
        ids = random_ids(count)
        expected, durations = coqui_says(folder, ids, speaker, 1.0, noise=noise, monkeypatch=monkeypatch)
        for engine in engines:
            latents = engine.encode(ids, speaker, 1.0)
            assert latents.durations.tolist() == durations.tolist()
            np.testing.assert_allclose(engine.decode(latents, 0, latents.frames), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_one_id_is_enough(kind: str, small_voice: SmallVoice) -> None:
    folder = small_voice(kind)
    manifest = VoiceManifest.read(folder)
    onnx, coqui = OnnxEngine(folder, manifest), CoquiEngine(folder, manifest, device="cpu")
    spoken = [engine.decode(latents := engine.encode([4], 0, 1.0), 0, latents.frames) for engine in (onnx, coqui)]
    np.testing.assert_allclose(spoken[0], spoken[1], rtol=0, atol=1e-5)


@pytest.mark.voice
def test_the_real_voice_says_what_coqui_says(joe_voice_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = VoiceManifest.read(joe_voice_dir)
    ids = random_ids(120, 100)
    expected, durations = coqui_says(joe_voice_dir, ids, 0, 1.0, noise=False, monkeypatch=monkeypatch)
    engine = OnnxEngine(joe_voice_dir, manifest, noise=False)
    latents = engine.encode(ids, 0, 1.0)
    assert latents.durations.tolist() == durations.tolist()
    np.testing.assert_allclose(engine.decode(latents, 0, latents.frames), expected, rtol=0, atol=1e-4)


def test_a_voice_of_a_language_that_espeak_has_not_is_refused(tmp_path: Path) -> None:
    folder = make_voice(tmp_path / "voice")
    config = json.loads((folder / CONFIG_FILE).read_text("utf-8"))
    (folder / CONFIG_FILE).write_text(json.dumps({**config, "phoneme_language": "xx-klingon"}), "utf-8")
    with pytest.raises(VoiceError, match='no voice or language "xx-klingon"') as caught:
        compile_voice(folder)
    assert caught.value.code == "language_unsupported"
    assert not (folder / MANIFEST_FILE).exists()


def test_the_check_speaks_the_voices_language(tmp_path: Path) -> None:
    folder = make_voice(tmp_path / "voice")
    manifest = compile_voice(folder)
    assert run_self_test(folder).real_time_factor > 0
    replace(manifest, espeak_voice="xx-klingon").write(folder)
    with pytest.raises(VoiceError, match="xx-klingon"):
        run_self_test(folder)
    replace(manifest, phoneme_ids={"_": (0,), "^": (1,), "$": (2,), "☃": (3,)}).write(folder)
    with pytest.raises(VoiceError, match="no symbol for any phoneme"):
        run_self_test(folder)
