"""Images as rows of features."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np


def as_rows(X: Any, input_shape: tuple[int, ...] | None, name: str = "X") -> Any:
    """Images as rows of features; rows are returned as is.

    Parameters
    ----------
    X : array-like of shape (n_samples, channels, height, width) or (n_samples, n_features)
        Samples.
    input_shape : tuple of (int, int, int)
        Channels, height and width that the front end takes.
    name : str, default="X"
        What an error calls them.

    Returns
    -------
    X : array-like of shape (n_samples, n_features)
        Row by row.

    Raises
    ------
    ValueError
        If the images have another shape.
    """
    shape = shape_of(X)
    if len(shape) == 3:
        raise ValueError(
            f"Found array with dim 3, {name} of shape {shape}: images must have the "
            "shape (n_samples, channels, height, width); for a single channel, use "
            "X[:, None]."
        )
    if len(shape) != 4:
        return X
    if input_shape is not None and shape[1:] != tuple(input_shape):
        raise ValueError(
            f"{name} has images of {shape[1:]}, but the front end takes {tuple(input_shape)} "
            "(channels, height, width)."
        )
    return np.asarray(X).reshape(shape[0], -1)


def shape_of(X: Any) -> tuple[int, ...]:
    """Shape of an array or of nested lists; () where that can't be told without a conversion.

    Parameters
    ----------
    X : array-like
        Samples.

    Returns
    -------
    shape : tuple of int
        Its sizes.
    """
    if hasattr(X, "shape"):
        return tuple(X.shape)
    if not isinstance(X, list | tuple):
        return ()
    try:
        return np.shape(X)
    except ValueError:  # ragged: scikit-learn says so
        return ()
