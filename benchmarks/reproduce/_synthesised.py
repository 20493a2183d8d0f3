"""Columns of the synthesised networks: SCANN, DR+SCANN, and the paper's plain setting."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time

from sklearn.pipeline import Pipeline

from benchmarks import _data
from benchmarks._merit import accuracies, costs
from benchmarks._perceptrons import Ensemble, fit_perceptron
from benchmarks.reproduce._baseline import accuracy_floors, row
from benchmarks.reproduce._models import save_model
from benchmarks.reproduce._search import Search, paper_settings, settings
from scann_sklearn import DimReducer
from scann_sklearn.metrics import n_connections

TEACHERS, REDUCTIONS = 3, 3
# DR+SCANN tries fewer settings than SCANN, but each on several reductions.
REDUCED_SCHEMES, REDUCED_TRAINING = ("A", "C 60-60"), ("30 epochs", "10 epochs")


def synthesised(name, seed, file, baseline, models):
    """Record of SCANN alone.

    Parameters
    ----------
    name : str
        Data set.
    seed : int
        Draws the training and the validation part, and decides the fits.
    file : str or None
        A partial file.
    baseline : dict
        Record of the best MLP.
    models : Path
        Folder for the most compressed network.

    Returns
    -------
    record : dict
        The most accurate network, the smallest by two rules, and the whole frontier.
    """
    parts = _data.load(name, seed, file)
    floors = accuracy_floors(baseline, len(parts.y_val))
    start = time.perf_counter()
    teacher, perceptron_seconds = _teacher(parts, seed, baseline)
    estimators = settings(teacher, baseline["scaling"])
    search = Search(parts, seed).run(estimators)
    for floor in floors.values():
        search.attack(floor, estimators)
    record = {
        **_seconds(start, perceptron_seconds, search.n_fits),
        "points": [_point(c, parts) for c in search.front],
        "best": _row(search.best, parts),
    }
    for rule, floor in floors.items():
        record[rule] = _row(search.smallest(floor) or search.best, parts)
    save_model(models / f"{name}-{seed}-SCANN.npz", (search.smallest(floor) or search.best).model)
    return record


def plain(name, seed, file, baseline):
    """Record of the paper's setting, without what this project adds.

    Parameters
    ----------
    name, seed, file, baseline
        As for `synthesised`.

    Returns
    -------
    record : dict
        As of `synthesised`.
    """
    parts = _data.load(name, seed, file)
    start = time.perf_counter()
    search = Search(parts, seed).run(paper_settings(baseline["scaling"]))
    record = {
        "seconds": round(time.perf_counter() - start, 1),
        "n_fits": search.n_fits,
        "points": [_point(c, parts) for c in search.front],
        "best": _row(search.best, parts),
    }
    for rule, floor in accuracy_floors(baseline, len(parts.y_val)).items():
        record[rule] = _row(search.smallest(floor) or search.best, parts)
    return record


def reduced_and_synthesised(name, seed, file, baseline, reduced, models):
    """Record of DR+SCANN, on the reductions that Algorithm 1 has found.

    Parameters
    ----------
    name, seed, file, baseline, models
        As for `synthesised`.
    reduced : dict
        Record of Algorithm 1.

    Returns
    -------
    record : dict
        As of `synthesised`, with the reductions.
    """
    parts = _data.load(name, seed, file)
    floors = accuracy_floors(baseline, len(parts.y_val))
    start = time.perf_counter()
    perceptron_seconds, n_fits, found = 0.0, 0, []
    for method, ratio in promising(reduced["tried"], floors["one_se"]):
        reducer = DimReducer(method, ratio=ratio, random_state=seed)
        X_train = reducer.fit_transform(parts.X_train)
        inner = parts._replace(
            X_train=X_train,
            X_val=reducer.transform(parts.X_val),
            X_test=reducer.transform(parts.X_test),
        )
        layers = next(
            t["layers"] for t in reduced["tried"] if (t["method"], t["ratio"]) == (method, ratio)
        )
        teacher, seconds = _teacher(
            inner, seed, {"scaling": "standard", "best": {"layers": layers}}
        )
        perceptron_seconds = perceptron_seconds or seconds
        estimators = settings(teacher, "standard", REDUCED_SCHEMES, REDUCED_TRAINING)
        search = Search(inner, seed).run(estimators)
        search.attack(floors["one_se"], estimators)
        n_fits += search.n_fits
        facts = {"method": method, "ratio": ratio}
        found += [(c, reducer, facts) for c in search.front]
    front = _front(found)
    record = {
        **_seconds(start, perceptron_seconds, n_fits),
        "points": [_point(c, parts, reducer, **facts) for c, reducer, facts in front],
    }
    chosen = {"best": front[-1]}
    for rule, floor in floors.items():
        chosen[rule] = next((f for f in front if f[0].validation >= floor), front[-1])
    for rule, (candidate, reducer, facts) in chosen.items():
        record[rule] = _row(candidate, parts, reducer, **facts)
    candidate, reducer, facts = chosen["one_se"]
    save_model(models / f"{name}-{seed}-DR+SCANN.npz", candidate.model, **facts)
    return record


def promising(tried, floor):
    """Reductions that DR+SCANN goes on with: the best one, then the most compressed good ones.

    Parameters
    ----------
    tried : list of dict
        What Algorithm 1 tried.
    floor : float
        Validation accuracy of a good one; where there are none, two points below the best count.

    Returns
    -------
    reductions : list of (method, ratio)
        At most `REDUCTIONS`.
    """
    best = max(tried, key=lambda t: (t["validation"], -t["connections"]))
    floor = min(floor, best["validation"] - 0.02)
    good = sorted(
        (t for t in tried if t["validation"] >= floor),
        key=lambda t: (-t["ratio"], -t["validation"]),
    )
    chosen = dict.fromkeys((t["method"], t["ratio"]) for t in (best, *good))
    return list(chosen)[:REDUCTIONS]


def _teacher(parts, seed, baseline):
    """Ensemble of the best MLP's architecture, and the seconds that one member takes."""
    layers, scaling = tuple(baseline["best"]["layers"]), baseline["scaling"]
    start = time.perf_counter()
    members = [fit_perceptron(layers, parts, scaling, seed + i)[0] for i in range(TEACHERS)]
    return Ensemble(members), (time.perf_counter() - start) / TEACHERS


def _seconds(start, perceptron_seconds, n_fits):
    seconds = time.perf_counter() - start
    return {
        "seconds": round(seconds, 1),
        "n_fits": n_fits,
        "perceptron_seconds": round(perceptron_seconds, 2),
        "relative_seconds": round(seconds / perceptron_seconds, 1),
    }


def _model(candidate, reducer):
    model = candidate.model
    return model if reducer is None else Pipeline([("reduce", reducer), ("scann", model)])


def _point(candidate, parts, reducer=None, **facts):
    model = _model(candidate, reducer)
    return {"setting": candidate.setting, **facts, **accuracies(model, parts), **costs(model)}


def _row(candidate, parts, reducer=None, **facts):
    model, network = _model(candidate, reducer), candidate.model
    return row(
        model,
        parts,
        setting=candidate.setting,
        n_hidden=network.n_hidden_,
        depth=network.depth_,
        inputs=int(network.get_support().sum()),
        **facts,
    )


def _front(found):
    """Those that none beats in both connections and validation accuracy."""
    front: list = []
    for item in sorted(found, key=lambda f: (n_connections(f[0].model), -f[0].validation)):
        if not front or item[0].validation > front[-1][0].validation:
            front.append(item)
    return front
