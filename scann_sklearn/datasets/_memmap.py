"""Data larger than memory: blocks of rows become an array in a file."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.lib import format as npy


def to_memmap(blocks: Iterable[Any], path: str | os.PathLike[str], *, dtype=None) -> np.memmap:
    """Write blocks of rows into a file, and map it into memory.

    Only one block at a time is in memory. The file is an ``.npy`` file, which
    ``numpy.load(path, mmap_mode="r")`` maps again; it appears when all blocks are written, and an
    older one is kept until then.

    Parameters
    ----------
    blocks : iterable of array-like of shape (n_rows, n_features), or Dask array
        The rows, in order; blocks of shape (n_rows,) give an array of one dimension. A Dask array
        is computed block by block.
    path : str or path-like
        Name of the file, as a rule with the ending ``.npy``.
    dtype : dtype, default=None
        Type of the numbers. None: that of the first block.

    Returns
    -------
    array : numpy.memmap of shape (n_samples, n_features)
        All rows, read-only. Estimators take it as X, and predict from it without reading it as a
        whole.

    Raises
    ------
    ValueError
        If there are no blocks, or one has other columns than the first, or holds what the type of
        the numbers can't.
    OSError
        If the file can't be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from scann_sklearn.datasets import to_memmap
    >>> folder = TemporaryDirectory()
    >>> blocks = (np.full((1000, 3), number) for number in range(5))
    >>> X = to_memmap(blocks, Path(folder.name, "X.npy"), dtype=np.float32)
    >>> X.shape
    (5000, 3)
    >>> del X
    >>> folder.cleanup()
    """
    path = os.fspath(path)
    part = os.path.join(os.path.dirname(path), f".{uuid.uuid4().hex}.part")
    try:
        _write(_arrays(blocks, dtype), part)
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(part)
        raise
    return np.load(path, mmap_mode="r")


def _arrays(blocks, dtype) -> Iterator[np.ndarray]:
    """Blocks as arrays of one type and of the same columns."""
    if hasattr(blocks, "rechunk") and hasattr(blocks, "numblocks"):  # a Dask array
        whole_rows = blocks.rechunk(dict.fromkeys(range(1, blocks.ndim), -1))
        n_blocks = whole_rows.numblocks[0]
        blocks = (whole_rows.blocks[number].compute() for number in range(n_blocks))
    columns = None
    for number, block in enumerate(blocks):
        array = np.asarray(block) if dtype is None else _converted(np.asarray(block), dtype, number)
        if array.ndim not in (1, 2) or array.dtype.kind not in "biuf":
            raise ValueError(
                f"Block {number} has shape {array.shape} and dtype {array.dtype}: expected "
                "numbers, rows of features or one number per row."
            )
        if columns is None:
            columns, dtype = array.shape[1:], array.dtype
        if array.shape[1:] != columns:
            raise ValueError(
                f"Block {number} has shape {array.shape}, the first one rows of shape {columns}."
            )
        yield array
    if columns is None:
        raise ValueError("There are no blocks.")


def _converted(array, dtype, number) -> np.ndarray:
    """A block in a type that holds its values, up to rounding."""
    dtype = np.dtype(dtype)
    if not np.can_cast(array.dtype, dtype, "same_kind"):
        raise ValueError(
            f"Block {number} has dtype {array.dtype}, which {dtype} can't hold: give a dtype for "
            "all blocks."
        )
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.asarray(array, dtype=dtype)
    if dtype.kind == "f":
        lost = np.isinf(found) & (array != found)
    else:
        lost = found != array if dtype != array.dtype else np.False_
    if np.any(lost):
        raise ValueError(
            f"Block {number} holds {array[lost].ravel()[0]}, which {dtype} can't hold: give a "
            "dtype for all blocks."
        )
    return found


def _write(arrays, part) -> None:
    with open(part, "xb") as file:
        header: dict = {}
        n_rows = 0
        for array in arrays:
            if not header:
                header = {"descr": npy.dtype_to_descr(array.dtype), "fortran_order": False}
                npy.write_array_header_2_0(file, header | {"shape": (0, *array.shape[1:])})
                columns, first = array.shape[1:], file.tell()
            file.write(np.ascontiguousarray(array).data)
            n_rows += len(array)
        file.seek(0)
        # the header has room for longer numbers of rows
        npy.write_array_header_2_0(file, header | {"shape": (n_rows, *columns)})
        if file.tell() != first:
            raise OSError(f"The header of {part} has changed its length.")
        file.flush()
        os.fsync(file.fileno())
