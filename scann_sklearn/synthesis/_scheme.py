"""What every scheme has in common: its parameters and the way down to few connections."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from abc import ABC, abstractmethod
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator

from scann_sklearn._constraints import Interval
from scann_sklearn._sklearn import StrOptions, validate_parameter_constraints
from scann_sklearn.network._topology import MOST_CONNECTIONS, Topology
from scann_sklearn.synthesis._steps import GrowConnections, PruneConnections


class Scheme(BaseEstimator, ABC):
    """Base class of the synthesis schemes.

    A scheme says where a network starts and how it changes; it trains nothing. To write one,
    derive from this class, store the parameters in `__init__`, and define `start`, `largest` and
    `rounds`.
    """

    growth_batch_size: int = 2048  # of schemes that don't have it as a parameter

    _parameter_constraints: dict = {
        "iterations": [Interval(Integral, 1, None, closed="left")],
        "path_iterations": [Interval(Integral, 1, None, closed="left")],
        "pruning_ratio": [Interval(Real, 0, 1, closed="neither"), None],
        "growth": [StrOptions({"gradient", "full", "none"})],
        "growth_ratio": [Interval(Real, 0, 1, closed="right")],
        "growth_limit": [Interval(Real, 0, None, closed="neither"), None],
        "growth_batch_size": [Interval(Integral, 1, None, closed="left")],
        "pruning_criterion": [StrOptions({"saliency", "magnitude"})],
        "initial_pruning": [Interval(Real, 0, 1, closed="left")],
        "initial_epochs": [Interval(Integral, 0, None, closed="left")],
        "epochs": [Interval(Integral, 0, None, closed="left")],
        "final_epochs": [Interval(Integral, 0, None, closed="left"), None],
        # of scheme A
        "initial_hidden": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Real, 0, 1, closed="right"),
        ],
        "max_hidden": [Interval(Integral, 1, MOST_CONNECTIONS, closed="both"), None],
        "added_hidden": [Interval(Integral, 0, None, closed="left")],
        "noise": [Interval(Real, 0, 1000, closed="both")],  # of the weights: far more is infinite
        "growth_iterations": [Interval(Integral, 0, None, closed="left")],
    }

    def validate(self):
        """Check the parameters.

        Raises
        ------
        ValueError
            If one of them is out of its range; the message names it and its value.
        """
        known = self._parameter_constraints
        own = {name: known[name] for name in self.get_params(deep=False) if name in known}
        validate_parameter_constraints(
            own, self.get_params(deep=False), caller_name=type(self).__name__
        )

    @abstractmethod
    def start(self, n_inputs, n_outputs, hidden_layer_sizes, rng):
        """Topology that the synthesis starts from.

        Parameters
        ----------
        n_inputs : int
            Number of inputs.
        n_outputs : int
            Number of outputs.
        hidden_layer_sizes : tuple of int
            As given to the estimator.
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        topology : Topology
            The initial connections; their weights will be random.
        """

    @abstractmethod
    def largest(self, n_inputs, n_outputs, hidden_layer_sizes):
        """Topology with every connection that the scheme may ever use.

        Parameters
        ----------
        n_inputs : int
            Number of inputs.
        n_outputs : int
            Number of outputs.
        hidden_layer_sizes : tuple of int
            As given to the estimator.

        Returns
        -------
        topology : Topology
            The largest architecture; a float `n_connections` is a share of it.
        """

    @abstractmethod
    def rounds(self, synthesis, n_connections):
        """Yield rounds, each a list of steps.

        Parameters
        ----------
        synthesis : Synthesis
            The loop that carries the rounds out; `synthesis.network` is the network as the steps
            so far have left it.
        n_connections : int or None
            The bound to reach. None: go on to ever fewer connections; the loop stops it.

        Yields
        ------
        steps : list of Step
            The next round.
        """

    def _way_down(self, synthesis, n_connections, first):
        """Rounds of growth and pruning to ever fewer connections, then at the bound."""
        minimum = synthesis.network.topology.minimum_connections
        repeats = self.path_iterations if n_connections is None else 1
        for target in self._targets(first, n_connections, minimum):
            for _ in range(repeats):
                yield self._grow_and_prune(synthesis, target, self.epochs)
        if n_connections is not None:
            last = self.epochs if self.final_epochs is None else self.final_epochs
            for i in range(self.iterations):
                final = i == self.iterations - 1
                yield self._grow_and_prune(synthesis, n_connections, last if final else self.epochs)

    def _targets(self, first, bound, minimum):
        """Sizes to prune to on the way, each smaller than the one before."""
        target, ratio = max(first, minimum), self.pruning_ratio
        if ratio is None:
            if bound is not None:
                return  # to the bound at once
            ratio = 0.5
        while target > (bound or 0):
            yield target
            if target == minimum:
                return
            target = max(min(int(target * (1 - ratio)), target - 1), minimum)

    def _grow_and_prune(self, synthesis, target, epochs):
        steps = []
        topology = synthesis.network.topology
        if self.growth != "none":
            ceiling = int(self.growth_ratio * topology.n_allowed)
            if self.growth_limit is not None:
                ceiling = int(min(ceiling, target * (1 + self.growth_limit)))
            if self.growth == "full":
                steps.append(GrowConnections(None, self.epochs))
            elif ceiling > topology.n_connections:
                steps.append(GrowConnections(ceiling, self.epochs))
        steps.append(PruneConnections(target, self.pruning_criterion, epochs))
        return steps


def sparse_start(topology, pruning, rng):
    """Random part of a topology: `pruning` of its connections are dropped before training.

    Every output and every hidden neuron keep a connection.
    """
    if pruning == 0:
        return topology
    keep = rng.random(topology.n_connections) >= pruning
    fan_in = np.diff(topology.indptr)
    fed = fan_in > 0
    lucky = topology.indptr[:-1][fed] + (rng.random(fed.sum()) * fan_in[fed]).astype(np.int64)
    keep[lucky] = True
    counts = np.bincount(topology.targets[keep], minlength=topology.n_targets)
    return Topology.adopt(
        topology.n_inputs,
        topology.n_outputs,
        np.append(0, np.cumsum(counts)),
        topology.indices[keep],
        topology.layer_sizes,
    )
