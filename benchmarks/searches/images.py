"""A convolutional network for MNIST, found by STEERAGE and trained on all images.

    python -m benchmarks.searches.images [--seeds 3] [--fits 30] [--jobs 2] [--into FOLDER]
    python -m benchmarks.searches.images --quick

The search fits candidates of at most 50 000 connections for a short time: filters, neurons, number
of connections, learning rate and weight decay, on 10 000 training images, scored on the validation
images. Two candidates are chosen by these scores, the most accurate one, and the smallest one
within a standard error of it. Each of the two is then trained from scratch for longer, on all
50 000 training images with distortion, and so is the first with 50 000 connections, the number of
the published network. The test images are only used for what is reported.

Records are kept as soon as they are finished, and the fits of an unfinished search too.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys
import time
import warnings
from tempfile import mkdtemp

import numpy as np

from benchmarks import _data, _options
from benchmarks._records import Records, Task
from benchmarks.mnist._fits import errors, parts_of
from benchmarks.mnist._networks import DISTORTION
from scann_sklearn import Conv2d, ConvFrontEnd, MaxPool2d, SCANNClassifier, SchemeC
from scann_sklearn.model_selection import STEERAGESearchCV

NAME, FIELDS, SEARCH = "searches_images", ("data", "seed", "what"), "search"
CHOICES = ("most accurate", "smallest within one standard error")
AT_BOUND = "most accurate, with 50 000 connections"
TITLES = dict(zip((AT_BOUND, *CHOICES), ("with 50 000", "most accurate", "smallest, 1 SE")))
ERRORS = ("validation_error", "test_error")
GOAL = 0.66  # percent of the test images, as published
N_FITS, MOST, N_IMAGES, SHAPE = 30, 50_000, 10_000, (1, 28, 28)
SHORT = {"initial_epochs": 8, "epochs": 3, "growth_epochs": 1, "iterations": 2}
LONG = {"initial_epochs": 15, "initial_pruning": 0.2, "epochs": 4, "growth_epochs": 1}
LONG |= {"iterations": 3, "final_epochs": 25}
QUICK = {"initial_epochs": 1, "epochs": 1, "growth_epochs": 1, "iterations": 1}
# Filters of each layer, and their side; pooling follows each.
FILTERS = [
    *(((4, 8), 5), ((6, 16), 5), ((10, 25), 5), ((20, 50), 5)),
    *(((4, 8, 12), 3), ((8, 16, 24), 3), ((12, 24, 48), 3), ((16, 32, 64), 3)),
]
SPACE = {
    "hidden_layer_sizes": [(30,), (60,), (100,), (200,), (500,)],
    "n_connections": np.geomspace(1500, MOST, 16).astype(int).tolist(),
    "learning_rate_init": [0.001, 0.002, 0.003, 0.005, 0.01],
    "weight_decay": [1e-5, 1e-4, 1e-3],
}


def front_end(filters, side, augment=None):
    """Convolutions, each with pooling behind it; the first of small ones keeps the size."""
    layers = []
    for number, n_filters in enumerate(filters):
        padding = 1 if side == 3 and number == 0 else 0
        layers += [Conv2d(n_filters, side, padding=padding), MaxPool2d(2)]
    return ConvFrontEnd(layers, SHAPE, augment=augment)


def search(seed, n_fits, folder, quick=False):
    """Content of the record of a search.

    Parameters
    ----------
    seed : int
        Draws the images, and decides which candidates are tried.
    n_fits : int
        Candidates.
    folder : Path
        Where the fits of an unfinished search are kept.
    quick : bool, default=False
        Fewer images and epochs, as a test.

    Returns
    -------
    content : dict
        All candidates with their validation error, and the parameters of the two chosen ones.
    """
    parts, begun = parts_of(seed, quick), time.process_time()
    n = len(parts.X_train)
    rows = np.random.default_rng(seed).permutation(n)[:N_IMAGES]
    X, y = np.r_[parts.X_train[rows], parts.X_val], np.r_[parts.y_train[rows], parts.y_val]
    split = np.arange(len(rows)), np.arange(len(rows), len(X))
    steerage = STEERAGESearchCV(
        SCANNClassifier(SchemeC(**QUICK if quick else SHORT), random_state=seed),
        {"front_end": [front_end(*maps) for maps in FILTERS], **SPACE},
        n_iter=n_fits,
        refit=False,
        cv=[split],
        checkpoint=folder,
        random_state=seed,
        verbose=not quick,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what a fit remarks is no news here
        steerage.fit(X, y)
    found = steerage.cv_results_
    errors_seen = np.round(1 - found["mean_test_score"], 5)
    points = [list(p) for p in zip(found["stage"].tolist(), found["cost"].tolist(), errors_seen)]
    chosen = dict(zip(CHOICES, choose(found["cost"], errors_seen, len(parts.y_val))))
    return {
        "n_fits": n_fits,
        "quick": quick,
        "points": points,
        "rank_correlations": [round(r["rank_correlation"], 3) for r in steerage.history_],
        **{name: written(found["params"][place]) for name, place in chosen.items()},
        "seconds": round(time.process_time() - begun, 1),
    }


def choose(costs, errors_seen, n):
    """Places of the most accurate candidate, and of the smallest within a standard error of it.

    Parameters
    ----------
    costs, errors_seen : ndarray of shape (n_candidates,)
        Connections, and shares of misclassified images; NaN if a fit failed.
    n : int
        Number of images that the errors are of.

    Returns
    -------
    best, small : int
        Places; of equals the smaller one.
    """
    lowest = np.nanmin(errors_seen)
    bound = lowest + np.sqrt(lowest * (1 - lowest) / n)
    return [
        int(np.flatnonzero(able)[np.argmin(np.asarray(costs)[able])])
        for able in (errors_seen <= lowest, errors_seen <= bound)
    ]


def written(params):
    """Parameters of a candidate as JSON has them."""
    maps = [layer for layer in params["front_end"].layers if isinstance(layer, Conv2d)]
    filters = [layer.n_maps for layer in maps], maps[0].kernel_size
    return {name: params[name] for name in SPACE} | {"filters": filters}


def trained(found):
    """Parameters of what is trained for longer, by names, from the record of a search."""
    at_bound = found[CHOICES[0]] | {"n_connections": MOST}
    return {AT_BOUND: at_bound} | {choice: found[choice] for choice in CHOICES}


def train(seed, params, quick=False):
    """Content of the record of a chosen candidate, trained from scratch on all images.

    Parameters
    ----------
    seed : int
        Of the images held out, and of the fit.
    params : dict
        See `written`.
    quick : bool, default=False
        Fewer images and epochs, as a test.

    Returns
    -------
    content : dict
        Its parameters, its size and its errors on validation and test images.
    """
    parts, begun = parts_of(seed, quick), time.process_time()
    own = {name: params[name] for name in SPACE}
    own["hidden_layer_sizes"] = tuple(own["hidden_layer_sizes"])
    clf = SCANNClassifier(
        SchemeC(**QUICK if quick else LONG),
        front_end=front_end(*params["filters"], DISTORTION),
        random_state=seed,
        verbose=not quick,
        **own,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        clf.fit(parts.X_train, parts.y_train, X_val=parts.X_val, y_val=parts.y_val)
    validation, test = errors(clf, parts)
    return {
        "quick": quick,
        **params,
        "connections": clf.n_connections_,
        "validation_error": validation,
        "test_error": test,
        "epochs": clf.n_iter_,
        "seconds": round(time.process_time() - begun, 1),
    }


def run(seeds, n_fits, n_jobs, folder=None, quick=False):
    """Carry out what has no record yet: all searches, then the chosen candidates."""
    records, digest = Records(NAME, FIELDS, folder), _data.digest("mnist")
    work, seeds = records.path.parent / NAME / "work", list(seeds)
    tasks = [
        Task(("mnist", seed, SEARCH), search, (seed, n_fits, work, quick), digest) for seed in seeds
    ]
    records.run(tasks, n_jobs, "searches")
    tasks = [
        Task(("mnist", seed, choice), train, (seed, params, quick), digest)
        for seed in seeds
        for choice, params in trained(records["mnist", seed, SEARCH]).items()
    ]
    records.run(tasks, n_jobs, "chosen candidates")
    return records


def searches_images():
    """The chosen networks, beside the published one.

    Returns
    -------
    headings : list of str
    rows : list of list of str
    """
    found = Records(NAME, FIELDS)
    headings = ["network", "seed", "filters", "neurons", "connections"]
    headings += ["validation error, %", "test error, %"]
    rows = [["LeNet-5, published", "", "", "", MOST, "", GOAL]]
    for choice, title in TITLES.items():
        own = [r for key, r in sorted(found.found.items()) if key[2] == choice and not r["quick"]]
        for r in own:
            filters, side = r["filters"]
            maps = f"{'-'.join(map(str, filters))} of {side} × {side}"
            neurons = "-".join(map(str, r["hidden_layer_sizes"]))
            seen = (f"{100 * r[error]:.2f}" for error in ERRORS)
            rows.append([title, r["seed"], maps, neurons, r["connections"], *seen])
        if own:
            medians = (f"{100 * np.median([r[error] for r in own]):.2f}" for error in ERRORS)
            size = int(np.median([r["connections"] for r in own]))
            rows.append([title, "median", "", "", size, *medians])
    return headings, rows


def reach():
    """Rows of the goal, where it has been measured: what, goal, seen, met."""
    own = [r for r in Records(NAME, FIELDS) if r["what"] == AT_BOUND and not r["quick"]]
    if not own:
        return []
    errors_seen = sorted(100 * r["test_error"] for r in own)
    middle = float(np.median(errors_seen))
    seen = f"{middle:.2f} % ({errors_seen[0]:.2f}-{errors_seen[-1]:.2f})"
    what = f"MNIST: test error of a network with at most {MOST} connections"
    return [[what, f"≤ {GOAL} %", seen, "yes" if middle <= GOAL else "**no**"]]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3, help="number of seeds")
    parser.add_argument("--fits", type=int, default=N_FITS, help="candidates of each search")
    parser.add_argument("--jobs", type=int, default=2, help="number of processes")
    parser.add_argument("--quick", action="store_true", help="run a short test with one seed")
    _options.add_into(parser)
    args = parser.parse_args()
    if not _data.ready(["mnist"]):
        sys.exit(1)
    seeds, n_fits, into = range(args.seeds), args.fits, args.into
    if args.quick:
        seeds, n_fits, into = range(1), 6, into or mkdtemp(prefix="searches-images-")
    records = run(seeds, n_fits, args.jobs, into, args.quick)
    print(f"{len(records.found)} records in {records.path}")


if __name__ == "__main__":
    main()
