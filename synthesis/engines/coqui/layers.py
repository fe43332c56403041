"""Layers of VITS reimplemented for inference: exact, for any length, without data-dependent branches.

Coqui's own spline selects elements by a mask, and its attention branches on the length: neither
exports to ONNX.
"""

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

SPLINE_FLOOR = 1e-3
"""Minimum share of a spline's range per bin, and minimum slope."""


def relative_attention(attention: Any, hidden: Tensor) -> Tensor:
    """Compute self-attention with relative positions over ``hidden`` ``(1, channels, ids)``.

    Only neighbors up to ``reach`` away have a learned position. Computing only that band, and
    shifting it into place by reshaping, costs a constant width, while the full matrix of distances
    would have twice the sentence's length.
    """
    heads, size, reach = attention.num_heads, attention.k_channels, attention.rel_attn_window_size
    length, band = hidden.size(2), 2 * reach + 1
    query, key, value = (
        layer(hidden).view(heads, size, length) for layer in (attention.conv_q, attention.conv_k, attention.conv_v)
    )
    query = query.transpose(1, 2) / math.sqrt(size)
    near = torch.matmul(query, attention.emb_rel_k.transpose(1, 2))
    scores = torch.matmul(query, key) + _band_to_square(near, length, band, reach)
    weights = functional.softmax(scores, dim=-1)
    near = _square_to_band(weights, length, band, reach)
    mixed = torch.matmul(weights, value.transpose(1, 2)) + torch.matmul(near, attention.emb_rel_v)
    mixed = mixed.transpose(1, 2).reshape(1, heads * size, length)
    attended: Tensor = attention.conv_o(mixed)
    return attended


def _band_to_square(near: Tensor, length: int, band: int, reach: int) -> Tensor:
    """Convert ``(heads, length, band)`` by distance to ``(heads, length, length)`` by position, 0 outside the band."""
    heads, width = near.size(0), length + band
    shifted = functional.pad(near, (0, length)).view(heads, length * width)[:, : length * (width - 1)]
    return shifted.view(heads, length, width - 1)[:, :, reach : reach + length]


def _square_to_band(weights: Tensor, length: int, band: int, reach: int) -> Tensor:
    """Convert ``(heads, length, length)`` by position to ``(heads, length, band)`` by distance."""
    heads, width = weights.size(0), length + band
    wide = functional.pad(weights, (reach, reach)).view(heads, length * (width - 1))
    return functional.pad(wide, (0, length)).view(heads, length, width)[:, :, :band]


def inverse_rational_quadratic_spline(layer: Any, values: Tensor, context: Tensor, everywhere: Tensor) -> Tensor:
    """Invert a spline coupling: of ``values`` ``(1, 2, ids)``, transform the second row, given the first."""
    given, changed = values[:, :1], values[:, 1:]
    hidden = layer.convs(layer.pre(given), everywhere, g=context)
    parameters = layer.proj(hidden).transpose(1, 2)
    narrow = math.sqrt(layer.hidden_channels)
    widths, heights, slopes = parameters.split([layer.num_bins, layer.num_bins, layer.num_bins - 1], dim=2)
    inverted = invert_spline(changed.transpose(1, 2), widths / narrow, heights / narrow, slopes, layer.tail_bound)
    return torch.cat([given, inverted.transpose(1, 2)], 1)


def invert_spline(values: Tensor, widths: Tensor, heights: Tensor, slopes: Tensor, bound: float) -> Tensor:
    """Invert a monotonic rational-quadratic spline (Durkan et al., 2019) that is the identity outside ``bound``.

    ``values`` ``(1, ids, 1)``; unnormalized ``widths`` and ``heights`` ``(1, ids, bins)``,
    ``slopes`` one fewer. Every value takes the same path and the identity is selected at the end,
    so the graph has no data-dependent shape.
    """
    inner = values.clamp(-bound, bound)
    x_edges, y_edges = _edges(widths, bound), _edges(heights, bound)
    ones = torch.ones_like(slopes[..., :1])
    slopes = torch.cat([ones, functional.softplus(slopes) + SPLINE_FLOOR, ones], -1)
    chosen = (inner >= y_edges[..., 1:-1]).sum(-1, keepdim=True)

    def pick(table: Tensor) -> Tensor:
        return table.gather(-1, chosen)

    x, y = pick(x_edges[..., :-1]), pick(y_edges[..., :-1])
    width, height = pick(x_edges[..., 1:] - x_edges[..., :-1]), pick(y_edges[..., 1:] - y_edges[..., :-1])
    left, right = pick(slopes[..., :-1]), pick(slopes[..., 1:])
    steepness = height / width
    bend = (inner - y) * (left + right - 2 * steepness)
    a = bend + height * (steepness - left)
    b = height * left - bend
    c = -steepness * (inner - y)
    root = 2 * c / (-b - torch.sqrt((b * b - 4 * a * c).clamp_min(0)))
    return torch.where(values.abs() <= bound, root * width + x, values)


def _edges(unnormalized: Tensor, bound: float) -> Tensor:
    """Return the edges of the bins, ``(1, ids, bins + 1)``, from exactly ``-bound`` to ``bound``."""
    bins = unnormalized.size(-1)
    shares = SPLINE_FLOOR + (1 - SPLINE_FLOOR * bins) * functional.softmax(unnormalized, dim=-1)
    inner = torch.cumsum(shares, dim=-1)[..., : bins - 1] * (2 * bound) - bound
    outer = torch.full_like(inner[..., :1], bound)
    return torch.cat([-outer, inner, outer], -1)
