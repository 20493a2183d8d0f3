"""MNIST: LeNet-5, LeNet-300-100, a deep perceptron and a small network, at decreasing sizes.

    python -m benchmarks.mnist [--networks lenet-5 ...] [--recipes teacher ...] [--seeds 3]
        [--device cuda] [--jobs 2] [--into FOLDER]
    python -m benchmarks.mnist --as-published [--seeds 1]   # schemes A, B and C on LeNet-5
    python -m benchmarks.mnist --quick                      # some images, a few epochs

10 000 of the 60 000 training images, drawn by the seed, are held out to choose among networks. Each
architecture is trained with all its connections, then pruned, grown and trained from one of the
published sizes to the next. Every fit is a record that is kept as soon as it is finished, so that
an interrupted run continues. One line per round shows the progress of a fit.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys
from tempfile import mkdtemp

from benchmarks import _data, _options
from benchmarks._records import Records, Task
from benchmarks.mnist._fits import AS_PUBLISHED, DENSE, RECIPES, TEACHER, WITH_DENSE, Fits
from benchmarks.mnist._networks import NETWORKS

NAME, FIELDS, MODELS = "mnist", ("network", "recipe", "seed", "what"), "mnist"
# those of a network that takes longest come first, so that the processes end together
ORDER = ("ciresan", "lenet-5", "small", "lenet-300-100")


def run(names, recipes, seeds, n_jobs, folder=None, device="cpu", quick=False):
    """Carry out the fits that have no record yet, one size after the other.

    Parameters
    ----------
    names : list of str
        Architectures.
    recipes : list of str
        Of `RECIPES`.
    seeds : iterable of int
        Seeds.
    n_jobs : int
        Processes.
    folder : path-like, default=None
        See `Records`; networks go into a folder beside the records.
    device : str, default="cpu"
        Where networks are trained.
    quick : bool, default=False
        See `Fits`.

    Returns
    -------
    records : Records
        The results.
    """
    records = Records(NAME, FIELDS, folder)
    models = records.path.parent / MODELS
    ordered = sorted(names, key=ORDER.index)
    dense, seeds = [r for r in WITH_DENSE if r in recipes], list(seeds)
    dense += [TEACHER[1]] if "teacher" in recipes and TEACHER[1] not in dense else []
    whole = [(name, recipe, seed) for seed in seeds for name in ordered for recipe in dense]
    if "teacher" in recipes and TEACHER[0] not in names:
        whole += [(*TEACHER, seed) for seed in seeds]
    tasks = [_task(key, DENSE, models, device, quick, Fits.dense) for key in whole]
    records.run(tasks, n_jobs, "all connections")
    for number in range(max(len(NETWORKS[name].stages) for name in names)):
        tasks = [
            _task(key, str(NETWORKS[key[0]].stages[number].connections), models, device, quick,
                  Fits.stage, number)
            for seed in seeds
            for key in [(name, recipe, seed) for name in ordered for recipe in recipes]
            if number < len(NETWORKS[key[0]].stages)
        ]  # fmt: skip
        records.run(tasks, n_jobs, f"size {number + 1}")
    return records


def run_published(seeds, n_jobs, folder=None, device="cpu", quick=False):
    """Carry out schemes A, B and C as published on LeNet-5; parameters as for `run`."""
    records = Records(NAME, FIELDS, folder)
    models = records.path.parent / MODELS
    tasks = [
        _task(("lenet-5", "plain", seed), f"{letter} as published", models, device, quick,
              Fits.published, letter)
        for seed in seeds
        for letter in AS_PUBLISHED
    ]  # fmt: skip
    records.run(tasks, n_jobs, "as published")
    return records


def _task(key, what, models, device, quick, method, *arguments):
    fits = Fits(*key, models, device, quick)
    return Task((*key, what), method, (fits, *arguments), _data.digest("mnist"))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS), help="architectures"
    )
    parser.add_argument(
        "--recipes", nargs="+", choices=RECIPES, default=list(RECIPES), help="ways to train"
    )
    parser.add_argument("--seeds", type=int, default=3, help="number of seeds")
    parser.add_argument("--jobs", type=int, default=2, help="number of processes")
    parser.add_argument("--device", default="cpu", help="torch device")
    parser.add_argument(
        "--as-published", action="store_true", help="run schemes A, B and C as published instead"
    )
    parser.add_argument("--quick", action="store_true", help="run a short test with one seed")
    _options.add_into(parser, "the records and networks")
    args = parser.parse_args()
    if not _data.ready(["mnist"]):
        sys.exit(1)
    seeds = range(1 if args.quick else args.seeds)
    into = args.into or (mkdtemp(prefix="mnist-") if args.quick else None)
    common = {"n_jobs": args.jobs, "folder": into, "device": args.device, "quick": args.quick}
    if args.as_published:
        records = run_published(seeds, **common)
    else:
        records = run(args.networks, args.recipes, seeds, **common)
    print(f"{len(records.found)} records in {records.path}")


if __name__ == "__main__":
    main()
