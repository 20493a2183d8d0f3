"""The default fit, and one run of pruning or of RigL with as many updates."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np

from benchmarks._scaling import scaled
from benchmarks.peers import _scann
from benchmarks.peers._points import affordable, network_point, targets_down
from benchmarks.peers._pruning import EPOCHS_DENSE, EPOCHS_STEP
from benchmarks.peers._recipe import batches, hidden_neurons, recipe
from benchmarks.peers._rigl import Run
from scann_sklearn.network import Network, Topology
from scann_sklearn.synthesis import prune_connections
from scann_sklearn.synthesis._operations import UnreachableOutputsError
from scann_sklearn.training._trainer import Trainer

SIZES = (50, 100, 200, 300, 500, 1000, 2000)  # connections
RATES = ("auto", 0.02, 0.005)  # "auto": by the size, as the default fit
STARTS = "layers", "free"
SCALING = "standard"


def default(parts, seed, quick=False):
    """One fit with the defaults.

    Parameters
    ----------
    parts : benchmarks._data.Parts
        The data.
    seed : int
        Decides the fit.
    quick : bool, default=False
        Train a few epochs, as a test.

    Returns
    -------
    content : dict
        points, chosen (connections and test accuracy of the network that the fit has taken), epochs
        and updates.
    """
    classifier = _scann.fitted(parts, SCALING, seed, quick)
    right = float(np.mean(classifier.predict(parts.X_test) == parts.y_test))
    chosen = {"connections": classifier.n_connections_, "test": round(right, 5)}
    points = _scann.path_points(classifier, parts)
    return {"points": points, "chosen": chosen, **_effort(len(classifier.history_), parts)}


def pruning(parts, seed, n_epochs, rate, start, sizes=SIZES):
    """One run of iterative magnitude pruning: train, drop at most a fifth, train again.

    The dense network gets three times the epochs of a pruning step, as in `benchmarks.peers`. The
    optimizer's memory follows the connections, as in a fit of `SCANNClassifier`.

    Parameters
    ----------
    parts : benchmarks._data.Parts
        The data.
    seed : int
        Of the weights and of the order of samples.
    n_epochs : int
        Epochs in all.
    rate : float or "auto"
        Learning rate at the start of a phase.
    start : {"layers", "free"}
        What is dense: one hidden layer, or everything between 100 hidden neurons.
    sizes : tuple of int, default=SIZES
        The least of these is where the way ends.

    Returns
    -------
    content : dict
        points, one for each phase, epochs and updates.
    """
    run = _Pruning(scaled(parts, SCALING), seed, rate, start)
    targets = targets_down(run.network.n_connections, min(sizes))
    first, *others = phases(n_epochs, len(targets))
    points = [run.point("dense", first)]
    for target, n in zip(targets, others):
        run.prune(target)
        points.append(run.point(f"in steps to {target}", n))
    return {"points": affordable(points), **_effort(run.epochs, parts)}


def rigl(parts, seed, n_epochs, rate, start, sizes=SIZES):
    """One run of RigL for each size, all epochs each.

    Parameters
    ----------
    parts, seed, n_epochs, rate, start, sizes
        As for `pruning`; `start` is random connections of a layer, or between any neurons.

    Returns
    -------
    content : dict
        points, one for each size; epochs and updates of one of the runs.
    """
    data, points, epochs = scaled(parts, SCALING), [], set()
    for size in sizes:
        run = Run(*recipe(data, rate), size, seed)
        network = run.train(start, n_epochs)
        points.append(network_point(f"{size}", network, data))
        epochs.add(run.epochs)
    (n_epochs,) = epochs
    return {"points": points, **_effort(n_epochs, parts)}


OPPONENTS = {"pruning": pruning, "rigl": rigl}


def phases(n_epochs, n_steps):
    """Epochs of the dense start and of each pruning step; their sum is exact.

    Parameters
    ----------
    n_epochs : int
        Epochs in all.
    n_steps : int
        Number of pruning steps.

    Returns
    -------
    phases : list of int
        One more than there are steps.
    """
    shares = np.array([EPOCHS_DENSE, *[EPOCHS_STEP] * n_steps])
    ends = np.rint(n_epochs * np.cumsum(shares) / shares.sum()).astype(int)
    return np.diff(ends, prepend=0).tolist()


def _effort(n_epochs, parts):
    return {"epochs": n_epochs, "updates": n_epochs * batches(len(parts.y_train))}


class _Pruning:
    """A network that is pruned and trained in turns."""

    def __init__(self, data, seed, rate, start):
        self.data, self.epochs = data, 0
        objective, options = recipe(data, rate)
        rng, dtype = np.random.default_rng(seed), data.X_train.dtype
        self.trainer = Trainer(objective, options, rng, lambda _: np.nan)
        n_hidden, head = hidden_neurons(), objective.head
        shape = {"layer_sizes": (n_hidden,)} if start == "layers" else {"n_hidden": n_hidden}
        dense = Topology.dense(data.X_train.shape[1], head.n_outputs, **shape)
        self.network = Network.initialize(dense, rng, dtype)
        unsmoothed = replace(objective.targets, smoothing=0.0)
        self.network.bias[dense.n_hidden :] = head.start_bias(unsmoothed)

    def prune(self, target):
        """Drop the smallest weights; where an output would be lost, stay as large as it is."""
        with suppress(UnreachableOutputsError):
            self.network = prune_connections(self.network, target)

    def point(self, setting, n_epochs):
        """Train, and describe what has come of it."""
        self.network = self.trainer.train(self.network, n_epochs, self._count)
        return network_point(setting, self.network, self.data)

    def _count(self, *_):
        self.epochs += 1
        return False
