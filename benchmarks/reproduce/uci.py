"""The paper's tables on its nine UCI data sets: MLP, DR, SCANN, DR+SCANN.

    python -m benchmarks.reproduce.uci [--data letter ...] [--seeds 5] [--jobs 2]
        [--file sensorless=PATH] [--file har=FOLDER] [--into FOLDER]
    python -m benchmarks.reproduce.uci --quick

Every record is kept as soon as it is finished: an interrupted run goes on where it was, a second
run of the same data does nothing. A data set that isn't there, or that the records have other data
of, is left out with the reason; the exit status is then 1. All choices are made on validation data;
the test data are used for what is reported. `python -m benchmarks.reproduce.verify` evaluates the
committed networks again.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys
from tempfile import mkdtemp

from benchmarks import _data, _options
from benchmarks._records import Records, Task
from benchmarks.reproduce import _baseline, _synthesised
from benchmarks.reproduce._effort import FULL, QUICK
from benchmarks.reproduce.mnist import mnist

# longest first, so that the cores finish together
DATA = ["letter", "har", "seizure", "musk", "pendigits", "satimage", "sensorless", "dna"]
FIELDS = ("data", "seed", "column")
MODELS = "models"  # folder for the most compressed networks, beside the records


def run(names, seeds, files, n_jobs, records, effort=FULL):
    """Fill in every column.

    Parameters
    ----------
    names : list of str
        Data sets.
    seeds : list of int
        Seeds.
    files : dict of str to str
        Partial files by data set.
    n_jobs : int
        Processes.
    records : Records
        Where the results go; the most compressed networks go beside them.
    effort : Effort, default=FULL
        What is tried.
    """
    cells = [(name, seed) for name in names for seed in seeds]
    models = records.path.parent / MODELS

    def tasks(column, function, *others):
        for name, seed in cells:
            extra = [records[name, seed, other] for other in others]
            arguments = (name, seed, files.get(name), effort, *extra)
            if function in (_synthesised.synthesised, _synthesised.reduced_and_synthesised):
                arguments = (*arguments, models)
            sha256 = _data.digest(name, files.get(name))
            yield Task((name, seed, column), function, arguments, sha256)

    first = list(tasks("MLP", _baseline.best_perceptron))
    records.run(first, n_jobs, "best MLP      ")
    second = [
        *tasks("SCANN", _synthesised.synthesised, "MLP"),
        *tasks("DR", _baseline.reduced_perceptron, "MLP"),
        *tasks("smallest MLP", _baseline.smallest_perceptron, "MLP"),
        *tasks("paper", _synthesised.plain, "MLP"),
    ]
    records.run(second, n_jobs, "DR and SCANN  ")
    third = list(tasks("DR+SCANN", _synthesised.reduced_and_synthesised, "MLP", "DR"))
    records.run(third, n_jobs, "DR+SCANN      ")


def quick(folder, n_jobs=1):
    """Every column for scikit-learn's digits, one seed.

    Parameters
    ----------
    folder : path-like
        Where records and networks go.
    n_jobs : int, default=1
        Processes.

    Returns
    -------
    records : Records
        The results.
    """
    records = Records("uci", FIELDS, folder)
    run(["digits"], [0], {}, n_jobs, records, QUICK)
    return records


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", choices=[*_data.FETCHERS, "mnist"], default=None)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    _options.add_files(parser)
    _options.add_into(parser, "the records and networks")
    parser.add_argument("--quick", action="store_true", help="digits of scikit-learn, one seed")
    args = parser.parse_args()
    files = dict(args.file)
    if args.quick:
        folder = args.into or mkdtemp(prefix="uci-")
        print(f"{len(quick(folder, args.jobs).found)} records in {folder}")
        return
    names = args.data or [*DATA, "mnist"]
    records = Records("uci", FIELDS, args.into)
    there = _data.ready(names, files, [records])
    cells = [name for name in there if name != "mnist"]
    run(cells, list(range(args.seeds)), files, args.jobs, records)
    if "mnist" in there:
        arguments = (records.path.parent / MODELS,)
        task = Task(("mnist", 0, "all"), mnist, arguments, _data.digest("mnist"))
        records.run([task], 1, "MNIST         ")
    print(f"{len(records.found)} records in {records.path}")
    sys.exit(len(there) < len(names))


if __name__ == "__main__":
    main()
