"""Choose the defaults of `SCANNClassifier` by measurement, without the test sets.

Every option is varied separately. Of the training data of each data set, 30 % are held out to
compare the networks, and 15 % of the rest are their validation data. The official test sets are not
used.

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
from sklearn.datasets import load_wine, make_classification
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.model_selection import train_test_split

from benchmarks import _data, _options, _results
from scann_sklearn import SCANNClassifier, SchemeA, SchemeB, SchemeC

BUDGETS = {
    "pendigits": (50, 100, 300, 1000),
    "satimage": (50, 100, 300, 1000),
    "dna": (30, 50, 100, 300),
    "letter": (300, 600, 1500),
    "musk": (50, 100, 300, 1000),
    "seizure": (50, 100, 300, 1000),
    "rare": (50, 100, 300),
    "many": (300, 600, 1500),
    "wide": (20, 50, 100),
    "small": (30, 60, 100),
}
# Drawn by make_classification: 2 % in one class, 60 classes, more features than samples.
DRAWN = {
    "rare": {"n_samples": 12000, "n_informative": 8, "weights": [0.98], "flip_y": 0.004},
    "many": {"n_samples": 9000, "n_features": 40, "n_informative": 20, "n_classes": 60}
    | {"n_clusters_per_class": 1, "class_sep": 2.0},
    "wide": {"n_samples": 450, "n_features": 1000, "n_informative": 12, "n_redundant": 20}
    | {"n_classes": 4, "class_sep": 2.0},
}

# Option -> setting -> what it changes from the defaults.
VARIANTS = {
    "input_scaling": {
        "standard": {},
        "robust": {"input_scaling": "robust"},
        "range": {"input_scaling": "range"},
        "none": {"input_scaling": None},
    },
    "scheme": {"C": {}, "A": {"scheme": SchemeA()}, "B": {"scheme": SchemeB()}},
    "pruning_criterion": {
        "magnitude": {},
        "saliency": {"scheme": SchemeC(pruning_criterion="saliency")},
    },
    "growth": {
        "up to 1.5 times the target": {},
        "none": {"scheme": SchemeC(growth="none")},
        "up to 1.25 times the target": {"scheme": SchemeC(growth_limit=0.25)},
        "90 % of all": {"scheme": SchemeC(growth_limit=None)},
    },
    "growth_epochs": {
        "2": {},
        "5": {"scheme": SchemeC(growth_epochs=5)},
        "as after prunings": {"scheme": SchemeC(growth_epochs=None)},
    },
    "pruning_ratio": {
        "0.2": {},
        "0.1": {"scheme": SchemeC(pruning_ratio=0.1)},
        "0.2, two rounds at a size": {"scheme": SchemeC(path_iterations=2)},
        "0.3": {"scheme": SchemeC(pruning_ratio=0.3)},
        "0.5": {"scheme": SchemeC(pruning_ratio=0.5)},
    },
    "initial_epochs": {
        "60": {},
        "20": {"scheme": SchemeC(initial_epochs=20)},
    },
    "epochs": {
        "15": {},
        "8": {"scheme": SchemeC(epochs=8)},
        "30": {"scheme": SchemeC(epochs=30)},
    },
    "weight_decay": {
        "5 / number of samples": {},
        "0": {"weight_decay": 0.0},
        "0.0003": {"weight_decay": 3e-4},
        "0.001": {"weight_decay": 1e-3},
        "0.01": {"weight_decay": 1e-2},
    },
    "label_smoothing": {
        "0": {},
        "0.05": {"label_smoothing": 0.05},
        "0.1": {"label_smoothing": 0.1},
    },
    "learning_rate_init": {
        "0.02, less for large networks": {},
        "0.005": {"learning_rate_init": 0.005},
        "0.01": {"learning_rate_init": 0.01},
        "0.02": {"learning_rate_init": 0.02},
    },
    "learning_rate": {"cosine": {}, "constant": {"learning_rate": "constant"}},
    "batch_size": {
        "64th of the samples, 16 to 128": {},
        "32": {"batch_size": 32},
        "128": {"batch_size": 128},
    },
}


def parts(name, seed):
    """Training, validation and held-out samples; none of a test set."""
    if name in DRAWN:
        X, y = make_classification(random_state=7, **DRAWN[name])
    elif name == "small":
        X, y = load_wine(return_X_y=True)
    else:
        data = _data.load(name)
        X, y = data.X_official, data.y_official
    X = X.astype(np.float32)
    X, X_held, y, y_held = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    X, X_val, y, y_val = train_test_split(X, y, test_size=0.15, stratify=y, random_state=seed)
    return X, y, X_val, y_val, X_held, y_held


def held_out_accuracy(name, seed, changes):
    """Accuracy at each bound on samples that the synthesis has not seen; of rare classes balanced.

    One fit gives all of them. Where it has nothing so small, that of a constant.
    """
    X, y, X_val, y_val, X_held, y_held = parts(name, seed)
    clf = SCANNClassifier(random_state=seed).set_params(**changes)
    clf.fit(X, y, X_val=X_val, y_val=y_val)
    score = balanced_accuracy_score if name == "rare" else accuracy_score
    constant = score(y_held, np.full(len(y_held), mode(y)))
    return [
        score(y_held, clf.select(n_connections=budget).predict(X_held))
        if clf.path_[0].n_connections <= budget
        else constant
        for budget in BUDGETS[name]
    ]


def mode(y):
    """The most frequent label."""
    labels, counts = np.unique(y, return_counts=True)
    return labels[counts.argmax()]


def measure(options, n_seeds, n_jobs):
    """A record a setting: mean accuracy over seeds for each data set and bound."""
    settings = [(o, s, changes) for o in options for s, changes in VARIANTS[o].items()]
    default = None
    for option, setting, changes in settings:
        if changes or default is None:
            runs = list(product(BUDGETS, range(n_seeds)))
            scores = Parallel(n_jobs)(
                delayed(held_out_accuracy)(name, seed, changes) for name, seed in runs
            )
            table = {
                name: np.mean([s for (n, _), s in zip(runs, scores) if n == name], axis=0)
                for name in BUDGETS
            }
            default = table if default is None else default
        else:
            table = default
        record = {
            "option": option,
            "setting": setting,
            "default": not changes,
            "mean_accuracy": round(float(np.mean([row.mean() for row in table.values()])), 4),
            "accuracy": {
                f"{name} {budget}": round(float(a), 4)
                for name, row in table.items()
                for budget, a in zip(BUDGETS[name], row)
            },
        }
        yield record
        print(f"{option:20} {setting:28} {record['mean_accuracy']:.4f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="number of seeds")
    parser.add_argument("--jobs", type=int, default=2, help="number of processes")
    parser.add_argument(
        "--only", nargs="+", choices=VARIANTS, default=list(VARIANTS), help="options to vary"
    )
    _options.add_into(parser, "the result")
    args = parser.parse_args()
    files = [name for name in BUDGETS if name in _data.FETCHERS]
    if len(_data.ready(files)) < len(files):
        sys.exit(1)  # the figures are means over all
    results = _results.Run("defaults", args.into, seeds=list(range(args.seeds)))
    for record in measure(args.only, args.seeds, args.jobs):
        results.add(record)
    results.finish()


if __name__ == "__main__":
    main()
