"""Columns of the synthesised networks: SCANN, DR+SCANN, and the paper's plain setting."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time

from benchmarks import _data
from benchmarks._merit import accuracies, costs
from benchmarks._perceptrons import Ensemble, Remembered, fit_perceptron
from benchmarks.reproduce._baseline import accuracy_floors, row
from benchmarks.reproduce._reductions import promising
from benchmarks.reproduce._search import Search, paper_settings, settings
from scann_sklearn.export import SparseModel

TEACHERS = 3
JUDGE = [("C 60-60", "fast")]  # one synthesis judges a reduction that Algorithm 1 tried


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
    start = time.process_time()
    teacher, perceptron_seconds = _teacher(parts, seed, baseline)
    pairs = (*effort.settings, *effort.large_settings)
    estimators = settings(pairs, [teacher, None], baseline["scaling"])
    search = Search(parts, seed, effort.tries).run(estimators)
    attack_and_save(search, floors, models / f"{name}-{seed}-SCANN.npz")
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
        When the work began, in processor time (`time.process_time`).
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
    start = time.process_time()
    layers = tuple(baseline["best"]["layers"])
    fit_perceptron(layers, parts, baseline["scaling"], seed)
    seconds = time.process_time() - start
    search = Search(parts, seed).run(paper_settings(baseline["scaling"]))
    return frontier_record(search, parts, floors, start, seconds)


def reduced_and_synthesised(name, seed, file, effort, baseline, reduced, models):
    """Record of DR+SCANN, on the best of the reductions that Algorithm 1 has found.

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
    start = time.process_time()
    teacher, perceptron_seconds = _teacher(parts, seed, baseline)

    def judge(reduction):
        search = Search(parts, seed).run(settings(JUDGE, [None], reduction.scaling), reduction)
        smallest, best = search.smallest(floors["one_se"]), search.best
        # those that reach the accuracy by size, the others behind them by accuracy
        return (0, smallest.connections) if smallest else (1, -best.score)

    search = Search(parts, seed, effort.tries)
    for reduction in promising(reduced["tried"], parts, seed, judge, effort.reductions):
        search.run(settings(effort.settings, [teacher, None], reduction.scaling), reduction)
    if search.smallest(floors["equal"]) is None:
        reduction = search.best.reduction
        search.run(settings(effort.large_settings, [teacher, None], reduction.scaling), reduction)
    attack_and_save(search, floors, models / f"{name}-{seed}-DR+SCANN.npz")
    return frontier_record(search, parts, floors, start, perceptron_seconds)


def attack_and_save(search, floors, path):
    """Attack every floor, and write the smallest network at one standard error to a file."""
    for floor in floors.values():
        search.attack(floor)
    path.parent.mkdir(parents=True, exist_ok=True)
    smallest = search.smallest(floors["one_se"]) or search.best
    SparseModel.from_estimator(smallest.model).save(path)


def _teacher(parts, seed, baseline):
    """Ensemble of the best MLP's architecture, and the seconds that one member takes."""
    layers, scaling = tuple(baseline["best"]["layers"]), baseline["scaling"]
    start = time.process_time()
    members = [fit_perceptron(layers, parts, scaling, seed + i)[0] for i in range(TEACHERS)]
    seconds = (time.process_time() - start) / TEACHERS
    ensemble = Ensemble(members)
    return Remembered(ensemble.classes_, ensemble.predict_proba(parts.X_train)), seconds


def _seconds(start, perceptron_seconds, n_fits):
    seconds = time.process_time() - start
    return {
        "seconds": round(seconds, 1),
        "n_fits": n_fits,
        "perceptron_seconds": round(perceptron_seconds, 2),
        "relative_seconds": round(seconds / perceptron_seconds, 1),
    }


def _point(candidate, parts):
    whole = candidate.whole
    return {**candidate.facts, **accuracies(whole, parts), **costs(whole)}


def _row(candidate, parts):
    network = candidate.model
    return row(
        candidate.whole,
        parts,
        **candidate.facts,
        n_hidden=network.n_hidden_,
        depth=network.depth_,
        inputs=int(network.get_support().sum()),
    )
