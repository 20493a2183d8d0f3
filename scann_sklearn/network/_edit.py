"""Compiled edits of a sparse network: constants, duplication of neurons."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn.network._compile import kernel
from scann_sklearn.network._walks import fed


@kernel(fastmath=False)
def absorb_constants(n_inputs, indptr, indices, keep, weight, bias) -> np.ndarray:
    """Biases once the neurons that no input reaches are counted as the constants they are."""
    n_targets = bias.shape[0]
    reached = fed(n_inputs, indptr, indices, keep)
    folded = bias.copy()
    for t in range(n_targets):
        total = np.float64(bias[t])
        for j in range(indptr[t], indptr[t + 1]):
            s = indices[j] - n_inputs
            if keep[j] and s >= 0 and not reached[s]:
                total += weight[j] * max(folded[s], 0.0)
        folded[t] = total
    return folded


@kernel(fastmath=False)
def duplicate_connections(
    n_inputs, n_outputs, indptr, indices, copied
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """CSR structure with a copy of each neuron in `copied` behind it.

    Also returns the connection that each new one comes from.
    """
    n_hidden = copied.shape[0]
    position = np.empty(n_hidden, np.int64)  # of each neuron among the sources
    n_new = 0
    for t in range(n_hidden):
        position[t] = n_inputs + t + n_new
        n_new += copied[t]
    n_targets = indptr.shape[0] - 1
    new_indptr = np.zeros(n_targets + n_new + 1, np.int64)
    row, size = 0, 0
    for sizing in range(2):
        if sizing == 1:
            new_indices = np.empty(size, indices.dtype)
            origin = np.empty(size, np.int64)
            row, size = 0, 0
        for t in range(n_targets):
            for _ in range(2 if t < n_hidden and copied[t] else 1):
                for j in range(indptr[t], indptr[t + 1]):
                    s = indices[j] - n_inputs
                    ends = 2 if s >= 0 and copied[s] else 1
                    if sizing == 1:
                        for k in range(ends):
                            new_indices[size + k] = indices[j] if s < 0 else position[s] + k
                            origin[size + k] = j
                    size += ends
                row += 1
                new_indptr[row] = size
    return new_indptr, new_indices, origin


@kernel(fastmath=False)
def incoming_rms(indptr, weight) -> np.ndarray:
    """Root mean square of the weights that come into each target."""
    rms = np.zeros(indptr.shape[0] - 1)
    for t in range(rms.shape[0]):
        total = 0.0
        for j in range(indptr[t], indptr[t + 1]):
            total += np.float64(weight[j]) ** 2
        rms[t] = np.sqrt(total / max(indptr[t + 1] - indptr[t], 1))
    return rms
