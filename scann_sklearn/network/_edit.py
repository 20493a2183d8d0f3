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


def outgoing_rms(sources, weight, n_sources) -> np.ndarray:
    """Root mean square of the weights that leave each source."""
    total = np.bincount(sources, np.square(weight, dtype=np.float64), minlength=n_sources)
    return np.sqrt(total / np.maximum(np.bincount(sources, minlength=n_sources), 1))


def new_positions(n_inputs, neuron) -> np.ndarray:
    """Position of each source once only the given hidden neurons are left."""
    positions = np.arange(n_inputs + len(neuron), dtype=np.int32)
    positions[n_inputs:] = n_inputs + np.cumsum(neuron) - 1
    return positions


def count_layers(layer_sizes, copies) -> tuple[int, ...] | None:
    """Layer sizes when `copies` of each neuron stay."""
    if not layer_sizes:
        return layer_sizes
    bounds = np.cumsum(layer_sizes)[:-1]
    return tuple(int(part.sum()) for part in np.split(np.asarray(copies, dtype=int), bounds))
