"""Compiles a Coqui checkpoint into three ONNX graphs and a manifest. Imports torch and TTS."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor, nn

from synthesis.engines.coqui.model import Vits, load_checkpoint
from synthesis.engines.coqui.networks import DecoderGraph, EncoderGraph, FlowGraph, decoder_shape, flow_shape
from synthesis.engines.onnx import OnnxEngine
from synthesis.errors import VoiceError
from synthesis.phonemes.espeak import find_voice
from synthesis.voice_files.manifest import DECODER_FILE, ENCODER_FILE, FLOW_FILE, MANIFEST_FILE, VoiceManifest
from synthesis.voices.compiler.conv2d_rewrite import conv1d_to_conv2d
from synthesis.voices.compiler.loudness_calibration import measure_gain
from synthesis.voices.importers.metadata import read_metadata

OPSET = 20
_TRACED = 40
"""Lengths of the example inputs; the graphs accept any length."""

Axes = Mapping[str, Mapping[int, str]]


def compile_voice(folder: Path, *, progress: Callable[[str], None] = lambda _step: None) -> VoiceManifest:
    """Compile the checkpoint in ``folder`` and write the graphs and ``voice.json`` into the same folder.

    ``progress`` is called with a description of each step. Files are replaced only after every step
    succeeded; ``voice.json`` is written last, so its presence marks a complete folder. Raises
    ``VoiceError`` ``voice_invalid`` for a checkpoint that cannot be compiled.
    """
    progress("reading the checkpoint")
    _, vits = load_checkpoint(folder)
    _require_supported(vits)
    manifest = _manifest(folder, vits)
    with TemporaryDirectory(dir=folder, prefix=".compiling-") as temporary:
        made = Path(temporary)
        progress("compiling the text encoder")
        _export_encoder(vits, made / ENCODER_FILE)
        progress("compiling the flow")
        _export_planar(FlowGraph(vits), vits, made / FLOW_FILE, "flowed", {3: "frames"})
        progress("compiling the decoder")
        _export_planar(DecoderGraph(vits), vits, made / DECODER_FILE, "samples", {0: "samples"})
        progress("measuring the loudness")
        manifest = replace(manifest, gain=measure_gain(OnnxEngine(made, manifest), manifest))
        manifest.write(made)
        (folder / MANIFEST_FILE).unlink(missing_ok=True)
        for name in (ENCODER_FILE, FLOW_FILE, DECODER_FILE, MANIFEST_FILE):
            (made / name).replace(folder / name)
    return manifest


def _require_supported(vits: Vits) -> None:
    args = vits.args
    unsupported = {
        "speaker embeddings from a file": args.use_d_vector_file,
        "several languages": args.use_language_embedding,
        "a separate encoder sample rate": args.encoder_sample_rate,
    }
    for feature, present in unsupported.items():
        if present:
            raise VoiceError("voice_invalid", f"The voice uses {feature}, which cannot be compiled.")


def _manifest(folder: Path, vits: Vits) -> VoiceManifest:
    known, args = read_metadata(folder), vits.args
    return VoiceManifest(
        language=known.language,
        espeak_voice=find_voice(known.espeak_voice) if known.espeak_voice else "",
        speakers=known.speakers,
        sample_rate=known.sample_rate,
        hop_length=known.hop_length,
        latent_channels=args.hidden_channels,
        flow_context=flow_shape(args, len(vits.flow.flows)).context,
        decoder_context=decoder_shape(args).context,
        phoneme_ids=known.phoneme_ids,
        noise_scale=known.noise_scale,
        noise_scale_duration=known.noise_scale_duration,
        length_scale=known.length_scale,
        default_speaker=known.default_speaker,
    )


def _export_encoder(vits: Vits, path: Path) -> None:
    given = {"ids": torch.zeros(1, _TRACED, dtype=torch.int64), "length_scale": torch.ones(1)}
    axes = {"ids": {1: "ids"}, "means": {0: "ids"}, "scales": {0: "ids"}, "frames": {0: "ids"}}
    made = ["means", "scales", "frames"]
    if vits.args.use_sdp:
        given["noise"] = torch.zeros(1, 2, _TRACED)
        axes["noise"] = {2: "ids"}
    if _condition(vits) is not None:
        given["speaker"] = torch.zeros(1, dtype=torch.int64)
        made.append("condition")
    _export(EncoderGraph(vits), given, made, axes, path)


def _export_planar(graph: nn.Module, vits: Vits, path: Path, made: str, made_axes: Mapping[int, str]) -> None:
    given = {"latents": torch.zeros(1, vits.args.hidden_channels, 1, _TRACED), "context": torch.tensor([9, 9])}
    condition = _condition(vits)
    if condition is not None:
        given["condition"] = condition
    # The network's own convolutions must not change: only the copy is rewritten.
    _export(conv1d_to_conv2d(deepcopy(graph)), given, [made], {"latents": {3: "frames"}, made: made_axes}, path)


def _condition(vits: Vits) -> Tensor | None:
    """Return an example of the speaker's condition, ``(1, speaker channels, 1, 1)``; ``None`` for a
    single-speaker voice.
    """
    return torch.zeros(1, vits.emb_g.embedding_dim, 1, 1) if hasattr(vits, "emb_g") else None


def _export(graph: nn.Module, given: Mapping[str, Tensor], made: list[str], axes: Axes, path: Path) -> None:
    with _quietly(), torch.no_grad():
        torch.onnx.export(
            graph.eval(),
            (),
            str(path),
            kwargs=dict(given),
            input_names=list(given),
            output_names=made,
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )


@contextmanager
def _quietly() -> Iterator[Any]:
    """Suppress the tracer's warnings: the shapes that they name are constants of the network."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
