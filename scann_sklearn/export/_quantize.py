"""Scales, calibrated on data, that make integers of a program."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.export._fixed_point import SLOT_MAX, SUM_LIMIT, FixedPoint, InputScale
from scann_sklearn.model._program import Program

_HEADROOM = 1.25  # of a slot over the largest value of the calibration data
_DEEPEST = 64  # slots hold at least this share of the largest sum that inputs can make
_TAILS = (0.0, 0.001, 0.01)  # shares of the calibration data that may be cut off on each side
_FARTHEST = 10  # widths of a feature's range: an outlier is what lies farther
_RIDGE = 1e-3  # of the mean variance: what calibration data don't show decides nothing
_SWEEPS = 3


def quantize_program(program: Program, X: np.ndarray, bits: int) -> FixedPoint:
    """Choose the integers of a program.

    A target's weights share one scale, as fine as their bits and sums of 32 bits allow. The scale
    of its value is a power of two times that, the finest that holds what the calibration data
    reach, with some headroom. Weights are rounded so that the sums of the calibration data change
    least, given the integers that the target receives; biases restore the mean.

    Parameters
    ----------
    program : Program
        What is computed.
    X : ndarray of shape (n_samples, n_features)
        Calibration data.
    bits : int
        8 or 16, for inputs and weights.

    Returns
    -------
    fixed : FixedPoint
        The program in integers.
    """
    X = np.asarray(X, np.float64)
    scale = input_scale(X[:, program.inputs], bits)
    calibration = _Calibration(program, scale, X)
    first_output = program.n_targets - program.n_outputs
    for t in range(first_output):
        calibration.quantize(t, calibration.finest_unit(t))
    values = {}
    if program.kind == "values":
        values = _value_scales(calibration, range(first_output, program.n_targets))
    else:
        # The units of the outputs differ by powers of two, which shifts make up for.
        units = [calibration.finest_unit(t) for t in range(first_output, program.n_targets)]
        for t, unit in enumerate(units, first_output):
            shift = min(int(np.log2(max(units) / unit)), 31)
            calibration.quantize(t, max(units) / 2.0**shift, shift)
    largest = np.abs(calibration.biases).max()
    bias_unit = 1
    while np.round(largest / bias_unit) > SLOT_MAX:
        bias_unit *= 2
    return FixedPoint(
        program,
        scale,
        weights=calibration.weights,
        biases=np.round(calibration.biases / bias_unit).astype(np.int64),
        bias_unit=bias_unit,
        shifts=calibration.shifts,
        **values,
    )


def _value_scales(calibration, outputs) -> dict[str, np.ndarray]:
    """Quantize outputs that are values: scales and offsets of their own, in floats.

    What a sum adds for all samples is part of the offset: it would take up the bits of the sum.
    """
    scale, offset = np.zeros((2, len(outputs)))
    for k, t in enumerate(outputs):
        scale[k] = calibration.finest_unit(t, with_bias=False)
        calibration.quantize(t, scale[k], shift=0)
        offset[k], calibration.biases[t] = calibration.biases[t] * scale[k], 0
    with np.errstate(over="ignore"):
        scales = {"output_scale": scale.astype(np.float32)}
        scales["output_offset"] = offset.astype(np.float32)
    if not all(np.isfinite(array).all() for array in scales.values()):
        raise ValueError(f"Values around {offset[0]:.3g} don't fit into float32: scale y before.")
    return scales


class _Calibration:
    """The calibration data on their way through a program, exactly and in integers."""

    def __init__(self, program, scale, X) -> None:
        self.program, self.limit = program, scale.limit
        self.weights = np.zeros(len(program.sources), np.int64)
        self.biases = np.zeros(program.n_targets)
        self.shifts = np.zeros(program.n_targets, np.int64)
        factor = 2 ** (16 - scale.bits)
        n = program.n_inputs
        self.exact, self.integer = program.slots(X), np.zeros((program.n_slots, len(X)))
        self.integer[:n] = scale.quantize(X[:, program.inputs]).T.astype(float) * factor
        # Far outliers saturate: what they would have been must not decide the biases.
        inputs, half = self.exact[:n].T, scale.limit * scale.step.astype(float)
        saturated = np.clip(inputs, scale.offset - half, scale.offset + half)
        is_far = np.abs(inputs - scale.offset) > _FARTHEST * 2 * half
        self.exact[:n] = np.where(is_far, saturated, inputs).T
        # A slot stands for offset + step * integer.
        self.step, self.offset = np.ones(program.n_slots), np.zeros(program.n_slots)
        self.step[:n], self.offset[:n] = 1 / (scale.inverse.astype(float) * factor), scale.offset

    def finest_unit(self, t, with_bias=True) -> float:
        """Finest unit of the sums of target t, given its sources."""
        row = self.program.row(t)
        sources, weights = self.program.sources[row], self.program.weights[row].astype(float)
        magnitude = np.abs(weights * self.step[sources])
        bias = abs(self.program.biases[t] + weights @ self.offset[sources])
        largest_sum = magnitude.sum() * (SLOT_MAX + 1) + 1.01 * bias * with_bias
        room = SUM_LIMIT - 2.0 * (len(weights) + 1) * (SLOT_MAX + 1)  # for what rounding adds
        if room < SUM_LIMIT / 2:
            raise ValueError(
                f"Target {t} has {len(weights)} connections: too many for fixed point, whose sums "
                "have 32 bits. Use dtype='float32'."
            )
        return max(magnitude.max(initial=0) / self.limit, largest_sum / room) or 1.0

    def quantize(self, t, unit, shift=None) -> None:
        """Choose the integers of target t; without a shift, also its slot's scale."""
        row = self.program.row(t)
        sources, weights = self.program.sources[row], self.program.weights[row].astype(float)
        sums = weights @ self.exact[sources] + self.program.biases[t]
        received = self.integer[sources]
        wanted = weights * self.step[sources] / unit
        integers = _round_weights(wanted, received, sums / unit, self.limit)
        bias = (sums / unit - integers @ received).mean()
        total = integers @ received + bias
        if shift is None:
            slot = self.program.n_inputs + t
            worst = np.abs(integers).sum() * SLOT_MAX + abs(bias)
            is_hidden = t >= self.program.n_linear
            peak = (total if is_hidden else np.abs(total)).max()
            peak = max(peak * _HEADROOM, worst / _DEEPEST)
            shift = max(0, int(np.ceil(np.log2(max(peak, 1) / SLOT_MAX))))
            bias += (1 << shift) / 2  # so that the shift rounds to the nearest
            low = 0 if is_hidden else -SLOT_MAX - 1
            shifted = np.floor((total + (1 << shift) / 2) / (1 << shift))
            self.integer[slot] = np.clip(shifted, low, SLOT_MAX)
            self.exact[slot] = np.maximum(sums, 0) if is_hidden else sums
            self.step[slot] = unit * (1 << shift)
        self.weights[row], self.biases[t], self.shifts[t] = integers, bias, shift


def _round_weights(wanted, received, sums, limit) -> np.ndarray:
    """Round weights so that sums change least, by coordinate descent from the nearest integers.

    Minimises the variance of ``sums - integers @ received`` with a little of the distance from
    what is wanted.
    """
    nearest = np.clip(np.round(wanted), -limit, limit)
    if not len(wanted):
        return nearest.astype(np.int64)
    centred = received - received.mean(axis=1, keepdims=True)
    hessian = centred @ centred.T / centred.shape[1]
    ridge = _RIDGE * max(np.trace(hessian) / len(wanted), 1.0)
    hessian[np.diag_indices_from(hessian)] += ridge
    target = centred @ (sums - sums.mean()) / centred.shape[1] + ridge * wanted
    low, high = np.maximum(nearest - 1, -limit), np.minimum(nearest + 1, limit)
    integers = nearest.copy()
    for _ in range(_SWEEPS):
        for i in range(len(integers)):
            gradient = hessian[i] @ integers - target[i]
            step = np.round(-gradient / hessian[i, i])
            integers[i] = np.clip(integers[i] + step, low[i], high[i])
    return integers.astype(np.int64)


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
    most = _FARTHEST * (high - low) or np.inf
    choices = []
    for tail in _TAILS:
        low, high = np.quantile(column, [tail, 1 - tail])
        step = (high - low) / (2 * limit) or max(abs(low), 1.0) / limit
        offset = (low + high) / 2
        rounded = np.clip(np.round((column - offset) / step), -limit, limit) * step + offset
        choices.append((np.minimum(np.abs(rounded - column), most).mean(), offset, step))
    return min(choices)[1:]
