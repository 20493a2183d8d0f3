"""What a fitted estimator does with its arrays: no torch, no skorch."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import copy
import copyreg
from abc import abstractmethod
from inspect import signature
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from scann_sklearn._arrays import canonical, check_numbers
from scann_sklearn.estimators._checked import CheckedArrays, check_network, freeze, n_read_of
from scann_sklearn.estimators._extractor import TrainedExtractor, rows_of
from scann_sklearn.heads._exits import Exits
from scann_sklearn.heads._head import Head
from scann_sklearn.inspection import NetworkSummary
from scann_sklearn.metrics import EnergyModel, n_bytes
from scann_sklearn.model._csr import csr_of
from scann_sklearn.model._model import HoldsModel, Model, model_of
from scann_sklearn.network import Network, Topology
from scann_sklearn.network._codes import IDENTITY
from scann_sklearn.network._samples import SparseSamples
from scann_sklearn.network._saturation import finite_outputs
from scann_sklearn.network._trained_front import TrainedFront

if TYPE_CHECKING:
    import torch


def fitted_attributes(model) -> dict[str, Any]:
    """Attributes of an estimator whose network is a model of raw X.

    Parameters
    ----------
    model : Model
        The model; its arrays become read-only and must be nobody else's.

    Returns
    -------
    attributes : dict
        By their names.
    """
    weights, biases, t = model.weights, model.biases, model.network.topology
    front, head = model.front, model.head
    return {
        **({} if front is None else {"front_end_": front}),
        **(_of_exits(t, head) if isinstance(head, Exits) else {}),
        "weights_": weights,
        "biases_": biases,
        "_checked_": CheckedArrays(weights, biases, t.n_inputs, t.n_outputs),
        "n_connections_": model.n_connections,
        "n_hidden_": model.n_hidden,
        "depth_": model.depth,
    }


def _of_exits(topology, head) -> dict[str, Any]:
    exits, shares = topology.exits, head.shares
    return {"exits_": exits, "thresholds_": head.thresholds, "exit_shares_": shares}


def _knows_features(estimator) -> bool:
    """Whether connections lead to features of X, and not into a torch module."""
    if estimator._extractor_ is None:
        return True
    raise AttributeError(
        f"With {estimator._extractor_.parameter}, the network of a "
        f"{type(estimator).__name__} reads the output of the module, so that the "
        "importance of features of X is not known. The first "
        f"{estimator._n_read} columns of weights_ show which of these outputs are read."
    )


class FittedNetworkMixin(HoldsModel):
    """Prediction, and other views of the fitted network.

    The properties that end in an underscore are listed by scikit-learn's HTML repr.
    """

    front_end_: TrainedFront | None = None
    _extractor_: TrainedExtractor | None = None
    n_features_in_: int
    n_outputs_: int
    n_hidden_: int
    feature_deviations_: np.ndarray

    @property
    def feature_extractor_(self) -> torch.nn.Module | None:
        """Copy of `feature_extractor` that is ahead of the network. None without one."""
        return None if self._extractor_ is None else self._extractor_.module

    @property
    def n_inputs_used_(self) -> int:
        """Number of features that at least one connection reads."""
        return len(self.get_support(indices=True))

    @property
    def n_bytes_(self) -> int:
        """Bytes of the parameters on a device: weights and biases of 4 bytes, and indices."""
        return int(n_bytes(model_of(self)))

    @property
    def energy_(self) -> float:
        """Energy of one inference of the network in joules, by the default `EnergyModel`."""
        return EnergyModel().energy(model_of(self))

    @property
    def feature_importances_(self) -> np.ndarray:
        """Influence of each feature on the outputs, of shape (`n_features_in_`,), with sum 1.

        It is the sum of absolute weights along all paths, times the standard deviation of the
        feature in the training data (the connection weights of Olden, Joy and Death, Ecological
        Modelling 178, 2004, without signs), averaged over the outputs with equal weight.
        """
        check_is_fitted(self, "weights_")
        _knows_features(self)
        w, n_read = self.weights_, self._n_read
        size = np.abs(w.data.astype(np.float64))
        reach = np.zeros((n_read + w.shape[0], self.n_outputs_))
        reach[-self.n_outputs_ :] = np.eye(self.n_outputs_)
        for t in reversed(range(w.shape[0])):
            row = slice(w.indptr[t], w.indptr[t + 1])
            np.add.at(reach, w.indices[row], size[row, None] * reach[n_read + t])
        moved = reach[:n_read] if self.front_end_ is None else self.front_end_.trace(reach[:n_read])
        moved = moved * self.feature_deviations_[:, None]
        total = moved.sum(axis=0)
        return (moved / np.where(total > 0, total, 1)).mean(axis=1)

    def summary(self) -> NetworkSummary:
        """Summarise the size and cost of the network.

        Returns
        -------
        summary : NetworkSummary
            Summary that prints as a table, and has the numbers as attributes. A reduction before
            the network is not counted.

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
        return NetworkSummary.from_estimator(self)

    def __getstate__(self) -> dict[str, Any]:
        base: Any = super()  # BaseEstimator, which estimators have behind this class
        state = {n: value for n, value in base.__getstate__().items() if n != "_checked_"}
        for point in state.get("path_", ()):
            if point.biases is state["biases_"] and point.weights.data is state["weights_"].data:
                state["weights_"] = point.weights  # one object: joblib would store arrays twice
        return state

    def __reduce_ex__(self, protocol) -> tuple:
        # pickle and copy ask this, skops what is below
        return copyreg.__newobj__, (type(self),), self.__getstate__()  # type: ignore[attr-defined]

    def __reduce__(self) -> str | tuple:
        parameters = ("sections", "feature_extractor")
        name = next((n for n in parameters if getattr(self, n, None) is not None), None)
        if name is None and self._extractor_ is not None:
            name = self._extractor_.parameter
        if name is not None:
            raise NotImplementedError(
                f"skops can't save the torch modules of a {type(self).__name__} with {name}. Use "
                "pickle or joblib, and load the file only if you trust all who could have written "
                "it; or save the modules with torch, and the estimator that is fitted on the "
                "features that they output."
            )
        return super().__reduce__()

    def __sklearn_is_fitted__(self) -> bool:
        # A fit that ends before there is a network leaves other attributes.
        return hasattr(self, "weights_")

    def __setstate__(self, state) -> None:
        base: Any = super()
        # one that was saved by an older release lacks the parameters that came later
        parameters = signature(type(self).__init__).parameters.values()
        defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
        base.__setstate__(defaults | state)
        if "weights_" not in vars(self):
            return
        # The compiled kernels don't check indices: a changed file has to be an error here.
        self._take(self.weights_, self.biases_, self._ahead)
        self._check_answers()
        for point in vars(self).get("path_", ()):
            n_read = n_read_of(point.ahead, self.n_features_in_)
            check_network(point.weights, point.biases, n_read, self.n_outputs_)
            freeze(point.weights, point.biases)

    def __deepcopy__(self, memo) -> Self:
        """Copy whose arrays may be written to, as those of any deep copy."""
        copied = memo[id(self)] = type(self).__new__(type(self))
        vars(copied).update(copy.deepcopy(self.__getstate__(), memo))
        return copied

    def _check_answers(self) -> None:
        """Raise where attributes that came from a file don't say what the outputs mean."""

    @abstractmethod
    def _take_head(self, head: Head) -> None:
        """Set the fitted attributes that say what the outputs mean."""

    @abstractmethod
    def _head(self) -> Head:
        """The head that these attributes say."""

    def _fitted_model(self) -> Model:
        w = self.weights_
        topology = Topology(self._n_read, self.n_outputs_, w.indptr, w.indices)
        if self.front_end_ is not None:
            return Model(self.front_end_.ahead_of(topology, w.data, self.biases_), self._head())
        return Model(Network(topology, w.data, self.biases_), self._head())

    @property
    def _n_read(self) -> int:
        """Number of values that neurons can read: features, or what is made of them."""
        return n_read_of(self._ahead, self.n_features_in_)

    @property
    def _ahead(self) -> TrainedFront | TrainedExtractor | None:
        """What makes the values that neurons read; None: these are the features."""
        return self._extractor_ if self.front_end_ is None else self.front_end_

    @property
    def _reads_features(self) -> bool:
        return self._extractor_ is None

    def _take(self, weights, biases, ahead) -> None:
        """Make these arrays the fitted network, once they are checked."""
        shape = (n_read_of(ahead, self.n_features_in_), self.n_outputs_)
        check_network(weights, biases, *shape)
        # a matrix of its own, so that nothing put into it shows elsewhere
        self.weights_ = csr_of(weights.data, weights.indices, weights.indptr, weights.shape)
        self.biases_ = biases
        if isinstance(ahead, TrainedFront):
            self.front_end_ = ahead
        else:
            self._extractor_ = ahead
        self._checked_ = CheckedArrays(self.weights_, biases, *shape)

    def _kernel_arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """What the compiled code takes: checked, if not before then now."""
        checked = vars(self).get("_checked_")
        if checked is not None and checked.are_of(self):
            return checked.memory
        weights, biases = self.weights_, self.biases_
        check_network(weights, biases, self._n_read, self.n_outputs_)
        return weights.indptr, weights.indices, weights.data, biases

    @available_if(_knows_features)
    def get_support(self, indices=False) -> np.ndarray:
        """Get a mask or the indices of the features that the network reads.

        No other features need to be measured on a device.

        Parameters
        ----------
        indices : bool, default=False
            If True, indices are returned, otherwise a boolean mask.

        Returns
        -------
        support : ndarray of shape (`n_features_in_`,) of bool, or (`n_inputs_used_`,) of int
            Mask or indices of the features with at least one connection.
        """
        check_is_fitted(self, "weights_")
        reads = model_of(self).reads
        return np.flatnonzero(reads) if indices else reads

    def to_torch(self) -> torch.nn.Module:
        """Convert the network to a torch module that takes raw X.

        Returns
        -------
        module : torch.nn.Module
            Module that maps a tensor of shape (n_samples, `n_features_in_`) to the outputs before
            softmax or the logistic function. The tensor is converted to the dtype of `weights_`.
            The parameters are copies. The module consists of plain torch operations, so that it has
            derivatives of any order and explainers can be applied to it. With `feature_extractor`,
            it is a ``torch.nn.Sequential`` of a copy of `feature_extractor_`, which takes samples
            of the shape passed to `fit`, and the network.
        """
        from scann_sklearn.network._plain_module import PlainNetwork, behind  # torch is loaded here

        network = PlainNetwork(model_of(self).network.copy())
        module = self.feature_extractor_
        return network if module is None else behind(copy.deepcopy(module), network)

    def _outputs(self, X, linked=False) -> np.ndarray:
        if "weights_" not in vars(self):  # asked here, since the check costs as much as many a row
            check_is_fitted(self, "weights_")
        X, arrays = self._inputs_of(X), self._kernel_arrays()
        link = self._head().link if linked else IDENTITY
        if issparse(X):
            return SparseSamples(canonical(X)).predictions(self.n_outputs_, *arrays, link=link)
        return finite_outputs(X, self.n_outputs_, *arrays, link=link)

    def _inputs_of(self, X) -> Any:
        """What the neurons read of X, checked; sparse where it is X itself and X is."""
        ahead = self._ahead
        if isinstance(ahead, TrainedExtractor) and (known := ahead.recall(X)) is not None:
            return known
        X = self._rows_of(X)
        return X if ahead is None else ahead.read(X).astype(self.weights_.dtype, copy=False)

    def _rows_of(self, X) -> Any:
        """X row by row, checked, as the neurons or what is ahead of them take it."""
        ahead, dtype = self._ahead, self.weights_.dtype
        if isinstance(ahead, TrainedExtractor):
            dtype = np.dtype(np.float64)
        if ahead is not None:
            X = rows_of(X, ahead.input_shape)
        check_numbers(X=X)
        # The sum of values near the largest float overflows; what is too large for the network's
        # dtype is refused by its name.
        with np.errstate(over="ignore", invalid="ignore"):
            X = validate_data(
                self,
                X,
                accept_sparse="csr",
                dtype=[np.float64, np.float32],
                order="C",
                reset=False,
            )
            if X.dtype != dtype:
                X = check_array(X, accept_sparse="csr", dtype=dtype, input_name="X", estimator=self)
        return X

    def predict(self, X) -> np.ndarray:
        """Predict class labels or target values.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            For classifiers, the most probable class of each sample, or an indicator matrix of the
            labels with a probability above 1/2. For regressors, target values.
        """
        outputs = self._outputs(X)
        return self._head().predict(outputs)
