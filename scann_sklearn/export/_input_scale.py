"""How features become integers: offset and step of each, chosen on calibration data."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.export._fixed_point import InputScale

_TAILS = (0.0, 0.001, 0.01)  # shares of the calibration data that may be cut off on each side
FARTHEST = 10  # widths of a feature's range: an outlier is what lies farther


def input_scale(values: np.ndarray, bits: int) -> InputScale:
    """Choose offset and step of each input.

    Whole numbers keep a step that is a power of two, so that they are exact, and the offset 0 where
    they fit without one. For others the range with the smallest mean absolute error is mapped to
    all integers. A single outlier doesn't stretch it, however far it lies: no error counts as more
    than ten widths of the range without the longest tails.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_inputs)
        Calibration data of the features that are read.
    bits : int
        8 or 16.

    Returns
    -------
    scale : InputScale
        The scale.
    """
    limit = 2 ** (bits - 1) - 1
    chosen = [_whole_scale(column, limit) or _real_scale(column, limit) for column in values.T]
    common = _whole_scale(values.ravel(), limit) if values.size else None
    if common and common[1] <= 2 * min(step for _, step in chosen):  # one rule for all is simpler
        chosen = [common] * len(chosen)
    offset, step = np.array(chosen, float).reshape(-1, 2).T
    with np.errstate(over="ignore", divide="ignore"):
        offset, step = offset.astype(np.float32), step.astype(np.float32)
        scale = InputScale(bits, offset, step, 1 / step)
    bad = ~(np.isfinite(offset) & np.isfinite(step) & np.isfinite(scale.inverse))
    if bad.any():
        column = values[:, bad.argmax()]
        raise ValueError(
            f"calibration holds a feature from {column.min():.3g} to {column.max():.3g}, whose "
            "scale doesn't fit into float32: scale X before."
        )
    return scale


def _whole_scale(column, limit) -> tuple[float, float] | None:
    low, high = column.min(), column.max()
    if (column != np.round(column)).any() or high - low > 2 * limit or abs(low + high) > 2**24:
        return None
    offset = 0.0 if max(-low, high) <= limit else np.round((low + high) / 2)
    largest = max(high - offset, offset - low, 1)
    return offset, 2.0 ** -int(np.log2(limit / largest))


def _real_scale(column, limit) -> tuple[float, float]:
    low, high = np.quantile(column, [_TAILS[-1], 1 - _TAILS[-1]])
    most = FARTHEST * (high - low) or np.inf
    choices = []
    for tail in _TAILS:
        low, high = np.quantile(column, [tail, 1 - tail])
        step = (high - low) / (2 * limit) or max(abs(low), 1.0) / limit
        offset = (low + high) / 2
        rounded = np.clip(np.round((column - offset) / step), -limit, limit) * step + offset
        choices.append((np.minimum(np.abs(rounded - column), most).mean(), offset, step))
    return min(choices)[1:]
