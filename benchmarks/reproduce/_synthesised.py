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

TEACHERS, MOST_JUDGED = 3, 5
QUICK = [("C 60-60", "fast")]  # one synthesis judges a reduction that Algorithm 1 tried


def synthesised(name, seed, file, effort, baseline, models):
    """Record of SCANN alone.

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
    estimators = settings(effort.settings, [teacher, None], baseline["scaling"])
    search = Search(parts, seed, effort.tries).run(estimators)
    for floor in floors.values():
        search.attack(floor)
    smallest = search.smallest(floors["one_se"]) or search.best
    save_model(models / f"{name}-{seed}-SCANN.npz", smallest.model)
    return frontier_record(search, parts, floors, start, perceptron_seconds)


def frontier_record(search, parts, floors, start, perceptron_seconds):
    """What is recorded of a search.

    Parameters
    ----------
    search : Search
        With its candidates.
    parts : Parts
        The data.
    floors : dict of str to float
        Score to reach by each rule.
    start : float
        When the work began, by `time.perf_counter`.
    perceptron_seconds : float
        What one fit of the best MLP takes.

    Returns
    -------
    record : dict
        The most accurate network, the smallest by two rules, and the whole frontier.
    """
    record = {
        **_seconds(start, perceptron_seconds, search.n_fits),
        "points": [_point(c, parts) for c in search.front],
        "best": _row(search.best, parts),
    }
    for rule, floor in floors.items():
        record[rule] = _row(search.smallest(floor) or search.best, parts)
    return record


def plain(name, seed, file, effort, baseline):
    """Record of the paper's setting, without what this project adds.

    Parameters
    ----------
    name, seed, file, effort, baseline
        As for `synthesised`.

    Returns
    -------
    record : dict
        As of `synthesised`.
    """
    parts = _data.load(name, seed, file)
    floors = accuracy_floors(baseline, len(parts.y_val))
    start = time.perf_counter()
    layers = tuple(baseline["best"]["layers"])
    fit_perceptron(layers, parts, baseline["scaling"], seed)
    seconds = time.perf_counter() - start
    search = Search(parts, seed).run(paper_settings(baseline["scaling"]))
    return frontier_record(search, parts, floors, start, seconds)


def reduced_and_synthesised(name, seed, file, effort, baseline, reduced, models):
    """Record of DR+SCANN, on the reductions that Algorithm 1 has found.

    Parameters
    ----------
    name, seed, file, effort, baseline, models
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
    n_fits, found = 0, []
    promising = _promising(reduced["tried"], parts, seed, floors["one_se"], effort.reductions)
    for trial, reducer, inner in promising:
        like = {"scaling": "standard", "best": {"layers": trial["layers"]}}
        teacher, perceptron_seconds = _teacher(inner, seed, like)
        estimators = settings(effort.reduced_settings, [teacher, None], "standard")
        search = Search(inner, seed, effort.tries).run(estimators)
        search.attack(floors["one_se"])
        n_fits += search.n_fits
        facts = {"method": trial["method"], "ratio": trial["ratio"]}
        found += [(c, reducer, facts) for c in search.front]
    front = _front(found)
    record = {
        **_seconds(start, perceptron_seconds, n_fits),
        "points": [_point(c, parts, reducer, **facts) for c, reducer, facts in front],
    }
    chosen = {"best": front[-1]}
    for rule, floor in floors.items():
        chosen[rule] = next((f for f in front if f[0].score >= floor), front[-1])
    for rule, (candidate, reducer, facts) in chosen.items():
        record[rule] = _row(candidate, parts, reducer, **facts)
    candidate, reducer, facts = chosen["one_se"]
    save_model(models / f"{name}-{seed}-DR+SCANN.npz", candidate.model, **facts)
    return record


def _promising(tried, parts, seed, floor, n_reductions):
    """Of the best reductions, those on which a quick synthesis needs fewest connections.

    Returns what was tried, the fitted reducer and the reduced data of the best ones.
    """
    judged = []
    for trial in sorted(tried, key=lambda t: -t["validation"])[:MOST_JUDGED]:
        reducer = DimReducer(trial["method"], ratio=trial["ratio"], random_state=seed)
        inner = parts._replace(
            X_train=reducer.fit_transform(parts.X_train),
            X_val=reducer.transform(parts.X_val),
            X_test=reducer.transform(parts.X_test),
        )
        search = Search(inner, seed).run(settings(QUICK, [None], "standard"))
        smallest, best = search.smallest(floor), search.best
        # those that reach the accuracy by size, the others behind them by accuracy
        rank = (0, smallest.connections) if smallest else (1, -best.score)
        judged.append((rank, len(judged), trial, reducer, inner))
    return [item[2:] for item in sorted(judged)[:n_reductions]]


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
    """Those that none beats in both connections and score."""
    front: list = []
    for item in sorted(found, key=lambda f: (n_connections(f[0].model), -f[0].score)):
        if not front or item[0].score > front[-1][0].score:
            front.append(item)
    return front
