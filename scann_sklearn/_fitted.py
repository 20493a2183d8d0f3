"""What a fitted classifier does with its arrays: no torch, no skorch."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np
from scipy.special import log_expit, log_softmax
from sklearn.utils.validation import check_is_fitted, validate_data

from scann_sklearn._path import check_network, network_of
from scann_sklearn.metrics._energy import network_energy
from scann_sklearn.network._inference import outputs


class FittedNetworkMixin:
    """Prediction, and other views of the fitted network.

    The properties that end in an underscore are listed by scikit-learn's HTML repr.
    """

    @property
    def n_inputs_used_(self):
        """Number of inputs that at least one connection reads."""
        return len(self.get_support(indices=True))

    @property
    def n_bytes_(self):
        """Bytes of the parameters on a device: 4-byte weights and biases, and their indices."""
        check_is_fitted(self, "weights_")
        from scann_sklearn.metrics import n_bytes  # which knows this class

        return int(n_bytes(self))

    @property
    def energy_(self):
        """Joules of one inference of the network, by the default `EnergyModel`."""
        check_is_fitted(self, "weights_")
        return network_energy(self.n_connections_, self.n_hidden_, self.n_outputs_)

    def summary(self):
        """Count what the network consists of and costs.

        Returns
        -------
        summary : NetworkSummary
            Prints as a table; its attributes are the figures. A reduction before the network is
            not counted.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from scann_sklearn import SCANNClassifier
        >>> clf = SCANNClassifier(random_state=0).fit(*load_iris(return_X_y=True))
        >>> print(clf.summary())
        SCANNClassifier
        ...
        Inputs read                                         ... of 4
        ...
        """
        check_is_fitted(self, "weights_")
        from scann_sklearn.inspection import NetworkSummary

        return NetworkSummary.from_classifier(self)

    def __sklearn_is_fitted__(self):
        # A fit that ends before there is a network leaves other attributes.
        return hasattr(self, "weights_")

    def __setstate__(self, state):
        super().__setstate__(state)
        if "weights_" not in vars(self):
            return
        # The compiled kernels don't check indices: a changed file has to be an error here.
        for network in (
            (self.weights_, self.biases_),
            *((p.weights, p.biases) for p in vars(self).get("path_", ())),
        ):
            check_network(*network, self.n_features_in_, self.n_outputs_)

    def get_support(self, indices=False):
        """Inputs that are still connected: the only ones that a device has to read.

        Parameters
        ----------
        indices : bool, default=False
            Whether to return indices in place of a mask.

        Returns
        -------
        support : ndarray of shape (`n_features_in_`,) of bool, or of int
            Mask or indices of the inputs with at least one connection.
        """
        check_is_fitted(self, "weights_")
        sources = np.unique(self.weights_.indices)
        used = sources[sources < self.n_features_in_]
        return used if indices else np.isin(np.arange(self.n_features_in_), used)

    def to_torch(self):
        """Network as a torch module that takes raw X.

        Returns
        -------
        module : torch.nn.Module
            Maps a tensor of shape (n_samples, `n_features_in_`), of the dtype of `weights_`, to the
            outputs before softmax or the logistic function. Its parameters are copies.
        """
        check_is_fitted(self, "weights_")
        from scann_sklearn.network._module import SparseNetwork

        return SparseNetwork(network_of(self).copy())

    def _outputs(self, X, probabilities=False):
        check_is_fitted(self, "weights_")
        X = validate_data(self, X, dtype=[np.float64, np.float32], order="C", reset=False)
        weights = self.weights_
        arrays = (weights.indptr, weights.indices, weights.data, self.biases_)
        return outputs(X, self.n_outputs_, *arrays, probabilities=probabilities)

    def predict(self, X):
        """Predict class labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            The most probable class of each sample.
        """
        z = self._outputs(X)
        best = (z[:, 0] > 0).astype(int) if self.n_outputs_ == 1 else z.argmax(axis=1)
        return self.classes_[best]

    def predict_proba(self, X):
        """Estimate class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Probability of each class, in the order of `classes_`.
        """
        return self._outputs(X, probabilities=True)

    def predict_log_proba(self, X):
        """Estimate the logarithms of class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
            Logarithm of the probability of each class, in the order of `classes_`.
        """
        z = self._outputs(X)
        if self.n_outputs_ == 1:
            return np.column_stack([log_expit(-z[:, 0]), log_expit(z[:, 0])])
        return log_softmax(z, axis=1)
