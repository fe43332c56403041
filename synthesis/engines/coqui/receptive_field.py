"""How far each network looks: the context that makes a window exactly a part of the whole.

Pure: hyper-parameters in, frames or samples out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from synthesis.errors import VoiceError

EDGE_KERNEL = 7
"""Kernel of the decoder's first and last convolutions, the same in every HiFi-GAN."""


@dataclass(frozen=True, slots=True)
class FlowShape:
    """The hyper-parameters of a flow that decide how far it looks."""

    kernel: int
    dilation_rate: int
    layers: int
    couplings: int

    @property
    def context(self) -> int:
        """Frames on each side of a frame that the flow's output there depends on."""
        return self.couplings * self._coupling_reach

    @property
    def margins(self) -> tuple[int, ...]:
        """Frames on each side that are still needed behind each coupling, in the order in which they run."""
        return tuple(later * self._coupling_reach for later in reversed(range(self.couplings)))

    @property
    def _coupling_reach(self) -> int:
        return sum(_reach(self.kernel, self.dilation_rate**layer) for layer in range(self.layers))


@dataclass(frozen=True, slots=True)
class DecoderShape:
    """The hyper-parameters of a HiFi-GAN decoder that decide how far it looks."""

    resblock_type: str
    resblock_kernels: Sequence[int]
    resblock_dilations: Sequence[Sequence[int]]
    strides: Sequence[int]
    upsample_kernels: Sequence[int]

    @property
    def context(self) -> int:
        """Frames on each side of a frame that its samples depend on.

        Raises ``VoiceError`` ``voice_invalid`` where an upsampling does not end on the grid.
        """
        return self._walk()[0]

    @property
    def margins(self) -> tuple[int, ...]:
        """Samples on each side that are needed behind each upsampling, at its rate, in the order in which they run."""
        return self._walk()[1]

    def _walk(self) -> tuple[int, tuple[int, ...]]:
        """Go back from a window's samples to its latents: context and margins.

        A convolution widens by its reach, a transposed one maps onto the coarser grid.
        """
        margins: list[int] = []
        needed = _reach(EDGE_KERNEL)
        for stride, kernel in zip(reversed(self.strides), reversed(self.upsample_kernels), strict=True):
            if kernel < stride or (kernel - stride) % 2:
                raise VoiceError("voice_invalid", f"Upsampling {stride} times does not fit a kernel of {kernel}.")
            needed += self._resblock_reach
            margins.append(needed)
            # The padding is the same on both sides of the window, which begins and ends on the coarser grid.
            needed = (needed + kernel - 1 - (kernel - stride) // 2) // stride
        return needed + _reach(EDGE_KERNEL), tuple(reversed(margins))

    @property
    def _resblock_reach(self) -> int:
        # Type 1 follows every dilated convolution by a plain one.
        plain = self.resblock_type == "1"
        blocks = zip(self.resblock_kernels, self.resblock_dilations, strict=True)
        return max(sum(_reach(kernel, d) + plain * _reach(kernel) for d in dilations) for kernel, dilations in blocks)


def _reach(kernel: int, dilation: int = 1) -> int:
    return (kernel - 1) * dilation // 2
