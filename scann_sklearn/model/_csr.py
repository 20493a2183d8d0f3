"""Sparse matrices of given arrays."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np
import scipy.sparse


def csr_of(
    data: np.ndarray, indices: np.ndarray, indptr: np.ndarray, shape: tuple[int, int]
) -> scipy.sparse.csr_array:
    """Sparse matrix of these very arrays, where SciPy would make views of them.

    Parameters
    ----------
    data, indices, indptr : ndarray
        Of a matrix in CSR.
    shape : tuple of int
        Its shape.

    Returns
    -------
    matrix : scipy.sparse.csr_array
        The matrix.
    """
    matrix = scipy.sparse.csr_array((data, indices, indptr), shape=shape)
    matrix.data, matrix.indices, matrix.indptr = data, indices, indptr
    return matrix
