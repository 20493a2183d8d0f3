"""What the tests of both clusters share: searches, and what has to be equal of them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os

import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_info

from scann_sklearn import DimReducer
from scann_sklearn.model_selection import CompressionSearchCV, STEERAGESearchCV
from tests.classifier._helpers import short

# X and the rows of each split are large enough to be sent ahead of the fits, as joblib sees it.
DIGITS = tuple(part[:300] for part in load_digits(return_X_y=True))
PIPE = Pipeline([("reduce", DimReducer(random_state=0)), ("scann", short(n_connections=300))])
SEARCHES = {
    "grid": GridSearchCV(PIPE, {"scann__n_connections": [200, 250, 300]}, cv=2),
    "compression": CompressionSearchCV(
        PIPE, methods=["pca", "sparse_rp"], ratios=[1, 4], hidden_layer_sizes=10, cv=2
    ),
    "steerage": STEERAGESearchCV(
        PIPE,
        {"scann__hidden_layer_sizes": [(5,), (10,)], "scann__n_connections": [200, 250, 300]},
        n_iter=4,
        n_initial=2,
        n_local=1,
        cv=2,
        random_state=0,
    ),
}


def fitted(name, context=None, **parameters):
    """One of the searches, error_score="raise", fitted in a context of joblib."""
    search = clone(SEARCHES[name]).set_params(error_score="raise", **parameters)
    if context is None:
        return search.fit(*DIGITS)
    with context:
        return search.fit(*DIGITS)


def same_results(a, b):
    """Compare ``cv_results_`` in all but the times."""
    assert list(a.cv_results_) == list(b.cv_results_)
    for name, values in a.cv_results_.items():
        if not name.endswith("_time"):
            np.testing.assert_array_equal(values, b.cv_results_[name], err_msg=name)
    return True


def threads(_):
    """Process, and the threads that a fit in it would compute with."""
    import torch

    return os.getpid(), torch.get_num_threads(), *(p["num_threads"] for p in threadpool_info())


def where(number):
    """A task of a benchmark: the process that it runs in."""
    return {"process": os.getpid(), "answer": 2 * number}
