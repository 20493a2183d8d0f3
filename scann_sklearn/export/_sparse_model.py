"""Prediction with NumPy alone, from one file without code."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from os import PathLike
from typing import Any

import numpy as np

from scann_sklearn.model._model_file import read_model, write_model
from scann_sklearn.model._program import Program

_ROWS = 4096  # predicted at a time, so that what is between inputs and outputs stays small


class SparseModel:
    """A fitted network that needs only NumPy to predict.

    Loading and predicting imports neither torch, skorch, SciPy nor scikit-learn. The network, and a
    reduction and scalers ahead of it, are stored as one sparse matrix for raw X. If a pipeline
    fills in missing values or encodes categories, the constants for this are stored too.

    Parameters
    ----------
    program : Program
        The network, made by :meth:`from_estimator` or :meth:`load`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels, or indices of the labels. Not available for regressors.
    n_features_in_ : int
        Number of features of a sample.
    n_connections_ : int
        Number of connections, including those of a reduction that could not be folded.

    See Also
    --------
    to_c : Export to C, for microcontrollers.
    to_onnx : Export to ONNX runtimes.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_iris
    >>> from scann_sklearn import SCANNClassifier
    >>> from scann_sklearn.export import SparseModel
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = SCANNClassifier(n_connections=20, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "iris.npz")
    ...     SparseModel.from_estimator(clf).save(path)
    ...     model = SparseModel.load(path)
    >>> bool((model.predict(X) == clf.predict(X)).all())
    True
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        if program.kind != "values":
            self.classes_ = program.classes
        self.n_features_in_ = program.n_features
        self.n_connections_ = program.n_connections

    def __repr__(self) -> str:
        p = self._program
        return (
            f"SparseModel(features={p.n_features}, reads={p.n_inputs}, reduced={p.n_linear}, "
            f"hidden={p.n_hidden}, {p.kind}={len(p.classes) or p.n_outputs}, "
            f"{'' if p.exits is None else f'exits={p.n_exits}, '}connections={p.n_connections})"
        )

    @classmethod
    def from_estimator(cls, model: Any) -> SparseModel:
        """Make a model from a fitted estimator or pipeline.

        Parameters
        ----------
        model : SCANNClassifier, SCANNRegressor, EarlyExitClassifier, Pipeline or search
            A fitted estimator, as for :func:`to_c`.

        Returns
        -------
        sparse_model : SparseModel
            Model with the same predictions, in the dtype of the network.

        Raises
        ------
        TypeError
            If a step of `model` is not supported.
        ValueError
            If a step has no equivalent (Isomap, spectral embedding, clipping, categories that are
            strings), or if the network reads principal components that are rounding errors.
        NotFittedError
            If `model` is not fitted.
        """
        from scann_sklearn.export._program_of import (
            program_of,  # scikit-learn is imported here only
        )

        return cls(program_of(model))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model to one file.

        Parameters
        ----------
        path : str or path-like
            File name, usually ending in ``.npz``. An existing file of this name is kept until the
            new one is complete.

        Raises
        ------
        TypeError
            If the class labels are Python objects other than strings.
        NotImplementedError
            If steps that fill in missing values or encode categories are ahead of a network with
            early exits.
        OSError
            If the file can't be written.
        """
        write_model(path, self._program)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> SparseModel:
        """Load a model from a file that `save` has written.

        Nothing in the file is executed, whatever it holds. A damaged file raises an error. A file
        that was changed on purpose into another valid model can't be recognised.

        Parameters
        ----------
        path : str or path-like
            File name.

        Returns
        -------
        sparse_model : SparseModel
            The model.

        Raises
        ------
        ValueError
            If the file is not a model file, is damaged, or has a newer format.
        OSError
            If the file can't be read.
        """
        return cls(read_model(path))

    def _outputs(self, X) -> np.ndarray:
        X = self._program.check_samples(X)
        parts = [self._program.outputs(X[i : i + _ROWS]) for i in range(0, len(X), _ROWS)]
        return np.concatenate(parts)

    def predict(self, X) -> np.ndarray:
        """Predict class labels or target values.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples, with the columns of `fit` in the same order. NaN stands for a missing value, if
            the pipeline fills these in.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            The most probable class of each sample. With several labels per sample, an indicator
            matrix. For regressors, target values.
        """
        return self._program.head.predict(self._outputs(X))

    def predict_proba(self, X) -> np.ndarray:
        """Predict probabilities of classes or labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Probability of each class or label, in the order of `classes_`.

        Raises
        ------
        AttributeError
            If the model is a regressor.
        """
        return self._program.head.probabilities(self._outputs(X))
