"""Test accuracy against connections, bytes and energy of what a user has today.

    python -m benchmarks.peers [--data pendigits ...] [--seeds 5] [--families tree ...]
        [--file sensorless=PATH] [--file har=FOLDER] [--jobs 2] [--into FOLDER] [--quick]

Every family gets the same splits, the scaling of the inputs that suits an MLP of 100 hidden neurons
best on validation data, and the meters of this library. What each was given:

* default: one fit of SCANNClassifier with its defaults (the family SCANN is the search that
  `benchmarks.uci` records, 48 fits);
* mlp: MLPClassifier, one hidden layer of 1 to 100 neurons, two L2 penalties, 80 epochs each;
* oneshot, iterative: magnitude pruning of an MLP (100,) by torch.nn.utils.prune, trained through
  skorch: up to 380 epochs, and 400 to 760, each at two learning rates;
* rigl: sparse training of constant size, 400 epochs, eight sizes, two starts, two learning rates;
* lassonet: LassoNet with M = 10, four widths, up to 60 + 21 × 5 epochs each (skipped where LassoNet
  isn't installed: ``pip install -c constraints.txt -e '.[bench]'``);
* linear: LogisticRegression, L2 with six strengths and an L1 path of fifteen;
* tree, forest, boosting: grids over numbers of leaves and trees, up to 20 kB.

A record holds all points that a family reached for one data set and seed. Finished records are
kept: an interrupted run goes on, a second run of the same data does nothing; a data set that isn't
there is left out with the reason, and the exit status is then 1. `benchmarks.peers.report` makes
tables and figures of them. ``--quick`` runs everything small on scikit-learn's digits, as a test.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys
import time
from importlib.util import find_spec
from itertools import product
from tempfile import mkdtemp

from benchmarks import _data, _options, _scaling
from benchmarks._records import Records, Task
from benchmarks.peers import _lassonet, _linear, _perceptrons, _pruning, _rigl, _scann, _trees

FAMILIES = {
    "default": _scann.frontier,
    "mlp": _perceptrons.frontier,
    "oneshot": _pruning.one_shot,
    "iterative": _pruning.iterative,
    "rigl": _rigl.frontier,
    "lassonet": _lassonet.frontier,
    "linear": _linear.frontier,
    "tree": _trees.tree,
    "forest": _trees.forest,
    "boosting": _trees.boosting,
}
FIELDS = ("data", "seed", "family")
COMPLETE = ("pendigits", "satimage", "dna", "letter", "musk", "seizure")


def measure(name, seed, family, file, scaling, quick):
    """Content of a record: the points of a family, and how long they took."""
    parts = _data.load(name, seed, file)
    start = time.perf_counter()
    points = FAMILIES[family](parts, scaling, seed, quick)
    seconds = round(time.perf_counter() - start, 2)
    content = {"scaling": scaling, "seconds": seconds, "points": points}
    return {**content, "note": parts.note} if parts.note else content


def run(names, seeds, families, files, n_jobs, quick=False, folder=None):
    """Carry out what has no record yet."""
    cells = [(name, seed) for seed in seeds for name in names]  # whole seeds, if it is interrupted
    scalings = _scaling.chosen(cells, files, n_jobs, folder)
    tasks = [
        Task(
            (name, seed, family),
            measure,
            (name, seed, family, files.get(name), scalings[name, seed], quick),
            _data.digest(name, files.get(name)),
        )
        for (name, seed), family in product(cells, families)
    ]
    records = Records("peers", FIELDS, folder)
    records.run(tasks, n_jobs, "peers")
    return records


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", choices=[*_data.FETCHERS, "digits"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--jobs", type=int, default=2)
    _options.add_files(parser)
    _options.add_into(parser)
    parser.add_argument("--quick", action="store_true", help="digits, one seed, few points")
    return parser.parse_args()


def main():
    args = arguments()
    files = dict(args.file)  # the data sets of these are among those that are run
    names, seeds, into = args.data or [*COMPLETE, *files], range(args.seeds), args.into
    if args.quick:
        names, seeds = args.data or ["digits"], range(1)
        into = into or mkdtemp(prefix="peers-")
    families = args.families
    if "lassonet" in families and find_spec("lassonet") is None:
        print("lassonet is skipped: LassoNet is not installed (pip install -e '.[bench]')")
        families = [family for family in families if family != "lassonet"]
    kept = Records("peers", FIELDS, into), Records("scaling", _scaling.FIELDS, into)
    there = _data.ready(names, files, kept)
    records = run(there, seeds, families, files, args.jobs, args.quick, into)
    print(f"{len(records.found)} records in {records.path}")
    sys.exit(len(there) < len(names))


if __name__ == "__main__":
    main()
