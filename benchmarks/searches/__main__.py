"""Searches at equal numbers of fits: accuracy against connections, on nine data sets.

    python -m benchmarks.searches [--data letter ...] [--seeds 5] [--samplers steerage ...]
        [--fits 40] [--file sensorless=PATH] [--file har=FOLDER] [--jobs 2] [--into FOLDER]
    python -m benchmarks.searches --quick

RandomizedSearchCV, HalvingRandomSearchCV, Optuna's TPE and NSGA-II (both with two objectives,
accuracy and the logarithm of the number of connections) and STEERAGESearchCV search the same space:
reduction, ratio, layers, number of connections, learning rate and weight decay of a
SCANNClassifier. Each fit is scored on the validation data; the test data are only used for the
reported results. A fit of halving may use a part of the rows; it still counts as one fit, and its
cost shows in the processor time. Without Optuna (``pip install -c constraints.txt -e '.[bench]'``)
its two samplers are skipped, with the reason.

A record holds every fit: processor time since the start of the search, connections (including those
of the reduction), accuracy on validation and test data. Finished records are kept, so that an
interrupted run continues, and a second run does nothing. The tables show hypervolumes at equal
numbers of fits and in the processor time of random search, as medians over seeds.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys
import time
import warnings
from importlib.util import find_spec
from tempfile import mkdtemp

from benchmarks import _data, _options
from benchmarks._markup import rest
from benchmarks._records import Records, Task
from benchmarks.searches import _samplers, _space, tables
from benchmarks.searches.tables import FIELDS, N_FITS, NAME

# longest first, so that the cores finish together
DATA = ["letter", "har", "seizure", "musk", "pendigits", "satimage", "sensorless", "dna", "digits"]
QUICK_FITS = 8


def measure(name, seed, sampler, n_fits, file, quick):
    """Content of a record: the fits of one search."""
    parts = _data.load(name, seed, file)
    recorder, begun = _space.Recorder(parts), time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of networks that are too small
        _samplers.SAMPLERS[sampler](parts, seed, n_fits, quick, recorder)
    seconds = round(time.perf_counter() - begun, 2)
    content = {
        "seconds": seconds,
        "quick": quick,
        "reference": _space.reference(parts),
        "points": recorder.points,
    }
    return {**content, "note": parts.note} if parts.note else content


def run(names, seeds, samplers, n_fits, files, n_jobs, quick=False, folder=None):
    """Carry out what has no record yet, one seed after the other."""
    records = Records(NAME, FIELDS, folder)
    for seed in seeds:
        tasks = [
            Task(
                (name, seed, sampler, n_fits),
                measure,
                (name, seed, sampler, n_fits, files.get(name), quick),
                _data.digest(name, files.get(name)),
            )
            for name in names
            for sampler in samplers
        ]
        records.run(tasks, n_jobs, f"seed {seed}")
    return records


def available(samplers):
    """Samplers that can be used here; of the others it is printed why not."""
    if find_spec("optuna") is not None:
        return list(samplers)
    for name in samplers:
        if name in _samplers.OPTUNA:
            print(f"{name} is skipped: Optuna is not installed (pip install -e '.[bench]')")
    return [name for name in samplers if name not in _samplers.OPTUNA]


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", nargs="+", choices=[*_data.FETCHERS, "digits"], help="data sets")
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    all_of_them = list(_samplers.SAMPLERS)
    parser.add_argument(
        "--samplers", nargs="+", choices=all_of_them, default=all_of_them, help="searches to run"
    )
    parser.add_argument("--fits", type=int, default=N_FITS, help="number of fits per search")
    parser.add_argument("--jobs", type=int, default=2, help="number of processes")
    _options.add_files(parser)
    _options.add_into(parser)
    parser.add_argument(
        "--quick", action="store_true", help="run on digits with one seed and few short fits"
    )
    return parser.parse_args()


def main():
    args = arguments()
    files, names, seeds = dict(args.file), args.data or DATA, range(args.seeds)
    n_fits, into = args.fits, args.into
    if args.quick:
        names, seeds, n_fits = args.data or ["digits"], range(1), QUICK_FITS
        into = into or mkdtemp(prefix="searches-")
    there = _data.ready(names, files, [Records(NAME, FIELDS, into)])
    samplers = available(args.samplers)
    records = run(there, seeds, samplers, n_fits, files, args.jobs, args.quick, into)
    own = [record for record in records if record["n_fits"] == n_fits]
    for title, measure in (("equal fits", tables.by_fits), ("equal time", tables.by_time)):
        print(f"{title}\n{rest(*tables.table(own, measure))}\n")
    print(f"{len(records.found)} records in {records.path}")
    sys.exit(len(there) < len(names))


if __name__ == "__main__":
    main()
