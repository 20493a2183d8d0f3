"""The scaling of the inputs: chosen once for a data set and seed, the same for every method."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks import _data
from benchmarks._merit import SCALERS
from benchmarks._records import Records, Task

# Epochs at each learning rate: three steps down end lower than a constant rate.
PHASES = ((0.02, 40), (0.005, 25), (0.001, 15))


def scaled(parts, scaling):
    """The same data with inputs scaled by what the training part says, as float32.

    Every linear first layer can take the scaling into its weights, so that it costs nothing:
    methods are fitted to scaled data and metered without it.
    """
    scaler = SCALERS[scaling]().fit(parts.X_train)
    names = ("X_train", "X_val", "X_test")
    arrays = {n: scaler.transform(getattr(parts, n)).astype(np.float32) for n in names}
    return parts._replace(**arrays)


def fitted_mlp(parts, width, seed, alpha=1e-2, phases=PHASES):
    """Dense perceptron of one hidden layer, trained at falling learning rates."""
    mlp = MLPClassifier(
        (width,),
        alpha=alpha,
        batch_size=min(128, len(parts.y_train)),
        n_iter_no_change=10**6,
        warm_start=True,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it ends where the phases end
        for rate, epochs in phases:
            mlp.set_params(learning_rate_init=rate, max_iter=epochs)
            mlp.fit(parts.X_train, parts.y_train)
    return mlp


def best_scaling(parts, seed):
    """Scaling with which a perceptron of 100 hidden neurons does best on validation data.

    Parameters
    ----------
    parts : benchmarks._data.Parts
        The data; the test part is not looked at.
    seed : int
        Of the perceptron.

    Returns
    -------
    scaling : {"standard", "robust", "range"}
        The first of them where several do equally well.
    """
    return _measured(parts, seed)["scaling"]


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
    records = Records("scaling", ("data", "seed"), folder)
    tasks = [Task(cell, _cell, (*cell, files.get(cell[0]))) for cell in cells]
    records.run(tasks, n_jobs, "scaling")
    return {cell: records[cell]["scaling"] for cell in cells}


def _cell(name, seed, file):
    return _measured(_data.load(name, seed, file), seed)


def _measured(parts, seed):
    accuracy = {}
    for scaling in SCALERS:
        data = scaled(parts, scaling)
        mlp = fitted_mlp(data, 100, seed)
        accuracy[scaling] = round(mlp.score(data.X_val, data.y_val), 5)
    return {"scaling": max(accuracy, key=accuracy.__getitem__), "validation": accuracy}
