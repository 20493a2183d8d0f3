"""Positions at which maps are computed: parts of them, or all."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.network._topology import read_only


def checked_area(area, shape) -> np.ndarray:
    """Positions at which maps are computed, as an array that can't be changed.

    Parameters
    ----------
    area : array-like of bool
        Where each map is computed.
    shape : tuple of int
        Maps, their rows and columns.

    Returns
    -------
    area : ndarray of bool of shape `shape`
        A copy.

    Raises
    ------
    ValueError
        If it is of another shape or dtype, or a map has no position.
    """
    given = np.asarray(area)
    if given.shape != shape or given.dtype != bool:
        raise ValueError(
            f"area must be of dtype bool and shape {shape}, as the maps are, got {given.dtype} "
            f"and {given.shape}."
        )
    empty = np.flatnonzero(~given.any(axis=(1, 2)))
    if len(empty):
        raise ValueError(f"area leaves map {empty[0]} without a position.")
    return read_only(np.ascontiguousarray(given.copy()))


def spans_of(area, shape) -> np.ndarray:
    """Part of each row of a map that has to be computed, for the kernels.

    Parameters
    ----------
    area : ndarray of bool of shape `shape` or None
        Where each map is computed; None: everywhere.
    shape : tuple of int
        Maps, their rows and columns.

    Returns
    -------
    spans : ndarray of int32 of shape (n_maps, rows, 2)
        The first column that is computed and the one behind the last; 0 and 0 where there is none.
    """
    n_maps, height, width = shape
    if area is None:
        return np.tile(np.array([0, width], np.int32), (n_maps, height, 1))
    last = np.where(area.any(axis=2), width - area[..., ::-1].argmax(axis=2), 0)
    return np.stack([area.argmax(axis=2), last], axis=2).astype(np.int32)


def without_gaps(area) -> np.ndarray:
    """What the kernels compute: each row of a map from the first position to the last.

    Parameters
    ----------
    area : ndarray of bool of shape (n_maps, rows, columns)
        Where each map is computed.

    Returns
    -------
    area : ndarray of bool of shape (n_maps, rows, columns)
        The same and what lies between.
    """
    begun = np.logical_or.accumulate(area, axis=2)
    return begun & np.logical_or.accumulate(area[..., ::-1], axis=2)[..., ::-1]
