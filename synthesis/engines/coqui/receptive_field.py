"""Receptive fields of the networks: the context for which a window equals the same part of the whole.

Pure: hyperparameters in, frames or samples out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from synthesis.errors import VoiceError

EDGE_KERNEL = 7
"""Kernel size of the decoder's first and last convolutions, the same in every HiFi-GAN."""


@dataclass(frozen=True, slots=True)
class FlowShape:
    """The hyperparameters of a flow that determine its receptive field."""

    kernel: int
    dilation_rate: int
    layers: int
    couplings: int

    @property
    def context(self) -> int:
        """Return the context in frames on each side of a frame that the flow's output depends on."""
        return self.couplings * self._coupling_reach

    @property
    def margins(self) -> tuple[int, ...]:
        """Return the context in frames on each side that is still needed after each coupling, in execution order."""
        return tuple(later * self._coupling_reach for later in reversed(range(self.couplings)))

    @property
    def _coupling_reach(self) -> int:
        return sum(_reach(self.kernel, self.dilation_rate**layer) for layer in range(self.layers))


@dataclass(frozen=True, slots=True)
class DecoderShape:
    """The hyperparameters of a HiFi-GAN decoder that determine its receptive field."""

    resblock_type: str
    resblock_kernels: Sequence[int]
    resblock_dilations: Sequence[Sequence[int]]
    strides: Sequence[int]
    upsample_kernels: Sequence[int]

    @property
    def context(self) -> int:
        """Return the context in frames on each side of a frame that its samples depend on.

        Raises ``VoiceError`` ``voice_invalid`` if an upsampling is not aligned with the frame grid.
        """
        return self._walk()[0]

    @property
    def margins(self) -> tuple[int, ...]:
        """Return the samples on each side that are needed after each upsampling, at its rate, in execution order."""
        return self._walk()[1]

    def _walk(self) -> tuple[int, tuple[int, ...]]:
        """Return context and margins by walking back from a window's samples to its latents.

        A convolution widens the range by its reach; a transposed one maps it to the coarser grid.
        """
        margins: list[int] = []
        needed = _reach(EDGE_KERNEL)
        for stride, kernel in zip(reversed(self.strides), reversed(self.upsample_kernels), strict=True):
            if kernel < stride or (kernel - stride) % 2:
                raise VoiceError(
                    "voice_invalid", f"An upsampling rate of {stride} does not fit a kernel size of {kernel}."
                )
            needed += self._resblock_reach
            margins.append(needed)
            # The padding is the same on both sides of the window, which begins and ends on the coarser grid.
            needed = (needed + kernel - 1 - (kernel - stride) // 2) // stride
        return needed + _reach(EDGE_KERNEL), tuple(reversed(margins))

    @property
    def _resblock_reach(self) -> int:
        # Blocks of type 1 follow each dilated convolution with a plain one.
        plain = self.resblock_type == "1"
        blocks = zip(self.resblock_kernels, self.resblock_dilations, strict=True)
        return max(sum(_reach(kernel, d) + plain * _reach(kernel) for d in dilations) for kernel, dilations in blocks)


def _reach(kernel: int, dilation: int = 1) -> int:
    return (kernel - 1) * dilation // 2
