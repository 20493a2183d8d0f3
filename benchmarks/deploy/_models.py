"""The models that are compared: fitted on the training part, chosen on the validation part."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from benchmarks._merit import tolerance
from benchmarks._perceptrons import fit_perceptron
from benchmarks._scaling import scaled
from benchmarks.peers._perceptrons import PENALTIES, PHASES, fitted
from scann_sklearn import SCANNClassifier

BUDGET = 300  # connections of the network of fixed size
# Bounds of our networks, on the way down.
LADDER: tuple[int, ...] = (10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 100, 120, 140, 170, 200)
LADDER += (240, 280, 330, 380, 450, 520, 600, 700, 850, 1000)
ARCHITECTURES = ((50,), (100,), (100, 50), (200, 100))
WIDTHS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 25, 30, 40, 50, 70, 100)
FOREST = tuple(product((3, 5, 8, 12, 20, 40), (8, 16, 32, 64, 128)))  # trees, leaves of each
MOST_BYTES = 20_000  # of a forest
_NODE_BYTES = 8  # of emlearn's tables; only to say which forest is the smaller one


class Chosen(NamedTuple):
    """A fitted model and why it is compared.

    Parameters
    ----------
    what : str
        Its part in the comparison: "small" and "budget" (ours), "smallest" and "validation"
        (perceptrons), "forest".
    setting : str
        What it is, in a few words.
    model : estimator
        Takes raw samples.
    reached : bool
        Whether validation accuracy is at least the floor.
    options : dict
        What the conversion needs to know.
    """

    what: str
    setting: str
    model: Any
    reached: bool
    options: dict = {}


def choose(parts, seeds, n_jobs=1, quick=False):
    """Fit and choose all models of a data set.

    The floor is what the best perceptron of `ARCHITECTURES` reaches on the validation part, less
    one standard error. Of every family the smallest model counts that one of its starts brings to
    the floor.

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
        Validation accuracy to reach.
    chosen : list of Chosen
        In the order of the tables.
    """
    with Parallel(n_jobs) as parallel:
        layers = ARCHITECTURES[:1] if quick else ARCHITECTURES
        perceptrons = _perceptrons(parallel, parts, layers, seeds, quick)
        picked = max(perceptrons, key=lambda found: found[0])
        floor = picked[0] - tolerance(picked[0], len(parts.y_val))
        chosen = [
            *_networks(parallel, parts, floor, seeds, quick),
            _smallest(parallel, parts, floor, seeds, quick),
            Chosen("validation", _layers(picked[1]), picked[1], True),
            _forest(parallel, parts, floor, seeds, quick),
        ]
    return floor, chosen


def _networks(parallel, parts, floor, seeds, quick):
    """Our smallest network above the floor, and the best one of at most `BUDGET` connections.

    From the frontiers of the fits with and without a bound it goes down the ladder, as long as that
    gives a smaller network.
    """
    budgets = _synthesised(parallel, parts, BUDGET, seeds)
    autos = [] if quick else _synthesised(parallel, parts, "auto", seeds)
    small, reached = _pick([*budgets, *autos], floor)
    for bound in reversed(LADDER[10::5] if quick else LADDER):
        if bound < small.n_connections_:
            smaller, reached_too = _pick(_synthesised(parallel, parts, bound, seeds), floor)
            if not reached_too or smaller.n_connections_ >= small.n_connections_:
                break
            small, reached = smaller, True
    budget = max(budgets, key=lambda fit: fit.validation_score_)
    return [
        Chosen("small", f"{small.n_connections_} connections", small, reached),
        Chosen(
            "budget",
            f"{budget.n_connections_} connections",
            budget,
            bool(budget.validation_score_ >= floor),
        ),
    ]


def _pick(fits, floor):
    """Smallest network above the floor among frontiers, else the best, and whether it reaches."""
    frontiers = [(i, point) for i, fit in enumerate(fits) for point in fit.path_]
    points = [(p.n_connections, -p.validation_score, i) for i, p in frontiers]
    able = [p for p in points if -p[1] >= floor]
    best = min(able) if able else min(points, key=lambda p: (p[1], p[0]))
    return fits[best[2]].select(n_connections=best[0]), bool(able)


def _synthesised(parallel, parts, bound, seeds):
    return list(parallel(delayed(_fit)(parts, bound, seed) for seed in seeds))


def _fit(parts, bound, seed):
    classifier = SCANNClassifier(n_connections=bound, random_state=seed)
    return classifier.fit(parts.X_train, parts.y_train, X_val=parts.X_val, y_val=parts.y_val)


def _smallest(parallel, parts, floor, seeds, quick):
    """The first width of the ladder that reaches the floor."""
    for width in (4, 16, 50) if quick else WIDTHS:
        found = _perceptrons(parallel, parts, [(width,)], seeds, quick)
        validation, model = max(found, key=lambda f: f[0])
        if validation >= floor:
            break
    return Chosen("smallest", _layers(model), model, bool(validation >= floor))


def _perceptrons(parallel, parts, layers, seeds, quick):
    """Validation accuracies and pipelines: three ways to train, every start."""
    trainings = (None,) if quick else (None, *PENALTIES)
    cells = product(layers, trainings, seeds)
    return parallel(delayed(_perceptron)(parts, *cell) for cell in cells)


def _perceptron(parts, layers, penalty, seed):
    """At a constant rate up to the best epoch, or with a penalty at falling rates to the end."""
    if penalty is None:
        model, validation = fit_perceptron(layers, parts, "standard", seed)
        return validation, model
    with threadpool_limits(1):
        mlp = fitted(scaled(parts, "standard"), layers, seed, penalty, PHASES)
    model = Pipeline([("scale", StandardScaler().fit(parts.X_train)), ("mlp", mlp)])
    return float(np.mean(model.predict(parts.X_val) == parts.y_val)), model


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
    """Validation accuracy, rough bytes, forest and bits of a leaf, for both kinds of leaves."""
    model = RandomForestClassifier(size[0], max_leaf_nodes=size[1], random_state=seed)
    model.fit(parts.X_train, parts.y_train)
    n_classes = len(model.classes_)
    n_nodes = sum(tree.tree_.node_count - tree.get_n_leaves() for tree in model)
    n_leaves = sum(tree.get_n_leaves() for tree in model)
    votes = np.array([tree.predict(parts.X_val) for tree in model], dtype=int)
    counts = (votes[..., None] == np.arange(n_classes)).sum(axis=0)
    hard = model.classes_[counts.argmax(axis=1)]
    soft = model.predict(parts.X_val)
    return [
        (np.mean(hard == parts.y_val), _NODE_BYTES * n_nodes, model, 0),
        (np.mean(soft == parts.y_val), _NODE_BYTES * n_nodes + n_classes * n_leaves, model, 8),
    ]
