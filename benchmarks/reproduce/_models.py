"""Small model files: a network's arrays and its reduction, without pickle."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np
import scipy.sparse

from scann_sklearn import SCANNClassifier


def save_model(path, model, method="", ratio=1.0):
    """Write a network and the name of the reduction ahead of it.

    Parameters
    ----------
    path : Path
        File to write.
    model : SCANNClassifier
        A fitted classifier.
    method : str, default=""
        Method of the `DimReducer`; empty: there is none.
    ratio : float, default=1.0
        Its ratio.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    w = model.weights_
    index = np.min_scalar_type(max(*w.shape, w.nnz))
    np.savez_compressed(
        path,
        weights=w.data,
        indices=w.indices.astype(index),
        indptr=w.indptr.astype(index),
        biases=model.biases_,
        classes=model.classes_,
        n_features=model.n_features_in_,
        method=method,
        ratio=ratio,
    )


def load_model(path):
    """Read a network.

    Parameters
    ----------
    path : Path
        File that `save_model` wrote.

    Returns
    -------
    model : SCANNClassifier
        The classifier, ready to predict.
    reduction : tuple of (str, float) or None
        Method and ratio of the reduction ahead of it.
    """
    with np.load(path) as file:
        content = dict(file)
    model = SCANNClassifier()
    model.classes_ = content["classes"]
    model.n_features_in_ = int(content["n_features"])
    model.n_outputs_ = 1 if len(model.classes_) == 2 else len(model.classes_)
    n_targets = len(content["indptr"]) - 1
    model.n_hidden_ = n_targets - model.n_outputs_
    model.biases_ = content["biases"]
    arrays = (content["weights"], content["indices"], content["indptr"])
    model.weights_ = scipy.sparse.csr_array(
        arrays, shape=(n_targets, model.n_features_in_ + model.n_hidden_)
    )
    model.n_connections_ = model.weights_.nnz
    method = str(content["method"])
    return model, (method, float(content["ratio"])) if method else None
