"""Choose the defaults of `SCANNClassifier` by measurement, without the test sets.

Every option is varied alone. Networks are synthesised on the training part of each data set (with
a validation split of their own inside it) and judged on the validation part; the official test
sets are not touched.

    python -m benchmarks.defaults [--seeds 3] [--jobs 2] [--only input_scaling ...]
        [--into FOLDER]
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys
from itertools import product

import numpy as np
from joblib import Parallel, delayed

from benchmarks import _data, _options, _results
from scann_sklearn import SCANNClassifier, SchemeA, SchemeB, SchemeC

BUDGETS = {
    "pendigits": (100, 300, 600),
    "satimage": (50, 100, 300),
    "dna": (30, 50, 100),
    "letter": (600, 1500),
    "musk": (100, 300),
    "seizure": (100, 300),
}

# Option -> setting -> what it changes from the defaults.
VARIANTS = {
    "input_scaling": {
        "standard": {},
        "robust": {"input_scaling": "robust"},
        "range": {"input_scaling": "range"},
        "none": {"input_scaling": None},
    },
    "scheme": {"B": {}, "A": {"scheme": SchemeA()}, "C": {"scheme": SchemeC()}},
    "pruning_criterion": {
        "saliency": {},
        "magnitude": {"scheme": SchemeB(pruning_criterion="magnitude")},
    },
    "growth": {
        "up to 1.5 times the target": {},
        "none": {"scheme": SchemeB(growth="none")},
        "up to 2 times the target": {"scheme": SchemeB(growth_limit=1.0)},
        "90 % of all (paper)": {"scheme": SchemeB(growth_limit=None)},
    },
    "pruning_ratio": {
        "0.3": {},
        "0.5": {"scheme": SchemeB(pruning_ratio=0.5)},
        "at once (paper)": {"scheme": SchemeB(pruning_ratio=None)},
    },
    "iterations": {
        "6": {},
        "1": {"scheme": SchemeB(iterations=1)},
        "3": {"scheme": SchemeB(iterations=3)},
        "12": {"scheme": SchemeB(iterations=12)},
    },
    "epochs": {
        "10": {},
        "5": {"scheme": SchemeB(epochs=5)},
        "20": {"scheme": SchemeB(epochs=20)},
    },
    "weight_decay": {
        "0.001": {},
        "0": {"weight_decay": 0.0},
        "0.0001": {"weight_decay": 1e-4},
        "0.003": {"weight_decay": 3e-3},
    },
    "label_smoothing": {
        "0.1": {},
        "0": {"label_smoothing": 0.0},
        "0.05": {"label_smoothing": 0.05},
        "0.2": {"label_smoothing": 0.2},
    },
    "learning_rate_init": {
        "0.02": {},
        "0.01": {"learning_rate_init": 0.01},
        "0.04": {"learning_rate_init": 0.04},
    },
    "learning_rate": {"cosine": {}, "constant": {"learning_rate": "constant"}},
    "validation_fraction": {"0.1": {}, "0.2": {"validation_fraction": 0.2}},
}


def holdout_accuracy(name, budget, seed, changes):
    """Accuracy on the validation part, which the synthesis has not seen."""
    data = _data.load(name)
    clf = SCANNClassifier(n_connections=budget, random_state=seed).set_params(**changes)
    return clf.fit(data.X_train, data.y_train).score(data.X_val, data.y_val)


def measure(options, n_seeds, n_jobs):
    """A record a setting: median accuracy over seeds for each data set and budget."""
    settings = [(o, s, changes) for o in options for s, changes in VARIANTS[o].items()]
    cells = [(name, budget) for name, budgets in BUDGETS.items() for budget in budgets]
    default = None
    for option, setting, changes in settings:
        if changes or default is None:
            runs = list(product(cells, range(n_seeds)))
            scores = Parallel(n_jobs)(
                delayed(holdout_accuracy)(*cell, seed, changes) for cell, seed in runs
            )
            table = np.median(np.reshape(scores, (len(cells), n_seeds)), axis=1)
            default = table if default is None else default
        else:
            table = default
        record = {
            "option": option,
            "setting": setting,
            "default": not changes,
            "mean_accuracy": round(float(table.mean()), 4),
            "accuracy": {f"{n} {b}": round(float(a), 4) for (n, b), a in zip(cells, table)},
        }
        yield record
        print(f"{option:20} {setting:28} {record['mean_accuracy']:.4f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    _options.add_into(parser, "the result")
    args = parser.parse_args()
    if len(_data.ready(BUDGETS)) < len(BUDGETS):
        sys.exit(1)  # the figures are means over all
    results = _results.Run("defaults", args.into, seeds=list(range(args.seeds)))
    for record in measure(args.only, args.seeds, args.jobs):
        results.add(record)
    results.finish()


if __name__ == "__main__":
    main()
