"""Dense multilayer perceptrons of scikit-learn, from narrow to wide."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from benchmarks._perceptrons import PENALTIES, PHASES, fit_at_falling_rates
from benchmarks._scaling import scaled
from benchmarks.peers._points import MOST_CONNECTIONS, point

WIDTHS = (1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 45, 70, 100)


def frontier(parts, scaling, seed, quick=False):
    """One hidden layer of 1 to 100 neurons, two weights of the L2 penalty, a start of its own each.

    80 epochs of Adam at falling rates.
    """
    data = scaled(parts, scaling)
    n_inputs, n_classes = data.X_train.shape[1], len(set(data.y_train.tolist()))
    a_neuron = n_inputs + (n_classes if n_classes > 2 else 1)
    widths = (4, 16) if quick else [w for w in WIDTHS if w * a_neuron <= MOST_CONNECTIONS]
    phases = ((0.02, 10),) if quick else PHASES
    points = []
    for alpha in PENALTIES[:1] if quick else PENALTIES:
        for width in widths:
            start = seed + 1000 * PENALTIES.index(alpha)
            mlp = fit_at_falling_rates(data, (width,), start, alpha, phases)
            points.append(point(f"{width} hidden, alpha={alpha:g}", mlp, data))
    return points
