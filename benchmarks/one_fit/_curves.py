"""Test accuracy by size: the tuning of the opponents, then the default fit against them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time
from itertools import product

import numpy as np
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

from benchmarks import _data
from benchmarks._records import Records, Task
from benchmarks.one_fit._opponents import OPPONENTS, RATES, SCALING, SIZES, STARTS, default
from benchmarks.peers import _trees
from benchmarks.peers._compare import value_at

NAME, FIELDS = "one_fit_curves", ("data", "seed", "family")
TUNING, TUNING_FIELDS = "one_fit_tuning", ("data", "family")
TUNING_SEED, HELD_OUT = 1000, 0.2
QUICK_SIZES, QUICK_RATES = (100, 500), ("auto", 0.02)


def held_out(parts):
    """Data for tuning: a fifth of the training part takes the place of the test part."""
    rows = train_test_split(
        np.arange(len(parts.y_train)), test_size=HELD_OUT, stratify=parts.y_train, random_state=0
    )
    (X_train, y_train), (X_test, y_test) = ((parts.X_train[r], parts.y_train[r]) for r in rows)
    return parts._replace(X_train=X_train, y_train=y_train, X_test=X_test, y_test=y_test)


def tune(name, family, quick):
    """Content of a record of tuning: accuracy on held-out training data by setting and size.

    Where a setting has nothing so small, its accuracy is zero.
    """
    sizes = QUICK_SIZES if quick else SIZES
    parts, settings = held_out(_data.load(name, TUNING_SEED)), []
    with threadpool_limits(1):
        n_epochs = default(parts, TUNING_SEED, quick)["epochs"]
        for rate, start in product(QUICK_RATES if quick else RATES, STARTS):
            run = OPPONENTS[family](parts, TUNING_SEED, n_epochs, rate, start, sizes)
            values = np.nan_to_num([value_at(run["points"], size) for size in sizes])
            settings.append({"rate": rate, "start": start, "values": values.round(5).tolist()})
    return {"epochs": n_epochs, "sizes": list(sizes), "settings": settings}


def settings(records):
    """What each setting of an opponent is worth, best first.

    Parameters
    ----------
    records : iterable of dict
        Records of tuning of one opponent, one a data set.

    Returns
    -------
    found : list of (float or str, str, float)
        Learning rate, start, and the median over data sets of the mean accuracy over sizes, less
        the mean of all settings on that data set.
    """
    records = list(records)
    names = [(s["rate"], s["start"]) for s in records[0]["settings"]]
    means = np.array([[np.mean(s["values"]) for s in r["settings"]] for r in records])
    worth = np.median(means - means.mean(axis=1, keepdims=True), axis=0).tolist()
    return sorted(((*n, w) for n, w in zip(names, worth)), key=lambda found: -found[-1])


def measure(name, seed, file, function, arguments):
    """Content of a record: the points of a family, and how long they took."""
    parts = _data.load(name, seed, file)
    start = time.perf_counter()
    with threadpool_limits(1):
        content = function(parts, seed, *arguments)
    content = {"scaling": SCALING, "seconds": round(time.perf_counter() - start, 2), **content}
    return {**content, "note": parts.note} if parts.note else content


def run_opponent(parts, seed, family, n_epochs, rate, start, quick):
    """Content of a record of an opponent, with its setting."""
    sizes = QUICK_SIZES if quick else SIZES
    content = OPPONENTS[family](parts, seed, n_epochs, rate, start, sizes)
    return {"rate": rate, "start": start, **content}


def run_tree(parts, seed, quick):
    """Content of a record of decision trees."""
    return {"points": _trees.tree(parts, SCALING, seed, quick)}


def choices(names, n_jobs, quick=False, folder=None):
    """Tune the opponents: the best learning rate and start of each over data sets.

    Parameters
    ----------
    names : list of str
        Data sets, all complete.
    n_jobs : int
        Processes.
    quick : bool, default=False
        Few epochs and settings.
    folder : path-like, default=None
        See `Records`.

    Returns
    -------
    chosen : dict
        Learning rate and start by opponent.
    """
    records = Records(TUNING, TUNING_FIELDS, folder)
    tasks = [
        Task((name, family), tune, (name, family, quick), _data.digest(name))
        for name, family in product(names, OPPONENTS)
    ]
    records.run(tasks, n_jobs, "tuning")
    return {
        family: settings([records[name, family] for name in names])[0][:2] for family in OPPONENTS
    }


def run(names, seeds, files, chosen, n_jobs, quick=False, folder=None):
    """Carry out what has no record yet: default fits and trees, then the opponents."""
    records = Records(NAME, FIELDS, folder)
    _refuse_other_settings(records, chosen)
    cells = [(name, seed) for seed in seeds for name in names]  # whole seeds, if it is interrupted
    stages = {"default fits": ("default", "tree"), "opponents": tuple(OPPONENTS)}
    for title, families in stages.items():
        tasks = []
        for (name, seed), family in product(cells, families):
            function, arguments = default, (quick,)
            if family == "tree":
                function = run_tree
            elif family in OPPONENTS:
                n_epochs = records[name, seed, "default"]["epochs"]
                function, arguments = run_opponent, (family, n_epochs, *chosen[family], quick)
            file = files.get(name)
            work = (name, seed, file, function, arguments)
            tasks.append(Task((name, seed, family), measure, work, _data.digest(name, file)))
        records.run(tasks, n_jobs, title)
    return records


def _refuse_other_settings(records, chosen):
    """One setting an opponent, in the whole file."""
    for r in records:
        there = (r.get("rate"), r.get("start"))
        if r["family"] in chosen and there != tuple(chosen[r["family"]]):
            raise ValueError(
                f"{records.path} has records of {r['family']} at {there}, but the tuning has "
                f"chosen {tuple(chosen[r['family']])}: give another folder by --into"
            )
