"""A network and what its outputs mean: what one part of the library hands to another."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse
from sklearn.utils.validation import check_is_fitted

from scann_sklearn.heads._exits import Exits
from scann_sklearn.heads._head import Head
from scann_sklearn.model._csr import csr_of
from scann_sklearn.model._exit_stages import expected_stages
from scann_sklearn.model._maps_of import maps_of
from scann_sklearn.model._program import Program
from scann_sklearn.model._rows import program_of_rows
from scann_sklearn.model._stages import OffersStages, Stage, map_stages, network_stage
from scann_sklearn.network import _exits
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._network import Network
from scann_sklearn.network._trained_front import TrainedFront


@dataclass(frozen=True, eq=False)
class Model:
    """A network and its head.

    Checkpoints are models in the scale of training, fitted estimators models of raw X.

    Parameters
    ----------
    network : Network
        Connections, weights and biases.
    head : Head
        What the outputs mean.
    """

    network: Network
    head: Head

    @property
    def n_connections(self) -> int:
        """Number of connections."""
        return self.network.n_connections

    @property
    def n_hidden(self) -> int:
        """Number of hidden neurons."""
        return self.network.n_hidden

    @property
    def depth(self) -> int:
        """Connections on the longest path from an input to an output."""
        return len(self.network.layers) - 1 + self.network.topology.depth

    @property
    def front(self) -> TrainedFront | None:
        """The layers of maps ahead of the neurons, if there are any."""
        network = self.network
        return TrainedFront.of(network) if isinstance(network, MapNetwork) else None

    @property
    def neurons(self) -> Network:
        """The network behind the layers of maps."""
        network = self.network
        return network.tail if isinstance(network, MapNetwork) else network

    @cached_property
    def weights(self) -> scipy.sparse.csr_array:
        """Strength of each connection of the neurons, targets x sources, in memory of `neurons`."""
        t = self.network.topology
        shape = (t.n_targets, t.n_inputs + t.n_hidden)
        return csr_of(self.neurons.weight, t.indices, t.indptr, shape)

    @property
    def biases(self) -> np.ndarray:
        """Bias of each hidden neuron, then of each output."""
        return self.neurons.bias

    @property
    def reads(self) -> np.ndarray:
        """Mask of the inputs that some connection reads."""
        t, front = self.network.topology, self.front
        read = np.bincount(t.indices, minlength=t.n_inputs)[: t.n_inputs] > 0
        if front is None:
            return read
        return front.trace(read[:, None].astype(float), sizes=False)[:, 0] > 0

    def outputs(self, X: np.ndarray) -> np.ndarray:
        """Values of the outputs.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_inputs)
            Samples.

        Returns
        -------
        outputs : ndarray of shape (n_samples, n_outputs)
            One column an output.
        """
        return self.network.decision_function(X)

    def stages(self) -> list[Stage]:
        """What one inference consists of.

        Returns
        -------
        stages : list of Stage
            For the meters of energy and size.
        """
        t = self.network.topology
        if isinstance(self.head, Exits):
            return expected_stages(t, self.head, self.head.shares)
        neurons = network_stage(t.n_connections, t.n_hidden, self.head, t.n_inputs)
        if isinstance(self.network, MapNetwork):
            return [*map_stages(self.network.front), replace(neurons, folds_before=False)]
        return [neurons]

    def reached(self) -> Model:
        """What samples may get to, with the same answers.

        Returns
        -------
        model : Model
            With early exits, those up to the first that all samples leave at, and what they need;
            else the same model.
        """
        head, network = self.head, self.network
        if not isinstance(head, Exits) or head.n_reached == head.n_exits:
            return self
        topology, connections, targets = _exits.up_to(network.topology, head.n_reached)
        cut = Network(topology, network.weight[connections], network.bias[targets])
        return Model(cut, head.reached())

    def to_program(self) -> Program:
        """Rows of arithmetic, from which files, C code and ONNX are written.

        Returns
        -------
        program : Program
            What the network computes.
        """
        n_features = self.network.n_inputs
        front = maps_of(self.network) if isinstance(self.network, MapNetwork) else None
        return program_of_rows(
            self.weights, self.biases, self.head, n_features=n_features, front=front
        )


class HoldsModel(OffersStages):
    """Base class of estimators whose fitted state is one model."""

    @property
    def _reads_features(self) -> bool:
        """Whether the model takes X itself, and not what a torch module makes of it."""
        return True

    @abstractmethod
    def _fitted_model(self) -> Model:
        """The fitted model, of raw X; NotFittedError where there is none."""

    def _inference_stages(self) -> list[Stage]:
        first, *rest = model_of(self).stages()
        return [replace(first, folds_before=first.folds_before and self._reads_features), *rest]


def model_of(estimator: HoldsModel) -> Model:
    """Model of a fitted estimator.

    Parameters
    ----------
    estimator : HoldsModel
        A fitted estimator.

    Returns
    -------
    model : Model
        Its model, of raw X.

    Raises
    ------
    NotFittedError
        If it is not fitted.
    """
    check_is_fitted(estimator)
    return estimator._fitted_model()
