"""The unbatched torch engine, which runs Coqui's own network as the reference."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from synthesis.engines.coqui.model import load_checkpoint
from synthesis.engines.coqui.networks import DecoderGraph, EncoderGraph, FlowGraph
from synthesis.engines.vits import Context, EncoderOutput, VitsEngine, VitsLatents
from synthesis.voice_files.manifest import VoiceManifest


class CoquiEngine(VitsEngine):
    """The Coqui checkpoint in ``folder`` on ``device``: ``cuda``, ``cpu``, or ``auto`` for the first available.

    ``noise=False`` disables the voice's noise, for comparisons. Raises ``VoiceError``
    ``voice_invalid`` if the checkpoint is missing or damaged.
    """

    def __init__(self, folder: Path, manifest: VoiceManifest, *, device: str = "auto", noise: bool = True) -> None:
        super().__init__(manifest, noise=noise)
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        # With TF32, a window would differ from the same part of the whole by more than the tests tolerate.
        torch.backends.cudnn.allow_tf32 = False
        _, vits = load_checkpoint(folder)
        vits = vits.requires_grad_(requires_grad=False).to(device)
        self._device = device
        self._encoder, self._flow_session, self._decoder = EncoderGraph(vits), FlowGraph(vits), DecoderGraph(vits)

    @torch.inference_mode()
    def _encode(
        self, ids: NDArray[np.int64], length_scale: float, noise: NDArray[np.float32], speaker: int
    ) -> EncoderOutput:
        means, scales, frames, *condition = self._encoder(
            self._tensor(ids[np.newaxis]),
            self._tensor(np.array([length_scale], np.float32)),
            self._tensor(noise),
            self._tensor(np.array([speaker], np.int64)),
        )
        return EncoderOutput(_array(means), _array(scales), _array(frames), condition[0] if condition else None)

    @torch.inference_mode()
    def _flow(self, frames: NDArray[np.float32], context: Context, latents: VitsLatents) -> NDArray[np.float32]:
        return _array(self._flow_session(self._tensor(frames[np.newaxis]), torch.tensor(context), latents.condition)[0])

    @torch.inference_mode()
    def _decode(self, frames: NDArray[np.float32], context: Context, latents: VitsLatents) -> NDArray[np.float32]:
        # The context only determines slice bounds, so it stays on the CPU.
        return _array(self._decoder(self._tensor(frames[np.newaxis]), torch.tensor(context), latents.condition))

    def _tensor(self, array: NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(array).to(self._device)


def _array(tensor: torch.Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.cpu().numpy()
    return array
