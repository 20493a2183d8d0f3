"""Records of the families: what is measured of what they have found."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time

import numpy as np

from benchmarks import _data
from benchmarks._merit import accuracies, costs
from benchmarks._network_files import write_network
from benchmarks._perceptrons import Remembered
from benchmarks.uci._dense import Dense, DenseSearch
from benchmarks.uci._families import Growing, Iterative, Nest, OneShot, Published, Synthesis
from benchmarks.uci._recipes import TEACHER, Recipes
from benchmarks.uci._reduced import (
    DimensionalityReduction,
    ReducedDense,
    ReducedSearch,
    ReducedSynthesis,
    Reductions,
)
from benchmarks.uci._rigl import Rigl
from benchmarks.uci._search import N_FITS, Search
from scann_sklearn import SchemeC

RULES = ("best", "equal", "one_se")


class Default(Growing):
    """One fit with the defaults."""

    schemes = {"default": (SchemeC(), (100, 50))}


FAMILIES = {
    "SCANN": Synthesis,
    "NeST": Nest,
    "iterative": Iterative,
    "one-shot": OneShot,
    "RigL": Rigl,
    "as published": Published,
}
REDUCED = ("DR", "DR+SCANN")


def dense(name, seed, file, scaling, folder, n_fits=N_FITS, quick=False):
    """Record of the dense perceptrons; what the teacher says goes to a file.

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
    folder : Path
        Where networks and teachers go.
    n_fits : int, default=48
        How many fits there are.
    quick : bool, default=False
        Few epochs, as a test.

    Returns
    -------
    record : dict
        The most accurate network, the smallest by two rules, all fits.
    """
    parts = _data.load(name, seed, file)
    recipes = Recipes(parts, scaling)
    start = time.process_time()
    search = DenseSearch(Dense(parts, recipes, quick), seed, n_fits)
    found, teacher, floors = search.run_dense()
    seconds = time.process_time() - start
    path = _teacher_file(folder, name, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, classes=teacher.classes, probabilities=teacher.probabilities)
    facts = {
        "note": parts.note,
        "n_samples": [len(parts.y_train), len(parts.y_val), len(parts.y_test)],
        "n_features": parts.X_train.shape[1],
        "scaling": scaling,
        "floors": {rule: round(floor, 6) for rule, floor in floors.items()},
    }
    return facts | _record(found, parts, floors, seconds, (folder, name, seed, "dense"))


def sparse(name, seed, file, family, baseline, folder, n_fits=N_FITS, quick=False):
    """Record of a family of sparse networks.

    Parameters
    ----------
    name, seed, file, folder, n_fits, quick
        As for `dense`.
    family : str
        One of `FAMILIES`, or "default".
    baseline : dict
        Record of the dense perceptrons.

    Returns
    -------
    record : dict
        As of `dense`, and the whole frontier.
    """
    parts = _data.load(name, seed, file)
    floors = baseline["floors"]
    start = time.process_time()
    if family == "default":
        search = Search(Default(parts, Recipes(parts, "standard"), quick), seed, 1)
        search.fit("default", "plain")
        found = search.found
    elif family in REDUCED:
        found = _reduced(parts, seed, family, baseline, _teacher(folder, name, seed), n_fits, quick)
    else:
        recipes = Recipes(parts, baseline["scaling"])
        recipes.teach(_teacher(folder, name, seed))
        found = Search(FAMILIES[family](parts, recipes, quick), seed, n_fits).run(floors)
    seconds = time.process_time() - start
    return _record(found, parts, floors, seconds, (folder, name, seed, family))


def _reduced(parts, seed, family, baseline, teacher, n_fits, quick):
    recipes = {"standard": Recipes(parts, "standard"), "none": Recipes(parts, None)}
    for own in recipes.values():
        own.teach(teacher)
    reductions = Reductions(parts, seed, quick)
    if family == "DR+SCANN":
        search = ReducedSearch(ReducedSynthesis(reductions, recipes, quick), seed, n_fits)
        return search.run_behind(baseline["floors"])
    search = DimensionalityReduction(ReducedDense(reductions, recipes, quick), seed, n_fits)
    best = baseline["best"]
    # the reductions are judged without a teacher: it is not theirs
    recipe = best["recipe"] if best["recipe"] != TEACHER else "plain"
    return search.run_behind(best["start"], recipe)


def network_file(folder, name, seed, family, rule):
    """Where a network of a record is."""
    return folder / f"{name}-{seed}-{family}-{rule}.npz.gz"


def _record(found, parts, floors, seconds, place):
    record = {
        "seconds": round(seconds, 1),
        "n_fits": len(found.fits),
        "epochs": sum(fit["epochs"] for fit in found.fits),
        "frontier": [_point(one, parts) for one in found.front],
    }
    chosen = {"best": found.best} | {rule: found.smallest(f) for rule, f in floors.items()}
    for rule, one in chosen.items():
        reached = one is not None
        one = one if reached else found.best
        record[rule] = {"reached": reached, **_row(one, parts)}
        write_network(one.model, network_file(*place, rule))
    return record | {"fits": found.fits}


def _point(one, parts):
    accuracy = accuracies(one.whole, parts)
    return [one.connections, accuracy["validation"], accuracy["test"], round(one.score, 5)]


def _row(one, parts):
    model = one.model
    return {
        **one.facts,
        **accuracies(one.whole, parts),
        **costs(one.whole),
        "n_hidden": int(model.n_hidden_),
        "depth": int(model.depth_),
        "inputs": int(model.get_support().sum()),
    }


def _teacher_file(folder, name, seed):
    return folder / "teachers" / f"{name}-{seed}.npz"


def _teacher(folder, name, seed):
    path = _teacher_file(folder, name, seed)
    if not path.exists():
        raise FileNotFoundError(
            f"{path}, which the perceptrons' fits write, is missing: run them again (--into)"
        )
    with np.load(path) as file:
        return Remembered(file["classes"], file["probabilities"])
