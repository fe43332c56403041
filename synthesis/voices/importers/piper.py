"""Imports a Piper voice: converts the VITS network of an ONNX file to a standard Coqui VITS checkpoint."""

from collections.abc import Callable
from pathlib import Path

from synthesis.errors import VoiceError
from synthesis.voice_files.checkpoint_writer import write_checkpoint
from synthesis.voice_files.network_kinds import refuse_other_graph
from synthesis.voice_files.onnx_reader import OnnxFile
from synthesis.voices.importers.coqui_config import build_coqui_config
from synthesis.voices.importers.hyperparameters import model_args
from synthesis.voices.importers.metadata import Warn, no_warning
from synthesis.voices.importers.piper_config import PiperConfig, read_piper_config
from synthesis.voices.importers.piper_weights import PiperWeights
from synthesis.voices.importers.vocabulary import vocabulary
from synthesis.voices.importers.weight_conversion import (
    LEAST_POSTERIOR_ENCODER,
    build_state_dict,
    from_original_vits,
)


def _silent(_: str) -> None:
    """Report no progress."""


def import_piper(
    onnx_path: Path,
    json_path: Path,
    folder: Path,
    *,
    progress: Callable[[str], None] = _silent,
    warn: Warn = no_warning,
    language: str = "",
) -> None:
    """Import a Piper voice: write ``config.json`` and ``model.pth`` into ``folder``, which must not exist yet.

    Coqui's own loader opens the checkpoint, and its audio is identical to the voice's.
    Training-only parts, which Piper does not export, get random weights. On failure, no files
    remain.

    :param progress: called with a short description of each step.
    :param warn: called with a sentence for each setting that is missing or does not fit.
    :param language: the voice's language, instead of the configuration's.

    :raises VoiceError: if the files are invalid or the voice is not supported; the message names
    the part.
    """
    progress("reading the voice")
    voice = read_piper_config(json_path, warn, language)
    file = OnnxFile(onnx_path)
    refuse_other_graph(file.inputs, file.modules)
    source = PiperWeights(file)
    network = model_args(source.shape, source.steps)
    rows = network["num_chars"]
    _check_fit(voice, rows, warn)
    speakers = voice.speakers((source.shape("emb_g.weight") or (1,))[0])
    words = vocabulary(voice.symbols, rows)
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
        speakers=speakers,
        default_speaker=default_speaker(voice.default_speaker, len(speakers), warn),
        espeak_voice=voice.espeak_voice,
        language=voice.language,
        phoneme_ids=voice.phoneme_ids,
        add_blank=True,
        bounds=True,
    )
    progress("converting the weights")
    weights = build_state_dict(config, lambda name: from_original_vits(name, source.get(name), network, words.rows))
    progress("writing the checkpoint")
    write_checkpoint(folder, config, weights)


def default_speaker(number: int, count: int, warn: Warn) -> int:
    """Return ``number`` if it is that of a speaker, or else the first."""
    if 0 < number < count:
        return number
    if number:
        warn(f"The default speaker {number} does not exist: the first speaker is the default.")
    return 0


def _check_fit(voice: PiperConfig, rows: int, warn: Warn) -> None:
    """Check that the JSON file matches the network."""
    highest = max((identity for ids in voice.symbols.values() for identity in ids), default=0)
    if highest >= rows or rows < 3:
        raise VoiceError(
            "voice_invalid", f"Phoneme id {highest} exceeds the voice's {rows} embeddings.", param="phoneme_id_map"
        )
    if voice.num_symbols not in (None, rows):
        warn(
            f"num_symbols is {voice.num_symbols}, but the network has {rows} symbols: if the voice speaks nonsense, "
            "the configuration is of another voice."
        )
