"""Mean energy of early exits without loss of accuracy, against the same networks without exits.

    python -m benchmarks.exits [--data letter ...] [--seeds 3] [--jobs 2]
        [--file sensorless=PATH] [--file har=FOLDER] [--into FOLDER]
    python -m benchmarks.exits --quick

For each data set and seed there are four bounds on the number of connections, two schemes, and per
combination two fits with three exits (one with the distillation of the paper, one without any) and
two fits without exits, of two seeds. Records hold all networks of a fit within its bound, with all
thresholds that no others dominate on the validation data, and their results on the test data.
`benchmarks.exits.tables` describes the choice, which uses validation data only. Finished records
are kept, so that an interrupted run continues, and a second run does nothing. A data set that is
not available is skipped, with the reason; the exit status is then 1.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys
from tempfile import mkdtemp

from benchmarks import _data, _options, _scaling
from benchmarks._records import Records, Task
from benchmarks.exits._cells import measure

# longest first, so that the cores finish together
DATA = ["letter", "har", "seizure", "musk", "pendigits", "satimage", "sensorless", "dna"]
NAME, FIELDS = "exits", ("data", "seed")


def run(names, seeds, files, n_jobs, folder=None, quick=False):
    """Carry out what has no record yet, one seed after the other.

    Parameters
    ----------
    names : list of str
        Data sets.
    seeds : iterable of int
        Seeds.
    files : dict of str to str
        Partial files by data set.
    n_jobs : int
        Processes.
    folder : path-like, default=None
        See `Records`.
    quick : bool, default=False
        Few fits of few epochs, as a test.

    Returns
    -------
    records : Records
        The results.
    """
    records = Records(NAME, FIELDS, folder)
    for seed in seeds:
        scalings = _scaling.chosen([(name, seed) for name in names], files, n_jobs, folder)
        tasks = []
        for name in names:
            work = (name, seed, files.get(name), scalings[name, seed], quick)
            tasks.append(Task((name, seed), measure, work, _data.digest(name, files.get(name))))
        records.run(tasks, n_jobs, f"seed {seed}")
    return records


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", nargs="+", choices=[*_data.FETCHERS, "digits"], help="data sets")
    parser.add_argument("--seeds", type=int, default=3, help="number of seeds")
    parser.add_argument("--jobs", type=int, default=2, help="number of processes")
    _options.add_files(parser)
    _options.add_into(parser)
    parser.add_argument(
        "--quick", action="store_true", help="run on the digits of scikit-learn with one seed"
    )
    args = parser.parse_args()
    files, names, seeds, into = dict(args.file), args.data or DATA, range(args.seeds), args.into
    if args.quick:
        names, seeds = args.data or ["digits"], range(1)
        into = into or mkdtemp(prefix="exits-")
    kept = Records(NAME, FIELDS, into), Records("scaling", _scaling.FIELDS, into)
    there = _data.ready(names, files, kept)
    records = run(there, seeds, files, args.jobs, into, args.quick)
    print(f"{len(records.found)} records in {records.path}")
    sys.exit(len(there) < len(names))


if __name__ == "__main__":
    main()
