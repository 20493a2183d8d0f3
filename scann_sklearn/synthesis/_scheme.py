"""What every scheme has in common: its parameters and the way down to few connections."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from numbers import Integral, Real
from types import FunctionType
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from scann_sklearn._constraints import Interval
from scann_sklearn._doc_links import DocLinkMixin
from scann_sklearn._sklearn import StrOptions, validate_parameter_constraints
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._topology import Topology
from scann_sklearn.synthesis._plan import Goal, PastRound, View
from scann_sklearn.synthesis._steps import GrowConnections, PruneConnections, Step, Train

_FEW = 500  # connections below which a pruning on the way down drops half as much: each matters


class Scheme(DocLinkMixin, BaseEstimator, ABC):
    """Base class of the synthesis schemes.

    A scheme decides which network the synthesis starts with and how it changes; it does not train
    anything itself. To write one, derive from this class, store the parameters in `__init__`, and
    define `start`, `largest` and `next_round`.
    """

    _documented_in = "scann_sklearn.synthesis"

    growth_batch_size: int = 2048  # of schemes that don't have it as a parameter

    _parameter_constraints: dict = {
        "iterations": [Interval(Integral, 1, None, closed="left")],
        "path_iterations": [Interval(Integral, 1, None, closed="left")],
        "pruning_ratio": [Interval(Real, 0, 1, closed="neither"), None],
        "growth": [StrOptions({"gradient", "full", "none"})],
        "growth_ratio": [Interval(Real, 0, 1, closed="right")],
        "growth_reference": [StrOptions({"living", "start"})],
        "growth_limit": [Interval(Real, 0, None, closed="neither"), None],
        "growth_batch_size": [Interval(Integral, 1, None, closed="left")],
        "pruning_criterion": [StrOptions({"saliency", "magnitude"})],
        "initial_pruning": [Interval(Real, 0, 1, closed="left")],
        "initial_epochs": [Interval(Integral, 0, None, closed="left")],
        "epochs": [Interval(Integral, 0, None, closed="left")],
        "growth_epochs": [Interval(Integral, 0, None, closed="left"), None],
        "final_epochs": [Interval(Integral, 0, None, closed="left"), None],
        "coarse_above": [Interval(Integral, 0, None, closed="left"), None],
    }

    def validate(self) -> None:
        """Check the parameters.

        Raises
        ------
        ValueError
            If a parameter is out of its range; the message names it and its value.
        """
        known = self._parameter_constraints
        own = {name: known[name] for name in self.get_params(deep=False) if name in known}
        validate_parameter_constraints(
            own, self.get_params(deep=False), caller_name=type(self).__name__
        )

    @abstractmethod
    def start(self, n_inputs, n_outputs, hidden_layer_sizes, rng) -> Topology:
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
            The initial connections. Their weights will be random.
        """

    def start_front(self, front) -> MapFront:
        """Layers of maps that the synthesis starts from, if X holds images.

        Parameters
        ----------
        front : MapFront
            Those of the estimator's `front_end`, with all connections.

        Returns
        -------
        front : MapFront
            The same, or with fewer maps and connections; `start` is asked for neurons behind it.
        """
        return front

    @abstractmethod
    def largest(self, n_inputs, n_outputs, hidden_layer_sizes) -> Topology:
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
            The largest architecture. A float `n_connections` is a share of its connections.
        """

    def next_round(self, view: View, goal: Goal) -> list[Step] | None:
        """Decide what the next round does.

        The result must depend only on the arguments and the parameters of the scheme, so that an
        interrupted synthesis can be continued.

        Parameters
        ----------
        view : View
            The current network, and a record of each past round.
        goal : Goal
            The number of connections to reach.

        Returns
        -------
        steps : list of Step or None
            The steps of the next round. None if the last round was the final one.
        """
        # not abstract, since schemes may still define `rounds` in its place
        raise NotImplementedError(f"{type(self).__name__} has no next_round.")

    def n_rounds(self, view: View, goal: Goal) -> int | None:
        """Maximum number of rounds, to show the progress of a fit.

        Parameters
        ----------
        view : View
            The current network, and a record of each past round.
        goal : Goal
            The number of connections to reach.

        Returns
        -------
        n_rounds : int or None
            Maximum number of all rounds, past ones included. None if it is unknown, which is
            what this base class returns.
        """
        return None

    def rounds(self, synthesis, n_connections) -> Iterator[list[Step]]:
        """Yield rounds (deprecated; will be removed in version 0.2).

        An interrupted synthesis of a scheme that defines this generator can't be continued. Define
        `next_round` instead.

        Parameters
        ----------
        synthesis : Synthesis
            The loop that carries out the rounds; `synthesis.network` is the current network.
        n_connections : int or None
            The number of connections to reach. If None, go on to ever fewer connections; the loop
            ends the generator.

        Yields
        ------
        steps : list of Step
            The next round.
        """
        past: list[PastRound] = []
        while True:
            view = View(synthesis.network, synthesis.hidden_layer_sizes, tuple(past))
            steps = self.next_round(view, Goal(n_connections))
            if steps is None:
                return
            yield steps
            past.append(PastRound.of(synthesis.network, synthesis.last_score))


class GrowAndPrune(Scheme):
    """What schemes A, B and C share: a seed, then the way down to few connections.

    Parameters
    ----------
    initial_pruning : float
        See :class:`SchemeB`.
    pruning_ratio : float or None
        See :class:`SchemeB`.
    growth_ratio : float
        See :class:`SchemeB`.
    growth_reference : {"living", "start"}
        See :class:`SchemeB`.
    growth_limit : float or None
        See :class:`SchemeB`.
    growth : {"gradient", "full", "none"}
        See :class:`SchemeB`.
    pruning_criterion : {"saliency", "magnitude"}
        See :class:`SchemeB`.
    iterations : int
        See :class:`SchemeB`.
    path_iterations : int
        See :class:`SchemeB`.
    initial_epochs : int
        See :class:`SchemeB`.
    epochs : int
        See :class:`SchemeB`.
    growth_epochs : int or None
        See :class:`SchemeB`.
    final_epochs : int or None
        See :class:`SchemeB`.
    growth_batch_size : int
        See :class:`SchemeB`.
    coarse_above : int or None
        See :class:`SchemeB`.
    """

    # of those that were saved before they were parameters
    growth_epochs: int | None = None
    growth_reference: str = "living"
    coarse_above: int | None = 10_000

    def __init__(
        self,
        *,
        initial_pruning=0.5,
        pruning_ratio=0.2,
        growth_ratio=0.9,
        growth_reference="living",
        growth_limit=0.5,
        growth="gradient",
        pruning_criterion="magnitude",
        iterations=6,
        path_iterations=1,
        initial_epochs=20,
        epochs=15,
        growth_epochs=2,
        final_epochs=None,
        growth_batch_size=2048,
        coarse_above=10_000,
    ) -> None:
        self.initial_pruning = initial_pruning
        self.pruning_ratio = pruning_ratio
        self.growth_ratio = growth_ratio
        self.growth_reference = growth_reference
        self.growth_limit = growth_limit
        self.growth = growth
        self.pruning_criterion = pruning_criterion
        self.iterations = iterations
        self.path_iterations = path_iterations
        self.initial_epochs = initial_epochs
        self.epochs = epochs
        self.growth_epochs = growth_epochs
        self.final_epochs = final_epochs
        self.growth_batch_size = growth_batch_size
        self.coarse_above = coarse_above

    def next_round(self, view: View, goal: Goal) -> list[Step] | None:
        # the seed, rounds of growth where the scheme has them, then the way down
        if view.number == 0:
            self._check_goal(goal)
            return self._seed_round(view)
        if view.number <= self._n_growing:
            return self._growth_round(view)
        return self._shrinking_round(view, goal)

    def _check_goal(self, goal: Goal) -> None:
        if self.pruning_ratio is None and goal.n_connections is None:
            raise ValueError(
                f"{type(self).__name__}(pruning_ratio=None) prunes to n_connections at once: set "
                "it to a number or a share of the connections, not 'auto'."
            )

    def _seed_round(self, view: View) -> list[Step]:
        return [Train(self._epochs_of_seed(view.network.n_connections))]

    def _growth_round(self, view: View) -> list[Step]:
        # not abstract, since only schemes with `_n_growing` above 0 get here
        raise NotImplementedError(f"{type(self).__name__} has no _growth_round.")

    def _epochs_of_seed(self, n_connections) -> int:
        if self.coarse_above is None:
            return self.initial_epochs
        fewer = max(self.initial_epochs * self.coarse_above // max(n_connections, 1), self.epochs)
        return min(self.initial_epochs, fewer)

    @property
    def _epochs_of_growth(self) -> int:
        return self.epochs if self.growth_epochs is None else self.growth_epochs

    @property
    def _n_growing(self) -> int:
        """Rounds between the seed and the way down."""
        return 0

    @property
    def _first_pruning(self) -> float:
        """Share of the connections that the first pruning of the way down drops."""
        return self.initial_pruning

    def n_rounds(self, view: View, goal: Goal) -> int | None:
        # exact once the way down begins; before, as if growth left as many connections as now
        targets, repeats = self._way_down(view, goal.n_connections)
        at_bound = 0 if goal.n_connections is None else self.iterations
        return 1 + self._n_growing + len(targets) * repeats + at_bound

    def _way_down(self, view, bound) -> tuple[list[int], int]:
        """Sizes on the way down, and the number of rounds at each."""
        past = view.past[: self._n_growing + 1]
        full = past[-1].n_connections if past else view.network.n_connections
        minimum = view.network.minimum_connections
        first = int(full * (1 - self._dropped(self._first_pruning, full)))
        targets = list(self._targets(first, bound, minimum))
        return targets, self.path_iterations if bound is None else 1

    def _shrinking_round(self, view, goal) -> list[Step] | None:
        """Growth and pruning: to ever fewer connections, then at the bound."""
        bound = goal.n_connections
        targets, repeats = self._way_down(view, bound)
        done = view.number - self._n_growing - 1
        if done < len(targets) * repeats:
            return self._grow_and_prune(view, targets[done // repeats], self.epochs)
        at_bound = done - len(targets) * repeats
        if bound is None or at_bound >= self.iterations:
            return None
        is_last = at_bound == self.iterations - 1 and self.final_epochs is not None
        return self._grow_and_prune(view, bound, self.final_epochs if is_last else self.epochs)

    def _targets(self, first, bound, minimum) -> Iterator[int]:
        """Sizes to prune to on the way, each smaller than the one before."""
        target, ratio = max(first, minimum), self.pruning_ratio
        if ratio is None:
            return  # to the bound at once
        while target > (bound or 0):
            yield target
            if target == minimum:
                return
            dropped = self._dropped(ratio, target)
            if target <= _FEW and self.path_iterations == 1:
                dropped /= 2
            target = max(min(int(target * (1 - dropped)), target - 1), minimum)

    def _dropped(self, share, n_connections) -> float:
        """Share of so many connections that a pruning drops, where this share was asked for."""
        is_coarse = self.coarse_above is not None and n_connections > self.coarse_above
        return max(share, 0.5) if is_coarse else share

    def _grow_and_prune(self, view, target, epochs) -> list[Step]:
        pruning = PruneConnections(target, self.pruning_criterion, epochs)
        return [*self._growth_before(view, target), pruning]

    def _growth_before(self, view, target) -> list[Step]:
        """Growth before a pruning to `target` connections."""
        if self.growth == "none":
            return []
        allowed, neurons = self._growth_reference(view)
        full = self.growth == "full"
        ceiling = allowed if full else int(self.growth_ratio * allowed)
        if self.growth_limit is not None and not full:
            ceiling = int(min(ceiling, target * (1 + self.growth_limit)))
        if ceiling <= view.network.n_connections:
            return []
        return [GrowConnections(None if full else ceiling, self._epochs_of_growth, neurons)]

    def _growth_reference(self, view) -> tuple[int, int | tuple[int, ...] | None]:
        """What `growth_ratio` is a share of, and the neurons that growth brings back."""
        if self.growth_reference == "living":
            return view.network.n_allowed, None
        *fronts, t = view.network.layers
        start = self.largest(t.n_inputs, t.n_outputs, view.hidden_layer_sizes)
        allowed = start.n_allowed + sum(layer.n_allowed for layer in fronts)
        return allowed, start.n_hidden if start.layer_sizes is None else start.layer_sizes


def other_defaults(init: Callable, **defaults: Any) -> Callable:
    """The same ``__init__`` with other defaults, for a scheme of the same parameters.

    Parameters
    ----------
    init : callable
        ``__init__`` of a scheme, whose parameters are keyword-only.
    **defaults : object
        Defaults by the names of parameters.

    Returns
    -------
    init : callable
        Its signature tells the new defaults.
    """
    other = FunctionType(init.__code__, init.__globals__, init.__name__, closure=init.__closure__)
    other.__kwdefaults__ = {**(init.__kwdefaults__ or {}), **defaults}
    return other


def sparse_start(topology, pruning, rng) -> Topology:
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
    return part_of(topology, keep)


def part_of(topology, keep) -> Topology:
    """Topology of some of the connections, between the same neurons."""
    counts = np.bincount(topology.targets[keep], minlength=topology.n_targets)
    return Topology.adopt(
        topology.n_inputs,
        topology.n_outputs,
        np.append(0, np.cumsum(counts)),
        topology.indices[keep],
        topology.layer_sizes,
        topology.exits,
        topology.exit_inputs,
    )
