"""SCANNRegressor: one default fit, and 21 fits whose frontiers are put together."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from itertools import product

from threadpoolctl import threadpool_limits

from benchmarks.regression._points import front, point
from scann_sklearn import SCANNRegressor, SchemeA, SchemeB, SchemeC

# The defaults train less at each size; fits of values are short.
_LONGER = {"path_iterations": 4, "epochs": 15}
SCHEMES = {
    "A 20": (SchemeA(**_LONGER), (20,)),
    "A 100": (SchemeA(**_LONGER), (100,)),
    "B 20": (SchemeB(**_LONGER), (20,)),
    "B 100": (SchemeB(**_LONGER), (100,)),
    "B 100, small steps": (SchemeB(pruning_ratio=0.15, **_LONGER), (100,)),
    "C 20": (SchemeC(**_LONGER), (20,)),
    "C 100": (SchemeC(**_LONGER), (100,)),
}
# Weight decay and initial learning rate.
PAIRS = ((1e-3, 0.02), (1e-3, 0.05), (1e-2, 0.02))


def settings():
    """Regressors to try, by what is special about each.

    Returns
    -------
    estimators : dict of str to SCANNRegressor
        Unfitted, for any data set the same.
    """
    found = {}
    for (name, (scheme, layers)), (decay, rate) in product(SCHEMES.items(), PAIRS):
        found[f"{name}, decay={decay:g}, rate={rate:g}"] = SCANNRegressor(
            scheme, hidden_layer_sizes=layers, weight_decay=decay, learning_rate_init=rate
        )
    return found


def frontier(parts, seed, quick=False):
    """What none of the networks of 21 fits beats in both connections and validation R².

    Parameters
    ----------
    parts : benchmarks._data.Parts
        The data.
    seed : int
        Decides the fits, each of which has a random state of its own.
    quick : bool, default=False
        Two of the fits, as a test.

    Returns
    -------
    content : dict
        points and n_fits.
    """
    estimators = settings()
    if quick:
        names = ("B 20, decay=0.01, rate=0.02", "C 20, decay=0.01, rate=0.02")
        estimators = {name: estimators[name] for name in names}
    points = []
    for number, (setting, estimator) in enumerate(estimators.items()):
        estimator.set_params(random_state=1000 * seed + number)
        points = front([*points, *_path(setting, estimator, parts)])
    return {"points": points, "n_fits": len(estimators)}


def default(parts, seed, quick=False):
    """One fit with the defaults: its path, and the network that it chose.

    Parameters
    ----------
    parts : benchmarks._data.Parts
        The data.
    seed : int
        Decides the fit.
    quick : bool, default=False
        Nothing is smaller then.

    Returns
    -------
    content : dict
        points and chosen, one of them.
    """
    estimator = SCANNRegressor(random_state=seed)
    points = _path("default", estimator, parts)
    chosen = next(p for p in points if p["connections"] == estimator.n_connections_)
    return {"points": points, "chosen": chosen}


def _path(setting, estimator, parts):
    """Points of a fit, ascending in connections."""
    with threadpool_limits(1):
        estimator.fit(parts.X_train, parts.y_train, X_val=parts.X_val, y_val=parts.y_val)
    sizes = [p.n_connections for p in estimator.path_]
    networks = [estimator.select(n_connections=size) for size in sizes]
    return [point(setting, n.predict, parts, connections=n.n_connections_) for n in networks]
