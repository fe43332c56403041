"""Imports a Piper voice: converts the VITS network of an ONNX file to a standard Coqui VITS checkpoint."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from synthesis.errors import VoiceError
from synthesis.voice_files.checkpoint_writer import write_checkpoint
from synthesis.voice_files.onnx_reader import OnnxFile
from synthesis.voice_files.weight_norm import Array
from synthesis.voices.importers.coqui_config import build_coqui_config
from synthesis.voices.importers.duration_predictor import fit_plain, fit_stochastic
from synthesis.voices.importers.hyperparameters import model_args
from synthesis.voices.importers.piper_config import PiperConfig, read_piper_config
from synthesis.voices.importers.piper_weights import PiperWeights
from synthesis.voices.importers.vocabulary import Vocabulary, vocabulary
from synthesis.voices.importers.weight_conversion import LEAST_POSTERIOR_ENCODER, build_state_dict


def _silent(_: str) -> None:
    """Report no progress."""


def import_piper(onnx_path: Path, json_path: Path, folder: Path, *, progress: Callable[[str], None] = _silent) -> None:
    """Import a Piper voice: write ``config.json`` and ``model.pth`` into ``folder``, which must not exist yet.

    Coqui's own loader opens the checkpoint, and its audio is identical to the voice's.
    Training-only parts, which Piper does not export, get random weights. On failure, no files
    remain.

    :param progress: called with a short description of each step.

    :raises VoiceError: if the files are invalid or the voice is not supported; the message names
    the part.
    """
    progress("reading the voice")
    voice = read_piper_config(json_path)
    source = PiperWeights(OnnxFile(onnx_path))
    network = model_args(source.shape, source.steps)
    rows = network["num_chars"]
    _check_fit(voice, rows, source)
    words = vocabulary(voice.phoneme_ids, rows)
    config = build_coqui_config(
        network={
            **network,
            "num_chars": len(words.rows),
            **LEAST_POSTERIOR_ENCODER,
            "inference_noise_scale": voice.noise_scale,
            "inference_noise_scale_dp": voice.noise_scale_duration,
            "length_scale": voice.length_scale,
        },
        characters=words.characters,
        sample_rate=voice.sample_rate,
        speakers=voice.speakers,
        espeak_voice=voice.espeak_voice,
        language=voice.language,
        phoneme_ids=voice.phoneme_ids,
        add_blank=True,
        bounds=True,
    )
    progress("converting the weights")
    weights = build_state_dict(config, lambda name: _fitted(name, source, network, words))
    progress("writing the checkpoint")
    write_checkpoint(folder, config, weights)


def _check_fit(voice: PiperConfig, rows: int, source: PiperWeights) -> None:
    """Check that the JSON file matches the network."""
    highest = max((identity for ids in voice.phoneme_ids.values() for identity in ids), default=0)
    if highest >= rows or rows < 3:
        raise VoiceError(
            "voice_invalid", f"Phoneme id {highest} exceeds the voice's {rows} embeddings.", param="phoneme_id_map"
        )
    speakers = (source.shape("emb_g.weight") or (1,))[0]
    if speakers != max(1, len(voice.speakers)):
        raise VoiceError(
            "voice_invalid", f"The voice has {speakers} speakers, not {len(voice.speakers)}.", param="num_speakers"
        )


def _fitted(name: str, source: PiperWeights, network: dict[str, Any], words: Vocabulary) -> Array | None:
    """Return the voice's weight converted for Coqui's network."""
    weight = source.get(name)
    if weight is None:
        return None
    if name == "text_encoder.emb.weight":
        return weight[list(words.rows)]
    if not name.startswith("duration_predictor."):
        return weight
    return fit_stochastic(name, weight, network["hidden_channels"]) if network["use_sdp"] else fit_plain(name, weight)
