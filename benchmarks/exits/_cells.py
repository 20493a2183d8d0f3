"""Networks with exits and without, from the same settings in as many fits."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time
import warnings
from itertools import product

import numpy as np

from benchmarks import _data
from benchmarks._merit import accuracies
from scann_sklearn import EarlyExitClassifier, SCANNClassifier, SchemeB, SchemeC, energy_score
from scann_sklearn.metrics import EnergyModel
from scann_sklearn.model._model import model_of

BOUNDS, BOUNDS_OF_MANY = (100, 300, 1000, 3000), (300, 1000, 3000, 10_000)
MANY = 20  # classes, of which few connections can't tell many apart
LAYERS = (100,)
SCHEMES = {"C 100": SchemeC, "B 100": SchemeB}
DISTILLATION = (0.5, 0.0)  # the paper's, and none; without exits there are two seeds
LOST = 0.05  # thresholds that lose more of the validation accuracy are no part of the record


def measure(name, seed, file, scaling, quick=False):
    """Record of a data set and seed.

    Parameters
    ----------
    name : str
        Data set.
    seed : int
        Draws the training and the validation part, and decides the fits.
    file : str or None
        A partial file.
    scaling : str
        Of the inputs.
    quick : bool, default=False
        One scheme, one bound and few epochs, as a test.

    Returns
    -------
    record : dict
        What every fit has found, by validation and by test data.
    """
    parts = _data.load(name, seed, file)
    many = len(np.unique(parts.y_train)) > MANY
    bounds, starts = (BOUNDS_OF_MANY if many else BOUNDS), list(SCHEMES)
    if quick:
        bounds, starts = (200,), starts[:1]
    fits = []
    for bound, start in product(bounds, starts):
        lengths = {"initial_epochs": 20, "epochs": 5} if quick else {}
        common = {
            "scheme": SCHEMES[start](**lengths),
            "hidden_layer_sizes": LAYERS,
            "n_connections": bound,
            "input_scaling": scaling,
        }
        for number, distillation in enumerate(DISTILLATION):
            own = common | {"random_state": 1000 * seed + number}
            facts = {"bound": bound, "start": start}
            fits.append({**facts, **_without(SCANNClassifier(**own), parts)})
            clf = EarlyExitClassifier(**own, distillation=distillation)
            fits.append({**facts, "distillation": distillation, **_with(clf, parts)})
    sizes = [len(y) for y in (parts.y_train, parts.y_val, parts.y_test)]
    return {"note": parts.note, "n_samples": sizes, "fits": fits}


def _fit(clf, parts):
    """Fit, and say how long it took; remarks of a fit are no news here."""
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        clf.fit(parts.X_train, parts.y_train, X_val=parts.X_val, y_val=parts.y_val)
    return round(time.process_time() - start, 1)


def _networks(clf):
    """Those of the path within the bound of the fit."""
    sizes = [point.n_connections for point in clf.path_]
    return [clf.select(n_connections=size) for size in sizes if size <= clf.n_connections]


def _without(clf, parts):
    seconds = _fit(clf, parts)
    points = [
        {
            "connections": int(network.n_connections_),
            "energy": EnergyModel().energy(network),
            **accuracies(network, parts),
        }
        for network in _networks(clf)
    ]
    return {"kind": "without", "seconds": seconds, "points": points}


def _with(clf, parts):
    seconds = _fit(clf, parts)
    points = []
    for network in _networks(clf):
        together = network.exit_accuracies_[-1]
        points.append(
            {
                "connections": int(network.n_connections_),
                "energy": float(network.exit_energies_[-1]),
                "deepest": {
                    "validation": _deepest(network, parts.X_val, parts.y_val),
                    "test": _deepest(network, parts.X_test, parts.y_test),
                },
                "thresholds": [
                    _leaving(network.select(energy=point.energy), point, parts)
                    for point in network.thresholds_path_
                    if point.accuracy >= together - LOST
                ],
            }
        )
    return {"kind": "with", "seconds": seconds, "points": points}


def _deepest(network, X, y):
    """Accuracy of the deepest exit for all samples."""
    model = model_of(network)
    head = model.head
    numbers = head.inner.decide(head.parts(model.outputs(X))[-1])
    return round(float(np.mean(network.classes_[numbers] == y)), 5)


def _leaving(network, point, parts):
    """Accuracy and mean energy where samples leave at these thresholds."""
    exits = network.predict_exit(parts.X_test)
    shares = np.bincount(exits, minlength=network.n_exits_) / len(exits)
    return {
        "expected": point.energy,
        "energy": -float(energy_score(network, parts.X_test)),
        "shares": [round(float(share), 4) for share in shares],
        **accuracies(network, parts),
    }
