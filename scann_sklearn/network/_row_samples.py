"""Rows of an array that are read where they are needed, and large arrays on the disk."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from scann_sklearn.network._samples import DenseSamples

_AT_ONCE = 2**18  # values that are copied at a time
_IN_MEMORY = 2**29  # bytes up to which what is made of a mapped array may stay in memory


class RowSamples:
    """Some rows of an array, which are not copied but read block by block.

    Parameters
    ----------
    X : ndarray of shape (n_all, n_features)
        All samples; it must not change as long as these are in use.
    rows : ndarray of int of shape (n_samples,)
        Which of them, in which order.
    """

    def __init__(self, X: np.ndarray, rows: np.ndarray) -> None:
        self.whole, self.rows = X, rows
        self.shape, self.dtype = (len(rows), X.shape[1]), X.dtype

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, rows) -> RowSamples:
        """Some of the samples."""
        return RowSamples(self.whole, self.rows[rows])

    def dense(self, rows=slice(None)) -> np.ndarray:
        """Some of the samples as an array."""
        return taken(self.whole, self.rows[rows])

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest value of each feature."""
        found = [(block.min(axis=0), block.max(axis=0)) for _, block in blocks_of(self)]
        low, high = zip(*found)
        return np.min(low, axis=0), np.max(high, axis=0)

    def outputs(self, network) -> np.ndarray:
        """Outputs of a network."""
        found = [network.decision_function(block) for _, block in blocks_of(self)]
        return np.concatenate(found)

    def hidden_activations(self, network) -> np.ndarray:
        """Activations of a network's hidden neurons."""
        return DenseSamples(self.dense()).hidden_activations(network)

    def inputs(self, topology) -> tuple[Any, np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """What the kernel of an epoch takes: of an array that is made for it."""
        return DenseSamples(self.dense()).inputs(topology)


def blocks_of(X: Any) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the rows of samples block by block, as arrays, with their numbers.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), or RowSamples
        The samples. Those of one feature are one block: NumPy adds up a single column in
        another order than several.

    Yields
    ------
    rows : slice
        Numbers of the rows.
    block : ndarray of shape (n_rows, n_features)
        The rows; of an array a view.
    """
    n_samples, n_features = X.shape
    size = max(1, _AT_ONCE // n_features if n_features > 1 else n_samples)
    for start in range(0, n_samples, size):
        rows = slice(start, min(start + size, n_samples))
        yield rows, X.dense(rows) if isinstance(X, RowSamples) else X[rows]


def taken(X: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Some rows of an array, copied; into a temporary file where X is mapped and they are many.

    Parameters
    ----------
    X : ndarray of shape (n_all, n_features)
        The array.
    rows : ndarray of int of shape (n_samples,)
        Which.

    Returns
    -------
    rows : ndarray of shape (n_samples, n_features)
        The rows in this order.
    """
    if len(rows) * X.shape[1] <= _AT_ONCE:
        return X[rows]
    found = empty((len(rows), X.shape[1]), X.dtype, X)
    for some, block in blocks_of(found):
        block[:] = X[rows[some]]
    return found


def empty(shape: tuple[int, int], dtype: np.dtype, source: Any) -> np.ndarray:
    """Make room for numbers that are made of an array.

    Parameters
    ----------
    shape : (int, int)
        Shape of the new array.
    dtype : dtype
        Its type.
    source : ndarray, or RowSamples
        What the numbers are made of. If it is mapped into memory from a file and they are more
        than 512 MiB, the new array is in a temporary file too, which nobody else sees and which is
        gone with the array.

    Returns
    -------
    array : ndarray
        Writable; what is in it is undefined.

    Raises
    ------
    OSError
        If the folder of temporary files has no room for it.
    """
    n_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if n_bytes <= _IN_MEMORY or not is_mapped(source):
        return np.empty(shape, dtype)
    with tempfile.TemporaryFile(prefix="scann-sklearn-") as file:
        try:
            if hasattr(os, "posix_fallocate"):  # a full disk is an error here, later a crash
                os.posix_fallocate(file.fileno(), 0, n_bytes)
            return np.asarray(np.memmap(file, dtype, "r+", shape=shape))
        except OSError as error:
            raise OSError(
                error.errno,
                f"The fit needs {n_bytes / 1e9:.1f} GB in the folder of temporary files, "
                f"{tempfile.gettempdir()}, for a memory-mapped X: {error.strerror}. Free some "
                "space, or set TMPDIR to another folder",
            ) from error


def is_mapped(X: Any) -> bool:
    """Whether an array lies in a file that is mapped into memory.

    Parameters
    ----------
    X : ndarray, or RowSamples
        The array.

    Returns
    -------
    is_mapped : bool
        True for views of such an array too.
    """
    base = X.whole if isinstance(X, RowSamples) else X
    while base is not None and not isinstance(base, mmap.mmap):
        base = getattr(base, "base", None)
    return base is not None
