"""Time of a default fit against that of a perceptron with early stopping."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.regression._perceptrons import fitted, regressor
from benchmarks.speed._timing import seconds
from scann_sklearn import SCANNRegressor

LAYERS, REPEATS = (100, 50), 3


def times(parts, seed, quick=False):
    """Seconds of both, in turns, on one thread.

    Parameters
    ----------
    parts : benchmarks._data.Parts
        The data; of the training rows both set a tenth aside for validation.
    seed : int
        Random state of both.
    quick : bool, default=False
        Once in place of three times.

    Returns
    -------
    content : dict
        Medians in seconds, and the ratio of the medians (above 1: the perceptron is faster).
    """
    ours = SCANNRegressor(random_state=seed)
    peer = regressor(LAYERS, early_stopping=True, random_state=seed)
    functions = [partial(fitted, model, parts) for model in (ours, peer)]
    with threadpool_limits(1):
        # once as they will be timed: compiling a kernel doesn't count
        for function in functions:
            function()
        rounds = range(1 if quick else REPEATS)
        found = np.median([[seconds(f) for f in functions] for _ in rounds], axis=0)
    names = ("ours_seconds", "peer_seconds")
    ratio = {"ratio": round(float(found[0] / found[1]), 3)}
    return dict(zip(names, found.round(4).tolist())) | ratio
