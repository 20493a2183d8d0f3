"""Tables of finite numbers, some columns of names; anything else is an error that says where."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
import re
import warnings
from io import BytesIO
from typing import IO, Any

import numpy as np

from scann_sklearn._files import shortened
from scann_sklearn.datasets._packed import decompress

File = str | os.PathLike[str] | IO[bytes]

# Integers beyond are not exact in float64.
_LARGEST_LABEL = 2**53
# Part of a word that is no number and no name; parsers quote it in forty times its memory.
_SIZE = 100
_LONG = re.compile(rb"[^ \t\r\n,]{100}")


class Names:
    """Converter of a column of names into numbers, for a table that holds numbers only.

    A table of texts would be as wide as its longest, and a damaged file can hold a long one.

    Parameters
    ----------
    pattern : str
        What a name looks like; its group is what is kept, where it has one.
    """

    def __init__(self, pattern: str = r"\S{1,64}") -> None:
        self._pattern, self._numbers = re.compile(pattern), dict[str, int]()

    def number(self, text: str) -> int:
        """Number of a name."""
        found = self._pattern.fullmatch(text)
        if found is None:
            raise ValueError(f"{shortened(text)!r} is not a name of this kind")
        return self._numbers.setdefault(found[found.re.groups], len(self._numbers))

    def of(self, numbers: np.ndarray) -> np.ndarray:
        """Names of a column of numbers."""
        return np.array(list(self._numbers))[numbers.astype(np.int64)]


def contents(file: File) -> bytes:
    """All bytes of a file, unpacked."""
    if hasattr(file, "read"):
        content = file.read()
    else:
        with open(file, "rb") as opened:
            content = opened.read()
    try:
        content = decompress(content)
    except ValueError as error:
        raise ValueError(f"{file!r} is damaged: {error}") from error
    if not content.strip():
        raise ValueError(f"{file!r} is empty.")
    return content


def _words(file) -> BytesIO:
    """All bytes of a file of short words."""
    content = contents(file)
    # A word of twice the size has a part that begins at a multiple of it.
    if any(_LONG.match(content, at) for at in range(0, len(content), _SIZE)):
        raise ValueError(f"{file!r} is not a table of numbers: it holds a word of {_SIZE} bytes.")
    return BytesIO(content)


def read_table(file: File, n_columns: int, **options: Any) -> np.ndarray:
    """Read a rectangle of numbers; `options` are those of `numpy.loadtxt`."""
    content = _words(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # white space is no table
            table = np.loadtxt(content, ndmin=2, comments=None, encoding="latin1", **options)
    except (ValueError, OverflowError, UserWarning) as error:
        raise ValueError(f"{file!r} is not a table of numbers: {shortened(error)}") from error
    if table.shape[1] != n_columns:
        raise ValueError(f"{file!r} has {table.shape[1]} columns, expected {n_columns}.")
    return _finite(file, table)


def read_indicators(file: File, n_features: int) -> tuple[np.ndarray, np.ndarray]:
    """Read features that are mostly zero, in LIBSVM's format, and integer labels."""
    from sklearn.datasets import load_svmlight_file

    content = _words(file)
    try:
        data, target = load_svmlight_file(content, n_features=n_features, zero_based=False)
    except (ValueError, OverflowError, IndexError) as error:
        raise ValueError(f"{file!r} is not in LIBSVM's format: {shortened(error)}") from error
    if data.nnz < len(target):  # lines of two bytes would become rows of a kilobyte
        raise ValueError(f"{file!r} has {len(target)} rows with {data.nnz} values in total.")
    return _finite(file, data.toarray()), integers(file, target)


def integers(file: File, column: np.ndarray) -> np.ndarray:
    """Labels as int64, or an error that names the one that is none."""
    wrong = ~((np.abs(column) <= _LARGEST_LABEL) & (column == np.rint(column)))
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(f"{file!r} has the label {column[row]:g} in row {row}, not an integer.")
    return column.astype(np.int64)


def _finite(file, table) -> np.ndarray:
    wrong = ~np.isfinite(table)
    if wrong.any():
        i, j = np.unravel_index(wrong.argmax(), wrong.shape)
        raise ValueError(
            f"{file!r} has {table[i, j]} in row {i}, column {j}, which is not a finite number."
        )
    return table
