"""One point of a frontier: a fitted model, what it gets right and what it costs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks._merit import accuracies, as_classifier, costs

SIZES = (50, 100, 200, 300, 500, 1000, 2000, 5000)  # connections; the budgets of the comparison
MOST_CONNECTIONS, MOST_BYTES = 5000, 20_000


def point(setting, model, parts):
    """Record of a fitted model.

    Parameters
    ----------
    setting : str
        How it was made, in a few words.
    model : estimator
        Anything that `benchmarks._merit.costs` can meter.
    parts : benchmarks._data.Parts
        Data as the model takes them.

    Returns
    -------
    point : dict
        setting, validation and test accuracy, connections and flops (None for trees), energy in
        joules with and without a reduction, bytes.
    """
    return {"setting": setting, **accuracies(model, parts), **costs(model)}


def network_point(setting, network, parts):
    """Record of a sparse network, metered as `SCANNClassifier` is."""
    return point(setting, as_classifier(network, np.unique(parts.y_train)), parts)


def affordable(points):
    """Those that any budget of the comparison can pay for."""
    return [
        p
        for p in points
        if p["bytes"] <= (MOST_BYTES if p["connections"] is None else float("inf"))
        and (p["connections"] or 0) <= MOST_CONNECTIONS
    ]


def targets_down(first, last=SIZES[0], ratio=0.8):
    """Numbers of connections on the way down, each at least `ratio` of the one before.

    Parameters
    ----------
    first : int
        Connections of the network to start from; not among the targets.
    last : int, default=50
        Where the way ends.
    ratio : float, default=0.8
        What a step leaves, at least.

    Returns
    -------
    targets : list of int
        Descending; every budget of the comparison between `first` and `last` is among them.
    """
    stops = [size for size in reversed(SIZES) if last <= size < first]
    targets, start = [], first
    for stop in stops:
        n_steps = int(np.ceil(np.log(stop / start) / np.log(ratio) - 1e-9))
        targets += [round(start * (stop / start) ** (i / n_steps)) for i in range(1, n_steps + 1)]
        start = stop
    return targets
