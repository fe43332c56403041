"""Maps the weights of a Piper ONNX file to Coqui's names."""

import re
from functools import cached_property

import numpy as np
import onnx

from synthesis.errors import VoiceError
from synthesis.voice_files.onnx_reader import OnnxFile, whole_numbers
from synthesis.voice_files.weight_norm import Array, fold_weight_norm
from synthesis.voices.importers.hyperparameters import MAX_LAYERS, ConvSteps, Shape

_PREFIXES = (
    ("text_encoder.", "enc_p."),
    ("waveform_decoder.cond_layer.", "dec.cond."),
    ("waveform_decoder.", "dec."),
    ("duration_predictor.flows.0.translation", "dp.flows.0.m"),
    ("duration_predictor.flows.0.log_scale", "dp.flows.0.logs"),
    ("duration_predictor.", "dp."),
)
_SPLINE = re.compile(r"duration_predictor\.flows\.([1-9]\d*)\.")
_COUPLING = re.compile(r"flow\.flows\.(\d+)\.")
_CONVOLUTIONS = ("Conv", "ConvTranspose")
_WEIGHT_NORM = (
    ("weight_g", "weight_v"),
    ("parametrizations.weight.original0", "parametrizations.weight.original1"),
)
MAX_DILATION = 1024


def piper_name(name: str) -> str:
    """Return Piper's name for the weight that Coqui calls ``name``.

    Piper's flow indices count the flips between couplings, Coqui's do not.
    """
    if match := _SPLINE.match(name):
        return f"dp.flows.{2 * int(match[1]) - 1}.{name[match.end() :]}"
    if match := _COUPLING.match(name):
        return f"flow.flows.{2 * int(match[1])}.{name[match.end() :]}"
    for ours, theirs in _PREFIXES:
        if name.startswith(ours):
            return theirs + name.removeprefix(ours)
    return name


class PiperWeights:
    """The weights of a Piper voice.

    Exporters fold, merge and rename weights, so each is located by its use in the graph: the input
    of a module's own convolution is that module's weight, regardless of its name.
    """

    def __init__(self, file: OnnxFile) -> None:
        self._file = file

    def get(self, name: str) -> Array | None:
        """Return the weight that Coqui calls ``name`` (weight norm folded), or ``None`` if the voice has none."""
        theirs = piper_name(name)
        module, _, leaf = theirs.rpartition(".")
        if theirs in ("enc_p.emb.weight", "emb_g.weight"):
            return self._embedding(module)
        if theirs in ("dp.flows.0.m", "dp.flows.0.logs"):
            return self._affine(leaf)
        if leaf in ("weight", "bias"):
            return self._convolution(module, leaf)
        if leaf in ("gamma", "beta"):
            return self._norm(module, leaf)
        return self._file.constant(theirs)

    def shape(self, name: str) -> Shape | None:
        """Return the shape of ``get(name)``."""
        weight = self.get(name)
        return None if weight is None else weight.shape

    @cached_property
    def steps(self) -> ConvSteps:
        """Return the strides and dilations of the convolutions, from their node attributes."""
        rates = [self._rate(f"dec.ups.{stage}") for stage in range(self._length("dec.ups.{}"))]
        blocks = self._length("dec.resblocks.{}.convs.0") or self._length("dec.resblocks.{}.convs1.0")
        kernels = blocks // max(1, len(rates))
        return ConvSteps(
            upsample_rates=tuple(rates),
            resblock_dilations=tuple(self._dilations(f"dec.resblocks.{block}") for block in range(kernels)),
            flow_dilation=self._flow_dilation(),
        )

    def _length(self, pattern: str) -> int:
        return next((index for index in range(MAX_LAYERS) if not self._node(pattern.format(index))), MAX_LAYERS)

    def _rate(self, module: str) -> int:
        node = self._node(module)
        weight = self._convolution(module, "weight")
        strides, pads = (whole_numbers(node, name) if node else () for name in ("strides", "pads"))
        kernel = 0 if weight is None else weight.shape[-1]
        if len(strides) != 1 or not 1 <= strides[0] <= kernel or pads != ((kernel - strides[0]) // 2,) * 2:
            raise VoiceError("voice_invalid", f"The decoder's upsampling \"{module}\" is not VITS's.")
        return strides[0]

    def _dilations(self, block: str) -> tuple[int, ...]:
        row = f"{block}.convs" if self._node(f"{block}.convs.0") else f"{block}.convs1"
        return tuple(self._dilation(f"{row}.{layer}") for layer in range(self._length(row + ".{}")))

    def _flow_dilation(self) -> int:
        pattern = "flow.flows.0.enc.in_layers.{}"
        layers = [self._dilation(pattern.format(layer)) for layer in range(self._length(pattern))]
        rate = layers[1] if len(layers) > 1 else 1
        if layers != [rate**layer for layer in range(len(layers))]:
            raise VoiceError("voice_invalid", "The flow's dilations are not VITS's.")
        return rate

    def _dilation(self, module: str) -> int:
        node = self._node(module)
        steps = whole_numbers(node, "dilations") if node else ()
        if len(steps) != 1 or not 1 <= steps[0] <= MAX_DILATION:
            raise VoiceError("voice_invalid", f'The convolution "{module}" has no valid dilation.')
        return steps[0]

    def _node(self, module: str) -> onnx.NodeProto | None:
        """Return the convolution of ``module``: the one it exported, or else the one that reads its named weights."""
        nodes = self._file.nodes(module, *_CONVOLUTIONS)
        for name in (f"{module}.bias", f"{module}.weight"):
            nodes = nodes or self._file.readers(name, *_CONVOLUTIONS)
        return nodes[0] if nodes else None

    def _convolution(self, module: str, leaf: str) -> Array | None:
        node = self._node(module)
        place = 1 if leaf == "weight" else 2
        if node is None or len(node.input) <= place:
            return None
        weight = self._file.constant(node.input[place])
        return self._unfolded(module) if weight is None and leaf == "weight" else weight

    def _unfolded(self, module: str) -> Array | None:
        """Return a weight that is still split into direction and magnitude."""
        for size, direction in _WEIGHT_NORM:
            g, v = self._file.constant(f"{module}.{size}"), self._file.constant(f"{module}.{direction}")
            if g is not None and v is not None:
                return fold_weight_norm(g, v)
        return None

    def _embedding(self, module: str) -> Array | None:
        """Return the embedding table that ``module`` looks up; its name in the file may belong to another weight."""
        ids = "input" if module == "enc_p.emb" else "sid"
        lookups = self._file.nodes(module, "Gather")
        lookups = lookups or [node for node in self._file.readers(ids, "Gather") if node.input[1] == ids]
        return self._file.constant(lookups[0].input[0]) if lookups else None

    def _affine(self, leaf: str) -> Array | None:
        """Return ``m`` or ``logs`` of the first flow, which inference uses as ``(x - m) * exp(-logs)``."""
        differences = self._file.nodes("dp.flows.0", "Sub") or self._file.readers("dp.flows.0.m", "Sub")
        if not differences:
            return None
        if leaf == "m":
            return self._operand(differences[0])
        products = self._file.readers(differences[0].output[0], "Mul")
        return self._log_scale(products[0]) if products else None

    def _log_scale(self, product: onnx.NodeProto) -> Array | None:
        folded = self._operand(product)
        if folded is not None:
            if not (folded > 0).all():
                raise VoiceError("voice_invalid", "The duration predictor's scale is not positive.")
            return -np.log(folded)
        exponent = next((node for name in product.input if (node := self._made_by(name, "Exp"))), None)
        if exponent is None:
            return None
        negative = self._operand(exponent)
        if negative is not None:
            return -negative
        negation = self._made_by(exponent.input[0], "Neg")
        return self._operand(negation) if negation else None

    def _made_by(self, name: str, operator: str) -> onnx.NodeProto | None:
        node = self._file.producer(name)
        return node if node is not None and node.op_type == operator else None

    def _norm(self, module: str, leaf: str) -> Array | None:
        """Return a layer norm's scale (the input of its product) or shift (the input of its last sum)."""
        for node in self._file.nodes(module, "Mul" if leaf == "gamma" else "Add"):
            operand = self._operand(node)
            if operand is not None and operand.ndim == 1:
                return operand
        return self._file.constant(f"{module}.{leaf}")

    def _operand(self, node: onnx.NodeProto) -> Array | None:
        """Return the first constant input of ``node``."""
        found = (self._file.constant(name) for name in node.input)
        return next((constant for constant in found if constant is not None), None)
