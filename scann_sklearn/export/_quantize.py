"""Scales, calibrated on data, that make integers of a program."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np

from scann_sklearn.export._exit_rules import FixedExits
from scann_sklearn.export._fixed_maps import FixedMaps
from scann_sklearn.export._fixed_point import SLOT_MAX, FixedPoint, InputScale
from scann_sklearn.export._input_scale import FARTHEST, input_scale
from scann_sklearn.export._integers import best_unit, finest_shift, finest_unit, round_weights
from scann_sklearn.export._quantize_maps import image_scale, quantize_maps, some_images
from scann_sklearn.heads._exits import Exits
from scann_sklearn.model._maps import Maps
from scann_sklearn.model._program import Program


def quantize_program(program: Program, X: np.ndarray, bits: int) -> FixedPoint:
    """Choose the integers of a program.

    A target's weights share one scale, as fine as their bits and sums of 32 bits allow; the largest
    are cut off where that changes the sums of the calibration data less. The scale
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
    scale, maps, calibration = _prepare(program, X, bits)
    first_output = program.n_targets - program.n_outputs
    for t in range(first_output):
        calibration.quantize(t, calibration.best_unit(t))
    values: dict[str, Any] = {}
    if program.kind == "values":
        values = _value_scales(calibration, range(first_output, program.n_targets))
    else:
        # The units of the outputs differ by powers of two, which shifts make up for.
        units = [calibration.best_unit(t) for t in range(first_output, program.n_targets)]
        for t, unit in enumerate(units, first_output):
            shift = min(int(np.log2(max(units) / unit)), 31)
            calibration.quantize(t, max(units) / 2.0**shift, shift)
        if isinstance(head := program.head, Exits):
            values = {"exits": FixedExits(head, max(units))}
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
        maps=maps,
        **values,
    )


def _prepare(program, X, bits) -> tuple[InputScale, FixedMaps | None, _Calibration]:
    """The scale of the inputs, and of the entries that are made of them."""
    front = program.front
    if isinstance(front, Maps):
        scale, X = image_scale(front, X, bits), some_images(front, X)
        maps, step = quantize_maps(front, X, scale)
        calibration = _Calibration(program, X, scale.limit)
        calibration.integer[: program.n_entries] = maps.entries(scale.quantize(X).T.astype(int))
        calibration.step[: program.n_entries] = step
        return scale, maps, calibration
    scale = input_scale(X[:, program.inputs], bits)
    calibration = _Calibration(program, X, scale.limit)
    calibration.take_inputs(scale, X)
    return scale, None, calibration


def _value_scales(calibration, outputs) -> dict[str, np.ndarray]:
    """Quantize outputs that are values: scales and offsets of their own, in floats.

    What a sum adds for all samples is part of the offset: it would take up the bits of the sum.
    """
    scale, offset = np.zeros((2, len(outputs)))
    for k, t in enumerate(outputs):
        scale[k] = calibration.best_unit(t, with_bias=False)
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

    def __init__(self, program, X, limit) -> None:
        self.program, self.limit = program, limit
        self.weights = np.zeros(len(program.sources), np.int64)
        self.biases = np.zeros(program.n_targets)
        self.shifts = np.zeros(program.n_targets, np.int64)
        self.exact, self.integer = program.slots(X), np.zeros((program.n_slots, len(X)))
        # A slot stands for offset + step * integer.
        self.step, self.offset = np.ones(program.n_slots), np.zeros(program.n_slots)

    def take_inputs(self, scale, X) -> None:
        """Copy the inputs into the first slots."""
        factor = 2 ** (16 - scale.bits)
        n = self.program.n_inputs
        self.integer[:n] = scale.quantize(X[:, self.program.inputs]).T.astype(float) * factor
        # Far outliers saturate: what they would have been must not decide the biases.
        inputs, half = self.exact[:n].T, scale.limit * scale.step.astype(float)
        saturated = np.clip(inputs, scale.offset - half, scale.offset + half)
        is_far = np.abs(inputs - scale.offset) > FARTHEST * 2 * half
        self.exact[:n] = np.where(is_far, saturated, inputs).T
        self.step[:n], self.offset[:n] = 1 / (scale.inverse.astype(float) * factor), scale.offset

    def best_unit(self, t, with_bias=True) -> float:
        """Unit of the sums of target t, given its sources."""
        row = self.program.row(t)
        sources, weights = self.program.sources[row], self.program.weights[row].astype(float)
        bias, steps = self.program.biases[t], self.step[sources]
        whole = (bias + weights @ self.offset[sources]) * with_bias
        largest = SLOT_MAX + 1
        finest = finest_unit(weights, steps, whole, self.limit, largest, f"Target {t}")
        received, sums = self.integer[sources], weights @ self.exact[sources] + bias
        return best_unit(finest, weights * steps, received, sums, with_bias, self.limit, largest)

    def quantize(self, t, unit, shift=None) -> None:
        """Choose the integers of target t; without a shift, also its slot's scale."""
        row = self.program.row(t)
        sources, weights = self.program.sources[row], self.program.weights[row].astype(float)
        sums = weights @ self.exact[sources] + self.program.biases[t]
        received = self.integer[sources]
        wanted = weights * self.step[sources] / unit
        integers = round_weights(wanted, received, sums / unit, self.limit)
        bias = (sums / unit - integers @ received).mean()
        total = integers @ received + bias
        if shift is None:
            slot = self.program.n_entries + t
            worst = np.abs(integers).sum() * SLOT_MAX + abs(bias)
            is_hidden = t >= self.program.n_linear
            peak = (total if is_hidden else np.abs(total)).max()
            shift = finest_shift(peak, worst, SLOT_MAX)
            bias += (1 << shift) / 2  # so that the shift rounds to the nearest
            low = 0 if is_hidden else -SLOT_MAX - 1
            shifted = np.floor((total + (1 << shift) / 2) / (1 << shift))
            self.integer[slot] = np.clip(shifted, low, SLOT_MAX)
            self.exact[slot] = np.maximum(sums, 0) if is_hidden else sums
            self.step[slot] = unit * (1 << shift)
        self.weights[row], self.biases[t], self.shifts[t] = integers, bias, shift
