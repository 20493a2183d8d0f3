"""The models that are compared: fitted on the training part, chosen on the validation part."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np
from joblib import Parallel, delayed
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from benchmarks._merit import score, tolerance
from benchmarks._perceptrons import PENALTIES, Ensemble, fit_at_falling_rates, fit_perceptron
from benchmarks._scaling import scaled
from benchmarks.deploy._chosen import Chosen
from benchmarks.deploy._ours import budget, small

ARCHITECTURES = ((50,), (100,), (100, 50), (200, 100))
WIDTHS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 25, 30, 40, 50, 70, 100)
FOREST = tuple(product((3, 5, 8, 12, 20, 40), (8, 16, 32, 64, 128)))  # trees, leaves of each
MOST_BYTES = 20_000  # of a forest
_NODE_BYTES = 8  # of emlearn's tables; only to say which forest is the smaller one


def choose(parts, seeds, n_jobs=1, quick=False):
    """Fit and choose all models of a data set.

    The floor is the score of the best perceptron of `ARCHITECTURES`, less one standard error. Of
    every family the smallest model counts that one of its fits brings to the floor.

    Parameters
    ----------
    parts : benchmarks._data.Parts
        The data.
    seeds : sequence of int
        Starts of every setting.
    n_jobs : int, default=1
        Processes.
    quick : bool, default=False
        Few settings, for a test.

    Returns
    -------
    floor : float
        Score to reach.
    chosen : list of Chosen
        In the order of the tables.
    """
    with Parallel(n_jobs) as parallel:
        layers = ARCHITECTURES[:1] if quick else ARCHITECTURES
        perceptrons = _perceptrons(parallel, parts, layers, seeds, quick)
        highest, picked = max(perceptrons, key=lambda found: found[0])
        floor = highest - tolerance(highest, len(parts.y_val))
        alike = [m for _, m in perceptrons if _training(m) == _training(picked)]
        chosen = [
            small(parallel, parts, floor, Ensemble(alike), seeds, quick),
            budget(parallel, parts, floor, seeds),
            _smallest(parallel, parts, floor, seeds, quick),
            Chosen("validation", _layers(picked), picked, True),
            _forest(parallel, parts, floor, seeds, quick),
        ]
    return floor, chosen


def _smallest(parallel, parts, floor, seeds, quick):
    """The first width of the ladder that reaches the floor."""
    for width in (4, 16, 50) if quick else WIDTHS:
        found = _perceptrons(parallel, parts, [(width,)], seeds, quick)
        highest, model = max(found, key=lambda f: f[0])
        if highest >= floor:
            break
    return Chosen("smallest", _layers(model), model, highest >= floor)


def _perceptrons(parallel, parts, layers, seeds, quick):
    """Scores and pipelines: three ways to train, every start."""
    trainings = (None,) if quick else (None, *PENALTIES)
    cells = product(layers, trainings, seeds)
    return parallel(delayed(_perceptron)(parts, *cell) for cell in cells)


def _perceptron(parts, layers, penalty, seed):
    """At a constant rate up to the best epoch, or with a penalty at falling rates to the end."""
    if penalty is None:
        model, _ = fit_perceptron(layers, parts, "standard", seed)
        return score(model.predict, parts), model
    with threadpool_limits(1):
        mlp = fit_at_falling_rates(scaled(parts, "standard"), layers, seed, penalty)
        model = Pipeline([("scale", StandardScaler().fit(parts.X_train)), ("mlp", mlp)])
        return score(model.predict, parts), model


def _training(pipeline):
    """What perceptrons have in common that differ in their start only."""
    mlp = pipeline[-1]
    return mlp.hidden_layer_sizes, mlp.alpha


def _layers(pipeline):
    sizes = np.atleast_1d(pipeline[-1].hidden_layer_sizes)
    return f"{'-'.join(map(str, sizes))} hidden"


def _forest(parallel, parts, floor, seeds, quick):
    """The smallest forest above the floor, else the most accurate one of at most 20 kB."""
    cells = product(((5, 32), (12, 32)) if quick else FOREST, seeds)
    grown = parallel(delayed(_grown)(parts, *cell) for cell in cells)
    found = [item for items in grown for item in items if item[1] <= MOST_BYTES]
    able = [f for f in found if f[0] >= floor]
    best = min(able, key=lambda f: f[1]) if able else max(found, key=lambda f: (f[0], -f[1]))
    _, _, model, leaf_bits = best
    votes = "one vote a tree" if leaf_bits == 0 else "8-bit shares"
    setting = f"{len(model)} trees, {model.max_leaf_nodes} leaves, {votes}"
    return Chosen("forest", setting, model, bool(able), {"leaf_bits": leaf_bits})


def _grown(parts, size, seed):
    """Score, rough bytes, forest and bits of a leaf, for both kinds of leaves."""
    model = RandomForestClassifier(size[0], max_leaf_nodes=size[1], random_state=seed)
    model.fit(parts.X_train, parts.y_train)
    n_classes = len(model.classes_)
    n_nodes = sum(tree.tree_.node_count - tree.get_n_leaves() for tree in model)
    n_leaves = sum(tree.get_n_leaves() for tree in model)
    return [
        (score(partial(_voted, model), parts), _NODE_BYTES * n_nodes, model, 0),
        (score(model.predict, parts), _NODE_BYTES * n_nodes + n_classes * n_leaves, model, 8),
    ]


def _voted(forest, X):
    """Classes by one vote a tree."""
    votes = np.array([tree.predict(X) for tree in forest], dtype=int)
    counts = (votes[..., None] == np.arange(len(forest.classes_))).sum(axis=0)
    return forest.classes_[counts.argmax(axis=1)]
