"""Results of ``SCANNClassifier().fit(X, y)`` with its defaults, without any search.

    python -m benchmarks.one_fit curves|automatic|reliability|timing [--seeds 5] [--jobs 2]
        [--data pendigits ...] [--file sensorless=PATH] [--file har=FOLDER] [--into FOLDER]
        [--quick]

* curves: test accuracy against number of connections, of one fit (its `path_`), of one run of
  iterative magnitude pruning, and of one run of RigL per size. The last two have the trainer,
  recipe, scaling and validation data of the default fit, and the same number of updates. Their
  learning rate (that of the default fit, which depends on the size, or 0.02 or 0.005) and start
  (one hidden layer, or connections between any neurons) are chosen once, on held-out training data
  of all complete data sets. A decision tree is fitted too. Finished records are kept, so that an
  interrupted run continues;
* automatic: difficult data (a rare class, many more features than rows, word counts, few rows);
* reliability: calibration error and log loss with and without the temperature;
* timing: a default fit and an ``MLPClassifier`` with early stopping, run alternately on one thread,
  at least ten pairs.

`benchmarks.report` makes tables of the records, and `benchmarks.figures` plots them. ``--quick``
runs everything on small data from scikit-learn, as a test. A data set that is not available is
skipped, with the reason; the exit status of curves is then 1.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys
from tempfile import mkdtemp

from benchmarks import _data, _options
from benchmarks._records import Records
from benchmarks.one_fit import _automatic, _curves, _reliability, _timing
from benchmarks.peers.__main__ import COMPLETE

PARTS = ("curves", "automatic", "reliability", "timing")


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=PARTS, help="part of the benchmark, see above")
    parser.add_argument(
        "--data", nargs="+", choices=[*_data.FETCHERS, "digits"], help="data sets of curves"
    )
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument(
        "--jobs", type=int, default=2, help="number of processes; use 1 to measure times"
    )
    _options.add_files(parser)
    _options.add_into(parser)
    parser.add_argument("--quick", action="store_true", help="run everything small, with one seed")
    return parser.parse_args()


def curves(args):
    """Tune on all complete data sets, then run what was asked for; whether all of it is there."""
    files = dict(args.file)
    names = args.data or (["digits"] if args.quick else [*COMPLETE, *files])
    kept = Records(_curves.NAME, _curves.FIELDS, args.into)
    tuned = Records(_curves.TUNING, _curves.TUNING_FIELDS, args.into)
    there = _data.ready(names, files, [kept])
    on = _data.ready(["digits"] if args.quick else COMPLETE, None, [tuned])
    if not on:
        sys.exit("No data set to tune on is there.")
    chosen = _curves.choices(on, args.jobs, args.quick, args.into)
    seeds = range(args.seeds)
    records = _curves.run(there, seeds, files, chosen, args.jobs, args.quick, args.into)
    print(f"{len(records.found)} records in {records.path}")
    return len(there) == len(names)


def main():
    args = arguments()
    if args.quick:
        args.seeds, args.into = 1, args.into or mkdtemp(prefix="one_fit-")
    if args.part == "curves":
        sys.exit(not curves(args))
    if args.part == "timing":
        path = _timing.run(args.seeds, args.quick, args.into)
    else:
        part = {"automatic": _automatic, "reliability": _reliability}[args.part]
        path = part.run(args.seeds, args.jobs, args.quick, args.into)
    print(path)


if __name__ == "__main__":
    main()
