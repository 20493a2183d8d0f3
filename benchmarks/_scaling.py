"""The scaling of the inputs: chosen once for a data set and seed, the same for every method."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks import _data
from benchmarks._merit import SCALERS
from benchmarks._perceptrons import best_scaling
from benchmarks._records import Records, Task

FIELDS = ("data", "seed")


def scaled(parts, scaling):
    """The same data with inputs scaled by what the training part says, as float32.

    Every linear first layer can take the scaling into its weights, so that it costs nothing:
    methods are fitted to scaled data and metered without it.

    Parameters
    ----------
    parts : Parts
        The data.
    scaling : {"standard", "robust", "range"}
        See `benchmarks._perceptrons.best_scaling`.

    Returns
    -------
    parts : Parts
        The same rows.
    """
    scaler = SCALERS[scaling]().fit(parts.X_train)
    names = ("X_train", "X_val", "X_test")
    arrays = {n: scaler.transform(getattr(parts, n)).astype(np.float32) for n in names}
    return parts._replace(**arrays)


def chosen(cells, files, n_jobs, folder=None):
    """Best scaling of every cell, from the records ``scaling.jsonl`` where it stands there.

    Parameters
    ----------
    cells : list of (str, int)
        Data sets and seeds.
    files : dict
        Partial files by data set.
    n_jobs : int
        Processes.
    folder : path-like, default=None
        See `Records`.

    Returns
    -------
    scalings : dict
        Scaling by data set and seed.
    """
    records = Records("scaling", FIELDS, folder)
    tasks = []
    for name, seed in cells:
        file = files.get(name)
        tasks.append(Task((name, seed), _cell, (name, seed, file), _data.digest(name, file)))
    records.run(tasks, n_jobs, "scaling")
    return {cell: records[cell]["scaling"] for cell in cells}


def _cell(name, seed, file):
    return {"scaling": best_scaling(_data.load(name, seed, file), seed)}
