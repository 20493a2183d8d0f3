"""Arrays as they may come in: what isn't numbers is refused, sparse ones get one form."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import issparse


def check_numbers(**arrays: Any) -> None:
    """Raise where an array holds dates, times or complex numbers, or has masked entries.

    Parameters
    ----------
    **arrays : array-like
        What users gave, by its name. None is passed over.

    Raises
    ------
    TypeError
        If it holds dates or times.
    ValueError
        If entries are masked or complex.
    """
    for name, array in arrays.items():
        check_unmasked(**{name: array})
        kinds = {getattr(dtype, "kind", ""): dtype for dtype in _dtypes(array)}
        if "c" in kinds:
            raise ValueError(f"Complex data not supported: {name} holds {kinds['c']}.")
        dates = [kinds[kind] for kind in "mM" if kind in kinds]
        if dates:
            raise TypeError(
                f"{name} holds dates or times ({dates[0]}), which are not numbers: "
                "convert them first, for example to days since a start or the hour "
                "of the day."
            )


def check_unmasked(**arrays: Any) -> None:
    """Raise where entries of an array are masked, be they numbers or labels.

    Parameters
    ----------
    **arrays : array-like
        What users gave, by its name.

    Raises
    ------
    ValueError
        If entries are masked.
    """
    for name, array in arrays.items():
        if np.ma.is_masked(array):
            raise ValueError(
                f"{name} has {np.ma.count_masked(array)} masked entries, but missing "
                "values are not supported: drop these samples or fill in the entries "
                "first."
            )


def canonical(X: Any) -> Any:
    """X with sorted indices and without duplicates, where it is sparse.

    Parameters
    ----------
    X : ndarray or scipy.sparse CSR of shape (n_samples, n_features)
        Its arrays aren't changed.

    Returns
    -------
    X : ndarray or scipy.sparse CSR
        What was given, where it is in that form; its indices are checked, as compiled code trusts
        them.

    Raises
    ------
    ValueError
        If indices are out of range, or the sum of duplicates is beyond the largest float.
    """
    if not issparse(X):
        return X
    X = type(X)((X.data, X.indices, X.indptr), shape=X.shape)  # of our own: X stays as it is
    X.check_format()
    if not X.has_canonical_format:
        X = X.copy()
        with np.errstate(over="ignore", invalid="ignore"):
            X.sum_duplicates()
        if not np.isfinite(X.data).all():
            raise ValueError(
                f"X has duplicate entries that add up to {X.data[~np.isfinite(X.data)][0]}."
            )
    return X


def _dtypes(array: Any) -> list[Any]:
    if array is None:
        return []
    if hasattr(array, "columns") and hasattr(array, "dtypes"):  # a DataFrame
        return list(array.dtypes)
    if hasattr(array, "dtype"):
        return [array.dtype]
    try:
        return [np.asarray(array).dtype]
    except ValueError:  # ragged: scikit-learn says so
        return []
