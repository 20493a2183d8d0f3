"""What a scheme asks for: one operation on the architecture, then some epochs of training."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from scann_sklearn.network._exits import shared_out
from scann_sklearn.network._network import Network
from scann_sklearn.synthesis import _operations
from scann_sklearn.synthesis._gradients import importance
from scann_sklearn.synthesis._grow_back import grow_back
from scann_sklearn.training._objective import Objective


class GrowthBatch(Objective):
    """The samples from which operations compute gradients, scaled as for training.

    Parameters
    ----------
    objective : Objective
        Samples, targets and weights.
    rng : numpy.random.Generator
        Source of noise.
    device : str, default="cpu"
        Where they may compute, see `grow_connections` and `prune_connections`.
    """

    def __init__(self, objective: Objective, rng: np.random.Generator, device: str = "cpu") -> None:
        super().__init__(objective.samples, objective.targets, objective.head)
        self.rng, self.device = rng, device

    @property
    def y(self) -> np.ndarray:
        """Class of each sample, from 0 on, or what each output should be."""
        return self.head.target_array(self.targets)

    @property
    def label_smoothing(self) -> float:
        """Label smoothing of the loss."""
        return self.targets.smoothing

    @property
    def loss(self) -> str:
        """Name of the loss; `GrowConnections.apply` and `PruneConnections.apply` know the rest."""
        return self.head.loss_name


class Step(Protocol):
    """One change of the architecture and the training that follows it.

    Attributes
    ----------
    epochs : int
        Number of epochs of training after the change.
    name : str
        Name of the operation in `history_`.
    """

    @property
    def epochs(self) -> int: ...

    @property
    def name(self) -> str: ...

    def apply(self, network, batch) -> Network:
        """Change the architecture.

        Parameters
        ----------
        network : Network
            The network to change.
        batch : GrowthBatch
            Samples to look at.

        Returns
        -------
        network : Network
            The changed network.
        """


@dataclass(frozen=True)
class Train:
    """Train without changing the architecture.

    Parameters
    ----------
    epochs : int
        Number of epochs.
    """

    epochs: int
    name = "train"

    def apply(self, network, batch) -> Network:
        """Return the network unchanged.

        Parameters
        ----------
        network : Network
            The network.
        batch : GrowthBatch
            Not used.

        Returns
        -------
        network : Network
            The same network.
        """
        return network


@dataclass(frozen=True)
class GrowConnections:
    """Connection growth (Algorithm 3).

    Parameters
    ----------
    n_connections : int or None
        Number of connections to grow to. If None, all allowed connections are added (full
        growth).
    epochs : int
        Number of epochs of training afterwards.
    neurons : int, tuple of int or None, default=None
        Number of hidden neurons to return to before growth, or one number per layer: removed
        neurons are added again. If None, connections grow between the neurons that are left.
    """

    n_connections: int | None
    epochs: int
    neurons: int | tuple[int, ...] | None = None
    name = "grow connections"

    def apply(self, network, batch) -> Network:
        """Grow connections.

        Parameters
        ----------
        network : Network
            The network to grow.
        batch : GrowthBatch
            Samples for the gradients.

        Returns
        -------
        network : Network
            The grown network.
        """
        if self.neurons is not None:
            neurons = self.neurons
            return grow_back(network, batch, self.n_connections, neurons, batch.rng, batch.device)
        if self.n_connections is None:
            return _operations.grow_all_connections(network)
        return _operations.grow_for(network, batch, self.n_connections, batch.device)


@dataclass(frozen=True)
class GrowNeurons:
    """Neuron growth (Algorithm 4).

    Parameters
    ----------
    n_neurons : int
        Number of neurons to add.
    noise : float
        Relative noise on the weights of the copies.
    epochs : int
        Number of epochs of training afterwards.
    duplication : {"split", "copy"}, default="split"
        See `grow_neurons`.
    """

    n_neurons: int
    noise: float
    epochs: int
    duplication: str = "split"
    name = "grow neurons"

    def apply(self, network, batch) -> Network:
        """Duplicate the most active neurons.

        Parameters
        ----------
        network : Network
            The network to grow.
        batch : GrowthBatch
            Samples for the activations.

        Returns
        -------
        network : Network
            The grown network.
        """
        return _operations.grow_neurons(
            network,
            batch.samples,
            self.n_neurons,
            sample_weight=batch.sample_weight,
            noise=self.noise,
            duplication=self.duplication,
            random_state=batch.rng,
        )


@dataclass(frozen=True)
class PruneConnections:
    """Connection pruning (Algorithm 5).

    Parameters
    ----------
    n_connections : int or float
        Maximum number of connections to keep. A float is a share of those that exist.
    criterion : {"saliency", "magnitude"}
        Criterion to rank connections by.
    epochs : int
        Number of epochs of training afterwards.
    """

    n_connections: int | float
    criterion: str
    epochs: int
    name = "prune connections"

    def __post_init__(self) -> None:
        if self.criterion not in ("saliency", "magnitude"):
            known = "'saliency' or 'magnitude'"
            raise ValueError(f"criterion must be {known}, got {self.criterion!r}.")

    def apply(self, network, batch) -> Network:
        """Drop the least important connections.

        Parameters
        ----------
        network : Network
            The network to prune.
        batch : GrowthBatch
            Samples for the saliency.

        Returns
        -------
        network : Network
            The pruned network.
        """
        n_connections = self.n_connections
        if isinstance(n_connections, float):
            share = int(n_connections * network.n_connections)
            n_connections = max(share, network.minimum_connections)
        score = np.abs(network.weight)
        if self.criterion == "saliency":
            score = importance(network, batch, batch.device)
        try:
            return _pruned(network, n_connections, score, batch)
        except _operations.UnreachableOutputsError:
            # What exists has no short enough paths to all outputs; what is allowed may.
            network = _operations.grow_all_connections(network)
            return _pruned(network, n_connections, np.abs(network.weight), batch)


def _pruned(network, n_connections, score, batch) -> Network:
    """The network of the highest scores; each section of early exits gets its share."""
    if batch.head.section_ratio is not None:
        score = shared_out(network.topology, score, batch.head.section_ratio)
    return _operations.prune_connections(
        network, n_connections, saliency=score, device=batch.device
    )
