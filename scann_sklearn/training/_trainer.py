"""Training between two operations: one loop of epochs over either engine."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from scann_sklearn.network import Network
from scann_sklearn.network._bounds import Reach
from scann_sklearn.network._joint_network import JointNetwork
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.training._compiled import CompiledEngine
from scann_sklearn.training._compiled_maps import CompiledMapsEngine
from scann_sklearn.training._divergence import DivergenceError
from scann_sklearn.training._engine import choose_engine
from scann_sklearn.training._objective import Objective
from scann_sklearn.training._options import TrainingOptions
from scann_sklearn.training._order import Order


class Engine(Protocol):
    """What computes epochs."""

    def begin(self, network: Network) -> None:
        """Take a network over; its arrays may change in place."""

    def epoch(self, rate: float) -> float:
        """Train on the samples of `next_order`; the mean loss."""

    def network(self) -> Network:
        """The network as it is now."""


class Trainer:
    """Trains networks on one objective.

    Parameters
    ----------
    objective : Objective
        The training data.
    options : TrainingOptions
        How to train.
    rng : numpy.random.Generator
        Source of the order of the samples.
    validation_score : callable
        Validation score of a network, for early stopping.
    """

    def __init__(
        self,
        objective: Objective,
        options: TrainingOptions,
        rng: np.random.Generator,
        validation_score: Callable[[Network], float],
    ) -> None:
        self.objective, self.options, self.rng = objective, options, rng
        self.validation_score = validation_score
        self.reach = Reach(objective.samples)
        self._engines: dict[Any, Engine] = {}
        self._running: Engine | None = None
        self._order = Order(len(objective), options, rng)

    def train(
        self,
        network: Network,
        n_epochs: int,
        on_epoch: Callable[[int, float, float], bool | None],
    ) -> Network:
        """Train a network.

        Parameters
        ----------
        network : Network
            The network; its arrays aren't changed.
        n_epochs : int
            Number of epochs of this phase.
        on_epoch : callable
            Called with the epoch (from 1), the loss and the learning rate; true ends the phase.

        Returns
        -------
        network : Network
            The trained network.

        Raises
        ------
        DivergenceError
            If the loss or weights are not finite after an epoch.
        """
        if n_epochs == 0:
            return network
        engine = self._engine_for(network)
        engine.begin(network.copy())
        self._running = engine
        self._order = Order(len(self.objective), self.options, self.rng)
        options = self.options.for_size(network)
        patience = _Patience(options, self.validation_score)
        for epoch in range(n_epochs):
            rate = options.rate(epoch, n_epochs)
            loss = engine.epoch(rate)
            self._check_finite(loss, engine.network())
            if on_epoch(epoch + 1, loss, rate):
                break
            if options.early_stopping and patience.ends(engine.network()):
                break
        trained = patience.best or engine.network()
        self._running = None
        return trained

    def _engine_for(self, network) -> Engine:
        kind = _class_of(choose_engine(network, self.options), network)
        if kind not in self._engines:
            self._engines[kind] = kind(self.objective, self.options, self._next_order)
        return self._engines[kind]

    def _check_finite(self, loss, network) -> None:
        if not np.isfinite(loss):
            raise DivergenceError("the loss is", self.options)
        if not (np.isfinite(network.weight).all() and np.isfinite(network.bias).all()):
            raise DivergenceError("weights are", self.options)

    def check(self, network: Network) -> None:
        """Raise where training has gone to infinity.

        Parameters
        ----------
        network : Network
            A network in the scale of training.

        Raises
        ------
        DivergenceError
            If its weights, or its outputs for the training data, are not finite.
        """
        if not self.is_finite(network):
            raise DivergenceError("outputs are", self.options)

    def is_finite(self, network: Network) -> bool:
        """Whether a network's weights and its outputs for the training data are finite."""
        if self.objective.follow(network):
            self.reach = Reach(self.objective.samples)
        return self.reach.is_finite(network)

    def latest(self) -> Network | None:
        """Network as it is now, in the middle of a phase; None outside of one."""
        return None if self._running is None else self._running.network()

    def _next_order(self) -> np.ndarray:
        return self._order.next()


def _class_of(engine, network) -> Any:
    """The class of an engine for networks of this kind; that of torch takes all."""
    if isinstance(network, JointNetwork):
        from scann_sklearn.training._joint import JointEngine

        return JointEngine
    if engine == "torch":
        from scann_sklearn.training._torch import TorchEngine  # torch is loaded where it is used

        return TorchEngine
    return CompiledMapsEngine if isinstance(network, MapNetwork) else CompiledEngine


class _Patience:
    """Early stopping: how long the validation score hasn't improved, and the best network."""

    def __init__(self, options, validation_score) -> None:
        self.options, self.validation_score = options, validation_score
        self.best_score, self.waited = -np.inf, 0
        self.best: Network | None = None

    def ends(self, network) -> bool:
        """Whether a phase ends with this network."""
        score = self.validation_score(network)
        self.waited = 0 if score > self.best_score + self.options.tol else self.waited + 1
        if score > self.best_score:
            self.best_score, self.best = score, network.copy()
        return self.waited >= self.options.n_iter_no_change
