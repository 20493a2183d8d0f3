"""Integers for the weights of one sum, so that it stays within 32 bits."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.export._fixed_point import SUM_LIMIT

_HEADROOM = 1.25  # of a value over the largest of the calibration data
_DEEPEST = 64  # values hold at least this share of the largest sum that inputs can make
_RIDGE = 1e-3  # of the mean variance: what calibration data don't show decides nothing
_SWEEPS = 3
_UNSEEN = 0.02  # of the deviation of a sum: a change by rounding that doesn't matter
_GAIN = 0.9  # what is left of the change at most, for a unit to be better
_HALVINGS, _MOST_WORSE = 14, 3


def finest_unit(weights, steps, bias, limit, largest, name) -> float:
    """Finest unit of a sum, given what it is made of.

    Parameters
    ----------
    weights : ndarray of shape (n_connections,)
        Strength of each connection.
    steps : ndarray of shape (n_connections,)
        What an integer is worth that comes in.
    bias : float
        What is added to all.
    limit : int
        Largest integer for a weight.
    largest : int
        Size of the largest integer that comes in.
    name : str
        What an error calls the sum.

    Returns
    -------
    unit : float
        What an integer of the sum is worth.
    """
    magnitude = np.abs(weights * steps)
    room = _room(len(weights), largest)
    if room < SUM_LIMIT / 2:
        raise ValueError(
            f"{name} has {len(weights)} connections: too many for fixed point, whose sums have 32 "
            "bits. Use dtype='float32'."
        )
    largest_sum = magnitude.sum() * largest + 1.01 * abs(bias)
    return max(magnitude.max(initial=0) / limit, largest_sum / room) or 1.0


def _room(n, largest) -> float:
    """Largest sum of n weights that is allowed: rounding adds to it."""
    return SUM_LIMIT - 2.0 * (n + 1) * largest


def best_unit(finest, wanted, received, sums, has_bias, limit, largest) -> float:
    """Unit of a sum whose integers change the sum least.

    One weight that is far larger than all others makes the finest unit that holds it so coarse that
    the others become 0. If it belongs to an input that hardly ever varies, such as a pixel at the
    border, a finer unit that cuts it off to the largest integer is better.

    Parameters
    ----------
    finest : float
        The finest unit that holds all weights, see `finest_unit`.
    wanted : ndarray of shape (n_connections,)
        Weights for the integers that come in.
    received : ndarray of shape (n_connections, n_samples)
        Integers that come in.
    sums : ndarray of shape (n_samples,)
        What the sums should be.
    has_bias : bool
        Whether the mean of what the integers lack is part of the sum.
    limit : int
        Largest integer for a weight.
    largest : int
        Size of the largest integer that comes in.

    Returns
    -------
    unit : float
        `finest`, divided by a power of two; `finest` itself where its integers change the sum by
        less than a fiftieth of its standard deviation.
    """
    best, best_change, n_worse = finest, np.inf, 0
    for halvings in range(_HALVINGS):
        unit = finest / 2.0**halvings
        integers = round_weights(wanted / unit, received, sums / unit, limit)
        missing = sums - integers @ received * unit
        largest_sum = (
            np.abs(integers).sum() * largest + 1.01 * has_bias * abs(missing.mean()) / unit
        )
        if halvings and largest_sum > _room(len(wanted), largest):
            break
        change = np.std(missing)
        n_worse = n_worse + 1 if change > best_change else 0
        if change < _GAIN * best_change:
            best, best_change = unit, change
        if best_change <= _UNSEEN * np.std(sums) or n_worse == _MOST_WORSE:
            break
    return best


def finest_shift(peak, worst, most) -> int:
    """Smallest shift that leaves integers of a type.

    Parameters
    ----------
    peak : float
        Largest sum of the calibration data.
    worst : float
        Largest sum that there may be.
    most : int
        Largest integer of the type.

    Returns
    -------
    shift : int
        Bits.
    """
    peak = max(peak * _HEADROOM, worst / _DEEPEST)
    return max(0, int(np.ceil(np.log2(max(peak, 1) / most))))


def round_weights(wanted, received, sums, limit) -> np.ndarray:
    """Round weights so that sums change least, by coordinate descent from the nearest integers.

    Minimises the variance of ``sums - integers @ received`` with a little of the distance from
    what is wanted.

    Parameters
    ----------
    wanted : ndarray of shape (n_connections,)
        Weights in units of the integers.
    received : ndarray of shape (n_connections, n_samples)
        Integers that come in.
    sums : ndarray of shape (n_samples,)
        What the sums should be.
    limit : int
        Largest integer for a weight.

    Returns
    -------
    integers : ndarray of shape (n_connections,), int64
        The weights.
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
