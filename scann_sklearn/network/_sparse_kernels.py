"""Compiled loops over a sparse X: batches made dense, bounds and sums of its features."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn.network._compile import kernel


@kernel(fastmath=False)
def scatter(indptr, indices, data, rows, place, block) -> None:
    """Write what some rows of a CSR matrix store into `block`, one row per feature.

    `place` has the row in `block` of every feature, -1 for one that is not wanted.
    """
    for b in range(rows.shape[0]):
        for j in range(indptr[rows[b]], indptr[rows[b] + 1]):
            i = place[indices[j]]
            if i >= 0:
                block[i, b] = data[j]


@kernel(fastmath=False)
def stored_bounds(indices, data, low, high) -> np.ndarray:
    """Widen `low` and `high` of each feature by its stored values; return how many these are."""
    count = np.zeros(low.shape[0], np.int64)
    for j in range(indices.shape[0]):
        i = indices[j]
        low[i], high[i] = np.minimum(low[i], data[j]), np.maximum(high[i], data[j])
        count[i] += 1
    return count


@kernel(fastmath=False)
def weighted_sums(indptr, indices, data, weight, unit) -> np.ndarray:
    """Sum of each feature in its unit over the weighted samples, one sample after the other."""
    total = np.zeros(unit.shape[0])
    for r in range(weight.shape[0]):
        for j in range(indptr[r], indptr[r + 1]):
            i = indices[j]
            total[i] += np.float64(data[j]) / unit[i] * weight[r]
    return total


@kernel(fastmath=False)
def squared_deviations(indptr, indices, data, weight, unit, center) -> np.ndarray:
    """Weighted sum of the squared deviations of each feature, in its unit, from a center.

    What is not stored counts as the zero that it is, sample by sample: in this order the sums are
    those of the dense X to the last digit.
    """
    total, before, square = np.zeros(unit.shape[0]), np.empty(unit.shape[0]), center * center
    for r in range(weight.shape[0]):
        w = weight[r]
        for j in range(indptr[r], indptr[r + 1]):
            before[indices[j]] = total[indices[j]]
        for i in range(total.shape[0]):
            total[i] += square[i] * w
        for j in range(indptr[r], indptr[r + 1]):
            i = indices[j]
            deviation = np.float64(data[j]) / unit[i] - center[i]
            total[i] = before[i] + deviation * deviation * w
    return total
