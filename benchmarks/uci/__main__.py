"""The paper's data sets: every family of methods with the same trainer, recipes and fits.

    python -m benchmarks.uci [--data letter ...] [--seeds 5] [--families SCANN ...] [--jobs 2]
        [--file sensorless=PATH] [--file har=FOLDER] [--into FOLDER]
    python -m benchmarks.uci --quick

Dense perceptrons, one-shot and iterative magnitude pruning, RigL and SCANN get 48 fits each for a
data set and seed, by the trainer of this library with the same five recipes; what they are judged
by is the same too (`benchmarks.uci._search`). Every record is kept as soon as it is finished: an
interrupted run goes on where it was, a second run of the same data does nothing. A data set that
isn't there, or that the records have other data of, is left out with the reason; the exit status
is then 1. All choices are made on training and validation data; the test data are used for what is
reported.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys
from tempfile import mkdtemp

from benchmarks import _data, _options, _scaling
from benchmarks._records import Records, Task
from benchmarks.uci import _columns

# longest first, so that the cores finish together
DATA = ["letter", "har", "seizure", "musk", "pendigits", "satimage", "sensorless", "dna"]
NAME, FIELDS, MODELS = "uci_families", ("data", "seed", "family"), "uci"
SPARSE = ("default", *_columns.FAMILIES, *_columns.REDUCED)
QUICK_FITS = 12


def run(names, seeds, families, files, n_jobs, folder=None, quick=False):
    """Carry out what has no record yet, one seed after the other.

    Parameters
    ----------
    names : list of str
        Data sets.
    seeds : iterable of int
        Seeds.
    families : list of str
        Those of sparse networks.
    files : dict of str to str
        Partial files by data set.
    n_jobs : int
        Processes.
    folder : path-like, default=None
        See `Records`; networks go into a folder beside the records.
    quick : bool, default=False
        Few fits of few epochs, as a test.

    Returns
    -------
    records : Records
        The results.
    """
    records = Records(NAME, FIELDS, folder)
    models = records.path.parent / MODELS
    n_fits = QUICK_FITS if quick else _columns.N_FITS
    models.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        scalings = _scaling.chosen([(name, seed) for name in names], files, n_jobs, folder)
        digests = {name: _data.digest(name, files.get(name)) for name in names}
        tasks = []
        for name in names:
            work = (name, seed, files.get(name), scalings[name, seed], models, n_fits, quick)
            tasks.append(Task((name, seed, "dense"), _columns.dense, work, digests[name]))
        records.run(tasks, n_jobs, f"seed {seed}: perceptrons")
        tasks = []
        for family in families:
            for name in names:
                baseline = records[name, seed, "dense"]
                work = (name, seed, files.get(name), family, baseline, models, n_fits, quick)
                tasks.append(Task((name, seed, family), _columns.sparse, work, digests[name]))
        records.run(tasks, n_jobs, f"seed {seed}: sparse networks")
    return records


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", nargs="+", choices=[*_data.FETCHERS, "digits"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--families", nargs="+", choices=SPARSE, default=list(SPARSE))
    parser.add_argument("--jobs", type=int, default=2)
    _options.add_files(parser)
    _options.add_into(parser, "the records and networks")
    parser.add_argument("--quick", action="store_true", help="digits of scikit-learn, one seed")
    args = parser.parse_args()
    files, names, seeds = dict(args.file), args.data or DATA, range(args.seeds)
    into = args.into
    if args.quick:
        names, seeds = args.data or ["digits"], range(1)
        into = into or mkdtemp(prefix="uci-")
    kept = Records(NAME, FIELDS, into), Records("scaling", _scaling.FIELDS, into)
    there = _data.ready(names, files, kept)
    records = run(there, seeds, args.families, files, args.jobs, into, args.quick)
    print(f"{len(records.found)} records in {records.path}")
    sys.exit(len(there) < len(names))


if __name__ == "__main__":
    main()
