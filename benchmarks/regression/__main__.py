"""R² against size, and time, of common regressors.

    python -m benchmarks.regression [--data airfoil ...] [--seeds 5] [--families mlp ...]
        [--jobs 1] [--into FOLDER] [--quick]

The six data sets are scikit-learn's Diabetes and Friedman's three problems, Airfoil Self-Noise, and
the emissions of a gas turbine (two targets; the test data are later years). All inputs are
standardised, and all choices are made by R² on validation data. The families are

* scann: 21 fits of SCANNRegressor, with seven schemes and three pairs of weight decay and learning
  rate, whose frontiers are merged;
* default: one fit of SCANNRegressor with its defaults;
* mlp: 21 fits of MLPRegressor, with seven architectures and three pairs of L2 penalty and learning
  rate, each trained with early stopping and for a fixed time; the better on validation data counts;
* ridge: RidgeCV; tree: one tree with 2 to 1024 leaves; boosting: histogram gradient boosting of
  eight sizes;
* time: a default fit and that of an MLP (100, 50) with early stopping, run alternately on one
  thread.

A record holds the result of a family for one data set and seed. Finished records are kept, so that
an interrupted run continues, and a second run does nothing. A data set that is not available is
skipped, with the reason; the exit status is then 1. The whole benchmark takes half an hour on one
core, about a minute per data set and seed, most of it for perceptrons. `benchmarks.report` and
`benchmarks.figures` render the records. ``--quick`` runs everything on Diabetes at small sizes in a
few seconds, as a test.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys
import time
from itertools import product
from tempfile import mkdtemp

from benchmarks import _data, _options
from benchmarks._records import Records, Task
from benchmarks.regression import _others, _perceptrons, _scann, _sets, _timing

FAMILIES = {
    "scann": _scann.frontier,
    "default": _scann.default,
    "mlp": _perceptrons.frontier,
    "ridge": _others.ridge,
    "tree": _others.tree,
    "boosting": _others.boosting,
    "time": _timing.times,
}
FIELDS = ("data", "seed", "family")


def measure(name, seed, family, quick):
    """Content of a record: what a family reached, and how long it took."""
    parts = _sets.load(name, seed)
    start = time.perf_counter()
    content = FAMILIES[family](parts, seed, quick)
    seconds = round(time.perf_counter() - start, 2)
    print(f"{name}, seed {seed}, {family}: {seconds} s", flush=True)
    content = {"n_training": len(parts.y_train), "seconds": seconds, **content}
    return {**content, "note": parts.note} if parts.note else content


def run(names, seeds, families, n_jobs, quick=False, folder=None):
    """Carry out what has no record yet; times are taken alone, after everything else."""
    cells = list(product(seeds, names, families))  # whole seeds, if it is interrupted
    records = Records("regression", FIELDS, folder)
    for alone in (False, True):
        tasks = [
            Task((name, seed, f), measure, (name, seed, f, quick), _sets.digest(name))
            for seed, name, f in cells
            if (f == "time") == alone
        ]
        records.run(tasks, 1 if alone else n_jobs, "times" if alone else "regressors")
    return records


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", nargs="+", choices=_sets.TITLES, help="data sets")
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument(
        "--families", nargs="+", choices=FAMILIES, default=list(FAMILIES), help="see above"
    )
    parser.add_argument(
        "--jobs", type=int, default=1, help="number of processes; use 1 to measure times"
    )
    _options.add_into(parser)
    parser.add_argument(
        "--quick", action="store_true", help="run on Diabetes with one seed and few fits"
    )
    return parser.parse_args()


def main():
    args = arguments()
    names, seeds, into = args.data or list(_sets.TITLES), range(args.seeds), args.into
    if args.quick:
        names, seeds = args.data or ["diabetes"], range(1)
        into = into or mkdtemp(prefix="regression-")
    kept = [Records("regression", FIELDS, into)]
    there = _data.ready(names, records=kept, digest_of=_sets.digest)
    records = run(there, seeds, args.families, args.jobs, args.quick, into)
    print(f"{len(records.found)} records in {records.path}")
    sys.exit(len(there) < len(names))


if __name__ == "__main__":
    main()
