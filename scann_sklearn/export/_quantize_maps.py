"""Scales, calibrated on images, that make integers of maps."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

import numpy as np

from scann_sklearn.export._fixed_maps import FixedBlock, FixedMaps
from scann_sklearn.export._fixed_point import SLOT_MAX, SUM_LIMIT, InputScale
from scann_sklearn.export._input_scale import input_scale
from scann_sklearn.export._integers import finest_shift, finest_unit, round_weights
from scann_sklearn.export._map_blocks import Block, blocks_of
from scann_sklearn.model._maps import Maps

_AT_ONCE = 2**23  # numbers of the largest maps of all images that are looked at
_COLUMNS = 2**16  # sums that decide how weights are rounded


def image_scale(maps: Maps, X: np.ndarray, bits: int) -> InputScale:
    """Choose one offset and step for all of an image, since a weight reads all of it.

    Parameters
    ----------
    maps : Maps
        What reads the image.
    X : ndarray of shape (n_samples, n_features)
        Calibration data.
    bits : int
        8 or 16.

    Returns
    -------
    scale : InputScale
        The scale, with an entry for each feature.
    """
    scale = input_scale(X.reshape(-1, 1), bits)
    offset, step = float(scale.offset[0]), float(scale.step[0])
    if maps.parts[0].padding and abs(offset) > scale.limit * step:  # 0 is read outside
        offset, step = 0.0, np.abs(X).max() / scale.limit
    n = X.shape[1]
    columns = (np.float32(offset), np.float32(step), 1 / np.float32(step))
    return InputScale(bits, *(np.full(n, value, np.float32) for value in columns))


def some_images(maps: Maps, X: np.ndarray) -> np.ndarray:
    """Take as many images, evenly spaced, as fit into memory with their maps.

    Parameters
    ----------
    maps : Maps
        The maps.
    X : ndarray of shape (n_samples, n_features)
        Calibration data.

    Returns
    -------
    X : ndarray of shape (n_chosen, n_features)
        Some rows, or all.
    """
    largest = max(X.shape[1], *(prod(stage.target) for stage in maps.parts))
    most = max(_AT_ONCE // largest, 100)
    if len(X) <= most:
        return X
    return X[np.linspace(0, len(X) - 1, most).astype(int)]


@dataclass(frozen=True, eq=False)
class _Layer:
    """Maps of the calibration data: exact, in integers, and what these stand for.

    An integer i of a map stands for offset + step * i.
    """

    exact: np.ndarray
    integer: np.ndarray
    step: np.ndarray
    offset: np.ndarray
    outside: int  # the integer for 0


def quantize_maps(maps: Maps, X, scale: InputScale) -> tuple[FixedMaps, np.ndarray]:
    """Choose the integers of maps, as for rows: the weights of a map share one scale.

    Maps between two convolutions have the bits of an image, with all of them above 0, those that
    rows read have 16.

    Parameters
    ----------
    maps : Maps
        What is computed.
    X : ndarray of shape (n_samples, n_features)
        Images that decide the scales.
    scale : InputScale
        Scale of an image.

    Returns
    -------
    fixed : FixedMaps
        The maps in integers.
    steps : ndarray of shape (n_entries,)
        What the integers of the last maps stand for.
    """
    shape = (*maps.image.tolist(), -1)
    n, offset, step = shape[0], float(scale.offset[0]), 1 / float(scale.inverse[0])
    outside = int(np.clip(np.round(-offset / step), -scale.limit - 1, scale.limit))
    integer = scale.quantize(X).astype(np.int64)
    layer = _Layer(
        X.T.reshape(shape),
        integer.T.reshape(shape),
        np.full(n, step),
        np.full(n, offset),
        outside,
    )
    fixed, blocks = [], blocks_of(maps)
    for number, block in enumerate(blocks):
        made, layer = _quantize(block, layer, scale.bits, is_last=number == len(blocks) - 1)
        fixed.append(made)
    area = prod(blocks[-1].target[1:])
    return FixedMaps(shape[:3], fixed), np.repeat(layer.step, area)


def _quantize(block: Block, layer: _Layer, bits, *, is_last) -> tuple[FixedBlock, _Layer]:
    """Integers of one block, and the maps that come out."""
    c, half = block.convolution, 2 ** (bits - 1)
    weights, biases, units = np.zeros(len(c.weights), np.int64), [], []
    chosen = _Columns(block, layer)
    for t in range(c.n_maps):
        own = slice(c.indptr[t], c.indptr[t + 1])
        integers, bias, unit = chosen.integers(t, own, half)
        weights[own] = integers
        biases.append(bias)
        units.append(unit)
    zero = 0 if is_last or bits == 16 or block.is_linear else half
    low = 0 if not block.is_linear else -SLOT_MAX - 1 if is_last else -half
    high = SLOT_MAX if is_last or bits == 16 else half - 1 + zero
    halvings = int(np.ceil(2 * np.log2(block.window))) if block.is_mean else 0
    made = FixedBlock(
        block,
        weights,
        np.round(biases).astype(np.int64),
        np.zeros(c.n_maps, np.int64),
        halvings,
        low,
        high,
        zero,
        layer.outside,
    )
    share = 2.0**halvings / block.window**2 if block.is_mean else 1.0
    made = _with_shifts(made, layer, share, half)
    step = np.array(units) * share * 2.0**made.shifts
    exact = c.sums(layer.exact, c.weights, c.biases)
    if not block.is_linear:
        exact = np.maximum(exact, 0, out=exact)
        exact = exact if block.pool is None else block.pool.pooled(exact)
    return made, _Layer(exact, made.forward(layer.integer), step, step * zero, -zero)


def _with_shifts(made: FixedBlock, layer: _Layer, share, half) -> FixedBlock:
    """Choose the shifts of a block, and add to the biases what makes them round to the nearest."""
    c = made.block.convolution
    peaks = np.abs(made.totals(layer.integer)).max(axis=(1, 2, 3), initial=0)
    size = np.bincount(
        np.repeat(np.arange(c.n_maps), np.diff(c.indptr)),
        np.abs(made.weights).astype(float),
        minlength=c.n_maps,
    )
    worst = (size * half + np.abs(made.biases)) / share
    shifts = np.array([finest_shift(*both, made.high) for both in zip(peaks, worst)], np.int64)
    half_step = 2.0**shifts / 2 * share + (2**made.halvings - 1) / 2
    biases = made.biases + np.round(half_step).astype(np.int64)
    largest = size * half + np.abs(biases)
    if (largest >= SUM_LIMIT).any():  # for any image whatever, not only for calibration data
        raise ValueError(f"A sum of maps may reach {largest.max():.0f}, beyond 32 bits.")
    return replace(made, biases=biases, shifts=shifts)


class _Columns:
    """What comes into the sums of some positions and images, which decide how weights round."""

    def __init__(self, block: Block, layer: _Layer) -> None:
        c = self.stage = block.convolution
        self.layer, self.places = layer, c.places()
        n = max(1, _COLUMNS // prod(c.target[1:]))
        step = max(1, -(-layer.exact.shape[-1] // n))
        p = c.padding
        edges = (0, 0), (p, p), (p, p), (0, 0)
        self.exact = np.pad(layer.exact[..., ::step], edges)
        self.integer = np.pad(layer.integer[..., ::step], edges, constant_values=layer.outside)

    def integers(self, t, own, half) -> tuple[np.ndarray, float, float]:
        """Weights, bias and unit of the sums of one map."""
        c, layer, places = self.stage, self.layer, self.places[own]
        weights, maps = c.weights[own].astype(float), [place[0] for place in places]
        steps = layer.step[maps]
        bias = float(c.biases[t]) + weights @ layer.offset[maps]
        # Rounding adds to the bias what a shift of 31 bits adds at most.
        unit = finest_unit(weights, steps, bias, half - 1, half, f"Map {t}")
        within = np.s_[:] if c.area is None else c.area[t].ravel()
        read = (self._read(source, places, within) for source in (self.integer, self.exact))
        received, exact = read
        sums = (weights @ exact + c.biases[t]) / unit
        integers = round_weights(weights * steps / unit, received, sums, half - 1)
        return integers, float((sums - integers @ received).mean()), unit

    def _read(self, source, places, within) -> np.ndarray:
        rows, columns = self.stage.target[1:]
        read = (source[self.stage.window(place, rows, columns)] for place in places)
        values = [of_place.reshape(rows * columns, -1)[within].ravel() for of_place in read]
        n = np.empty(rows * columns)[within].size * source.shape[-1]
        return np.array(values, float).reshape(len(places), n)
