"""Columns of the baseline: the best MLP, the smallest MLP, and an MLP on reduced data."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time
import warnings
from itertools import pairwise

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import PredefinedSplit
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from benchmarks import _data
from benchmarks._merit import SCALERS, accuracies, costs, score, tolerance
from benchmarks._perceptrons import best_scaling, fit_perceptron
from scann_sklearn import DimReducer
from scann_sklearn.metrics import connections_score
from scann_sklearn.model_selection import CompressionSearchCV

# Learning rates that a step of the ladder is tried with: small networks need larger steps.
LADDER_RATES = [2e-3, 1e-2]
REDUCED_EPOCHS = 60
_SMALL = 20


def best_perceptron(name, seed, file, effort):
    """Record of the best MLP on validation data over the layers of the grid.

    Parameters
    ----------
    name : str
        Data set.
    seed : int
        Draws the training and the validation part, and decides the fits.
    file : str or None
        A partial file.
    effort : Effort
        What is tried.

    Returns
    -------
    record : dict
        What was chosen, its accuracies and costs.
    """
    parts = _data.load(name, seed, file)
    start = time.process_time()
    scaling = best_scaling(parts, seed)
    fits = [(layers, *fit_perceptron(layers, parts, scaling, seed)) for layers in effort.layers]
    seconds = time.process_time() - start
    # of equals the smaller
    _, model, _ = min(fits, key=lambda fit: (-fit[2], costs(fit[1])["connections"]))
    return {
        "note": parts.note,
        "n_samples": [len(parts.y_train), len(parts.y_val), len(parts.y_test)],
        "n_features": parts.X_train.shape[1],
        "scaling": scaling,
        "seconds": round(seconds, 1),
        "best": row(model, parts, list(model[-1].hidden_layer_sizes)),
    }


def smallest_perceptron(name, seed, file, effort, baseline):
    """Record of the smallest MLP that is as accurate on validation data.

    Parameters
    ----------
    name, seed, file, effort
        As for `best_perceptron`.
    baseline : dict
        Record of the best MLP.

    Returns
    -------
    record : dict
        The one of fewest connections with the accuracy of the best MLP, and the one a standard
        error below. Where none gets there, the best MLP itself.
    """
    parts = _data.load(name, seed, file)
    floors = accuracy_floors(baseline, len(parts.y_val))
    found = dict.fromkeys(floors)
    start = time.process_time()
    for layers in sorted(effort.ladder, key=lambda layers: _n_connections(layers, parts)):
        for rate in LADDER_RATES if max(layers) <= _SMALL else LADDER_RATES[:1]:
            model, _ = fit_perceptron(layers, parts, baseline["scaling"], seed, learning_rate=rate)
            reached = score(model.predict, parts)
            for rule, floor in floors.items():
                if found[rule] is None and reached >= floor:
                    found[rule] = row(model, parts, list(layers))
        if all(found.values()):
            break
    return {
        "seconds": round(time.process_time() - start, 1),
        **{rule: result or baseline["best"] for rule, result in found.items()},
    }


def reduced_perceptron(name, seed, file, effort, baseline):
    """Record of Algorithm 1: a reduction, then an MLP with all layers divided by the same ratio.

    Parameters
    ----------
    name, seed, file, effort, baseline
        As for `smallest_perceptron`.

    Returns
    -------
    record : dict
        The best on validation data, the smallest within one standard error of the best MLP (else
        the best), and all reductions that were tried.
    """
    parts = _data.load(name, seed, file)
    start = time.process_time()
    tried = _algorithm_1(parts, seed, baseline, effort.methods)
    seconds = time.process_time() - start
    record = {"seconds": round(seconds, 1), "tried": tried}
    best = max(tried, key=lambda t: (t["validation"], -t["connections"]))
    for rule, floor in accuracy_floors(baseline, len(parts.y_val)).items():
        enough = [t for t in tried if t["validation"] >= floor]
        choice = min(enough, key=lambda t: t["connections"]) if enough else best
        record[rule] = _refitted(choice, parts, seed)
    record["best"] = _refitted(best, parts, seed)
    return record


def accuracy_floors(baseline, n_validation):
    """Validation accuracy that counts as reaching the best MLP, by two rules."""
    accuracy = baseline["best"]["validation"]
    return {"equal": accuracy, "one_se": accuracy - tolerance(accuracy, n_validation)}


def row(model, parts, layers=None, **facts):
    """What a table says of a model."""
    return {"layers": layers, **facts, **accuracies(model, parts), **costs(model)}


def _n_connections(layers, parts):
    n_classes = len(np.unique(parts.y_train))
    sizes = [parts.X_train.shape[1], *layers, 1 if n_classes == 2 else n_classes]
    return sum(a * b for a, b in pairwise(sizes))


def _algorithm_1(parts, seed, baseline, methods):
    """Every reduction that Algorithm 1 tries, with its validation accuracy and its connections."""
    mlp = MLPClassifier(
        early_stopping=True, max_iter=REDUCED_EPOCHS, batch_size=128, random_state=seed
    )
    pipe = Pipeline(
        [
            ("reduce", DimReducer(random_state=seed)),
            ("scale", SCALERS["standard"]()),
            ("mlp", mlp),
        ]
    )
    search = CompressionSearchCV(
        pipe,
        methods=methods,
        hidden_layer_sizes=baseline["best"]["layers"],
        classifier="mlp",
        scoring={"accuracy": "accuracy", "size": connections_score},
        metric="accuracy",
        cv=PredefinedSplit(
            np.repeat([-1, 0], [len(parts.y_train), len(parts.y_val)]),
        ),
        refit=False,
    )
    with warnings.catch_warnings(), threadpool_limits(1):
        # the number of epochs is a budget here
        warnings.simplefilter("ignore", ConvergenceWarning)
        search.fit(parts.X_official, parts.y_official)
    results = search.cv_results_
    return [
        {
            "method": params["reduce__method"],
            "ratio": float(params["reduce__ratio"]),
            "layers": [int(n) for n in np.atleast_1d(params["mlp__hidden_layer_sizes"])],
            "validation": round(float(accuracy), 5),
            "connections": int(-size),
        }
        for params, accuracy, size in zip(
            results["params"], results["mean_test_accuracy"], results["mean_test_size"]
        )
        if np.isfinite(accuracy)
    ]


def _refitted(choice, parts, seed):
    reducer = DimReducer(choice["method"], ratio=choice["ratio"], random_state=seed)
    model, _ = fit_perceptron(tuple(choice["layers"]), parts, "standard", seed, reducer=reducer)
    facts = {name: choice[name] for name in ("method", "ratio")}
    return row(model, parts, choice["layers"], **facts)
