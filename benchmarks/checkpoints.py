"""What `checkpoint` costs: the time that fits spend on their files, as a share of their time.

    python -m benchmarks.checkpoints [--seeds 3] [--quick] [--into FOLDER]

Each data set is fitted with and without a checkpoint. The time is measured inside of the fit with
one: of the digest of its data and the lock, of each question whether a write is due, and of
writes. Seconds of whole fits, of which the machine's other work is a part, say less.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from functools import wraps
from unittest.mock import patch

import numpy as np
from sklearn.datasets import make_classification
from threadpoolctl import threadpool_limits

from benchmarks import _data, _options, _results
from scann_sklearn import SCANNClassifier
from scann_sklearn.estimators import _keeper
from scann_sklearn.resume._file import ResumeFile

NAME, GOAL, LONG, MADE = "checkpoints", 0.02, 10.0, ("folds", "wide")
# Data and parameters; "folds" and "wide" are made. Defaults take few seconds: these take longer.
CASES = {
    "letter": {"hidden_layer_sizes": (200, 100), "scheme__epochs": 10},
    "seizure": {"hidden_layer_sizes": (150, 75)},
    "folds": {"hidden_layer_sizes": (100, 100), "scheme__epochs": 60},
    "wide": {"hidden_layer_sizes": (200, 100)},
}


TITLES = {
    "letter": "Letter",
    "seizure": "Seizure",
    "folds": "made, in five folds",
    "wide": "made, 300 000 connections at first",
}


def table(name):
    """Training data by name."""
    if name == "folds":  # five fits and one more: files hold all of them
        return make_classification(950, 40, n_informative=20, n_classes=4, random_state=0)
    if name == "wide":  # 300 000 connections at the start: large files
        return make_classification(2000, 1500, n_informative=50, n_classes=5, random_state=0)
    parts = _data.load(name)
    return parts.X_official, parts.y_official


class Spent:
    """Seconds in some functions, and how often they were called."""

    def __init__(self):
        self.seconds, self.calls, self.largest = {}, {}, 0

    def timed(self, what, function):
        """The same function, timed."""

        @wraps(function)
        def call(*args, **keywords):
            begun = time.perf_counter()
            try:
                return function(*args, **keywords)
            finally:
                seconds = time.perf_counter() - begun
                self.seconds[what] = self.seconds.get(what, 0.0) + seconds
                self.calls[what] = self.calls.get(what, 0) + 1

        return call

    def written(self, write):
        """`ResumeFile._write`, timed and with a look at the size of the file."""
        timed = self.timed("writes", write)

        def call(file):
            timed(file)
            self.largest = max(self.largest, os.path.getsize(file.path))

        return call


@contextmanager
def spent():
    """Time what fits do for the sake of their files; yields `Spent`."""
    found = Spent()
    whole = {  # what isn't inside of another one
        "identity": (_keeper, "identity_of", _keeper.identity_of),
        "rounds": (_keeper.Keeper, "keep", _keeper.Keeper.keep),
        "end": (ResumeFile, "_remove", ResumeFile._remove),
    }
    with ExitStack() as stack:
        for what, (owner, name, function) in whole.items():
            stack.enter_context(patch.object(owner, name, found.timed(what, function)))
        opened = found.timed("opening", ResumeFile.open.__func__)
        stack.enter_context(patch.object(ResumeFile, "open", classmethod(opened)))
        write = found.written(ResumeFile._write)  # in "rounds" already
        stack.enter_context(patch.object(ResumeFile, "_write", write))
        yield found


def measured(name, seed, **parameters):
    """Record of a fit with a checkpoint, and of the same one without."""
    X, y = table(name)
    clf = SCANNClassifier(random_state=seed).set_params(**CASES[name] | parameters)
    begun = time.perf_counter()
    without = clf.fit(X, y).weights_
    seconds_without = time.perf_counter() - begun
    with tempfile.TemporaryDirectory() as folder, spent() as found:
        clf.set_params(checkpoint=folder)
        begun = time.perf_counter()
        weights = clf.fit(X, y).weights_
        seconds = time.perf_counter() - begun
        left = os.listdir(folder)
    if left or not np.array_equal(weights.data, without.data):
        raise RuntimeError(f"{name}: another network, or a file that was left: {left}")
    in_all = sum(value for what, value in found.seconds.items() if what != "writes")
    return {
        "data": name,
        "rows": len(X),
        "features": X.shape[1],
        "seed": seed,
        "seconds": round(seconds, 3),
        "seconds_without": round(seconds_without, 3),
        "seconds_on_files": round(in_all, 4),
        "share": round(in_all / seconds, 5),
        "writes": found.calls.get("writes", 0),
        "seconds_of_writes": round(found.seconds.get("writes", 0.0), 4),
        "largest_file": found.largest,
        "parts": {what: round(value, 4) for what, value in found.seconds.items()},
        "calls": found.calls,
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def run(n_seeds, quick=False, folder=None):
    """Measure all cases, after a fit that isn't counted, and write their records."""
    names = ["folds"] if quick else list(CASES)
    files = [name for name in names if name not in MADE]
    if len(_data.ready(files)) < len(files):
        sys.exit(1)
    short = {"scheme__epochs": 2, "scheme__initial_epochs": 2} if quick else {}
    results = _results.Run(NAME, folder, goal=GOAL, quick=quick)
    with threadpool_limits(1):
        X, y = table("folds")
        SCANNClassifier(random_state=0).fit(X[:60], y[:60])  # loads the kernels
        for name in names:
            for seed in range(n_seeds):
                results.add(measured(name, seed, **short))
                print(results.records[-1], flush=True)
    return results.finish()


def checkpoints():
    """The share of files in the time of fits: the largest of the seeds."""
    rows, records = [], _results.load(NAME)["records"]
    for name in dict.fromkeys(r["data"] for r in records):
        found = [r for r in records if r["data"] == name]
        worst = max(found, key=lambda r: r["share"])
        is_long = max(r["seconds"] for r in found) > LONG
        met = "yes" if worst["share"] <= GOAL else "**no**"
        rows.append(
            [
                TITLES[name],
                f"{worst['rows']} × {worst['features']}",
                f"{worst['seconds']:.1f} s",
                worst["writes"],
                f"{worst['largest_file'] / 1e6:.2f} MB",
                f"{worst['share']:.2%}",
                met if is_long else f"{met}, under {LONG:.0f} s",
            ]
        )
    headings = ["data", "rows × features", "fit", "writes", "largest file"]
    return [*headings, "time spent on the file", f"at most {GOAL:.0%}"], rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="fits per data set")
    parser.add_argument("--quick", action="store_true", help="one short fit, to try it out")
    _options.add_into(parser, "the result")
    args = parser.parse_args()
    run(1 if args.quick else args.seeds, args.quick, args.into)


if __name__ == "__main__":
    main()
