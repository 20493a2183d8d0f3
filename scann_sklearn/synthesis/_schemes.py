"""Schemes A, B and C of the paper."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from numbers import Integral, Real

from scann_sklearn._constraints import Interval
from scann_sklearn.network._allowed import MOST_CONNECTIONS
from scann_sklearn.network._topology import Topology
from scann_sklearn.synthesis._scheme import GrowAndPrune, other_defaults, sparse_start
from scann_sklearn.synthesis._steps import GrowConnections, GrowNeurons, PruneConnections, Step


class SchemeA(GrowAndPrune):
    """Start small; grow connections, grow neurons and prune; then shrink.

    Any earlier neuron or input may feed a neuron: depth is found by the synthesis.

    Parameters
    ----------
    initial_hidden : int or float, default=0.6
        Hidden neurons at the start: a number, or a share of the maximum.
    max_hidden : int, default=None
        Most hidden neurons; None: the sum of the estimator's `hidden_layer_sizes`.
    added_hidden : int, default=5
        Neurons that each neuron growth duplicates.
    noise : float, default=0.1
        Noise on a duplicate's incoming weights, as a share of their root mean square; at most 1000.
    initial_pruning : float, default=0.8
        Share of the seed's connections that is dropped, at random, before the training.
    growth_iterations : int, default=8
        Rounds of growth and pruning before the network shrinks.
    growth_ratio : float, default=0.35
        Share of the allowed connections that connection growth fills up to, between the neurons
        that exist.
    growth_limit : float, default=0.5
        On the way down, growth adds at most this share of the number of connections that the
        pruning after it leaves. None: no limit but `growth_ratio`.
    growth : {"gradient", "full", "none"}, default="gradient"
        Connection growth: those with the largest gradients, all that are allowed whatever
        `growth_ratio` and `growth_limit` say, or (on the way down) none.
    pruning_ratio : float, default=0.25
        Share of the existing connections that a pruning drops; on the way down of more than 10 000
        at least half, of 500 or fewer half as much with `path_iterations` 1. None: nothing is
        pruned while the network grows, then to the bound at once.
    pruning_criterion : {"saliency", "magnitude"}, default="saliency"
        What connections are ranked by: a first-order estimate of their effect on the loss, or
        their absolute weight as in the paper.
    iterations : int, default=6
        Rounds at the bound, where `n_connections` is one.
    path_iterations : int, default=2
        Rounds at each size on the way down, where there is no bound.
    initial_epochs : int, default=20
        Epochs that the seed is trained. With more than 10 000 connections fewer, in inverse
        proportion, but not fewer than `epochs`.
    epochs : int, default=10
        Epochs after each operation.
    growth_epochs : int, default=None
        Epochs after each growth of connections or neurons; None: as after the others.
    final_epochs : int, default=None
        Epochs after the last pruning; None: as after the others.
    growth_batch_size : int, default=2048
        Samples that an operation looks at.

    See Also
    --------
    SchemeB : Start large and general.
    SchemeC : Start from a multilayer perceptron.

    References
    ----------
    Hassantabar, Wang, Jha. SCANN: Synthesis of Compact and Accurate Neural Networks,
    arXiv:1904.09090, Scheme A.

    Examples
    --------
    >>> from scann_sklearn import SchemeA
    >>> SchemeA(added_hidden=3).get_params()["added_hidden"]
    3
    """

    _parameter_constraints: dict = GrowAndPrune._parameter_constraints | {
        "initial_hidden": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Real, 0, 1, closed="right"),
        ],
        "max_hidden": [Interval(Integral, 1, MOST_CONNECTIONS, closed="both"), None],
        "added_hidden": [Interval(Integral, 0, None, closed="left")],
        "noise": [Interval(Real, 0, 1000, closed="both")],  # of the weights: far more is infinite
        "growth_iterations": [Interval(Integral, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        initial_hidden=0.6,
        max_hidden=None,
        added_hidden=5,
        noise=0.1,
        initial_pruning=0.8,
        growth_iterations=8,
        growth_ratio=0.35,
        growth_limit=0.5,
        growth="gradient",
        pruning_ratio=0.25,
        pruning_criterion="saliency",
        iterations=6,
        path_iterations=2,
        initial_epochs=20,
        epochs=10,
        growth_epochs=None,
        final_epochs=None,
        growth_batch_size=2048,
    ) -> None:
        super().__init__(
            initial_pruning=initial_pruning,
            pruning_ratio=pruning_ratio,
            growth_ratio=growth_ratio,
            growth_limit=growth_limit,
            growth=growth,
            pruning_criterion=pruning_criterion,
            iterations=iterations,
            path_iterations=path_iterations,
            initial_epochs=initial_epochs,
            epochs=epochs,
            growth_epochs=growth_epochs,
            final_epochs=final_epochs,
            growth_batch_size=growth_batch_size,
        )
        self.initial_hidden = initial_hidden
        self.max_hidden = max_hidden
        self.added_hidden = added_hidden
        self.noise = noise
        self.growth_iterations = growth_iterations

    def _max_hidden(self, hidden_layer_sizes) -> int:
        return sum(hidden_layer_sizes) if self.max_hidden is None else self.max_hidden

    def start(self, n_inputs, n_outputs, hidden_layer_sizes, rng) -> Topology:
        # sparse network of the initial number of neurons
        most = self._max_hidden(hidden_layer_sizes)
        initial = self.initial_hidden
        if not isinstance(initial, Integral):
            initial = max(1, round(initial * most))
        topology = Topology.dense(n_inputs, n_outputs, n_hidden=min(initial, most))
        return sparse_start(topology, self.initial_pruning, rng)

    def largest(self, n_inputs, n_outputs, hidden_layer_sizes) -> Topology:
        # every connection between the maximum number of neurons
        return Topology.dense(n_inputs, n_outputs, n_hidden=self._max_hidden(hidden_layer_sizes))

    @property
    def _n_growing(self) -> int:
        return self.growth_iterations

    @property
    def _first_pruning(self) -> float:
        return self.pruning_ratio or 0

    def _growth_round(self, view) -> list[Step]:
        topology = view.network.topology
        grown = None if self.growth == "full" else int(self.growth_ratio * topology.n_allowed)
        steps: list[Step] = [GrowConnections(grown, self._epochs_of_growth)]
        room = self._max_hidden(view.hidden_layer_sizes) - topology.n_hidden
        if room > 0 and self.added_hidden > 0:
            added = min(self.added_hidden, room)
            steps.append(GrowNeurons(added, self.noise, self._epochs_of_growth))
        left = 1.0 - (self.pruning_ratio or 0.0)
        steps.append(PruneConnections(left, self.pruning_criterion, self.epochs))
        return steps


class SchemeB(GrowAndPrune):
    """Start large and general; prune hard, grow back, and repeat.

    Any earlier neuron or input may feed a neuron: depth is found by the synthesis. The number of
    hidden neurons is the sum of the estimator's `hidden_layer_sizes`.

    Parameters
    ----------
    initial_pruning : float, default=0.5
        Share of the connections that the first pruning drops, after the training of the seed; of
        more than 10 000 at least half.
    pruning_ratio : float, default=0.2
        Share of the connections that each further pruning drops on the way to the bound: of more
        than 10 000 at least half, of 500 or fewer half as much (with `path_iterations` 1). None:
        prune to the bound at once, the paper's setting.
    growth_ratio : float, default=0.9
        Share of the allowed connections that connection growth fills up to, between the neurons
        that exist.
    growth_limit : float, default=0.5
        Growth adds at most this share of the number of connections that the pruning after it
        leaves. None: no limit but `growth_ratio`, the paper's setting.
    growth : {"gradient", "full", "none"}, default="gradient"
        Connection growth: those with the largest gradients, all that are allowed whatever
        `growth_ratio` and `growth_limit` say, or none.
    pruning_criterion : {"magnitude", "saliency"}, default="magnitude"
        What connections are ranked by: their absolute weight as in the paper, or a first-order
        estimate of their effect on the loss.
    iterations : int, default=6
        Rounds at the bound, where `n_connections` is one.
    path_iterations : int, default=1
        Rounds at each size on the way down, where there is no bound.
    initial_epochs : int, default=20
        Epochs that the seed is trained. With more than 10 000 connections fewer, in inverse
        proportion, but not fewer than `epochs`.
    epochs : int, default=15
        Epochs after each pruning.
    growth_epochs : int, default=2
        Epochs after each growth; None: as after the prunings.
    final_epochs : int, default=None
        Epochs after the last pruning; None: as after the others.
    growth_batch_size : int, default=2048
        Samples that an operation looks at.

    See Also
    --------
    SchemeA : Start small.
    SchemeC : Start from a multilayer perceptron.

    References
    ----------
    Hassantabar, Wang, Jha. SCANN: Synthesis of Compact and Accurate Neural Networks,
    arXiv:1904.09090, Scheme B.

    Examples
    --------
    The setting of the paper:

    >>> from scann_sklearn import SchemeB
    >>> paper = SchemeB(pruning_ratio=None, growth_limit=None, growth_epochs=None)
    """

    def start(self, n_inputs, n_outputs, hidden_layer_sizes, rng) -> Topology:
        # every connection between all neurons
        return self.largest(n_inputs, n_outputs, hidden_layer_sizes)

    def largest(self, n_inputs, n_outputs, hidden_layer_sizes) -> Topology:
        # every connection between all neurons
        return Topology.dense(n_inputs, n_outputs, n_hidden=sum(hidden_layer_sizes))


class SchemeC(SchemeB):
    """Start from a multilayer perceptron; prune, grow back, and repeat.

    Only connections between adjacent layers are allowed; the layers are the estimator's
    `hidden_layer_sizes`.

    Parameters
    ----------
    initial_pruning : float, default=0.2
        Share of the connections that the first pruning drops, after the training of the seed; of
        more than 10 000 at least half.
    pruning_ratio : float, default=0.2
        Share of the connections that each further pruning drops on the way to the bound: of more
        than 10 000 at least half, of 500 or fewer half as much (with `path_iterations` 1). None:
        prune to the bound at once, the paper's setting.
    growth_ratio : float, default=0.9
        Share of the allowed connections that connection growth fills up to, between the neurons
        that exist.
    growth_limit : float, default=0.5
        Growth adds at most this share of the number of connections that the pruning after it
        leaves. None: no limit but `growth_ratio`.
    growth : {"gradient", "full", "none"}, default="gradient"
        Connection growth: those with the largest gradients, all that are allowed whatever
        `growth_ratio` and `growth_limit` say (the paper's setting), or none.
    pruning_criterion : {"magnitude", "saliency"}, default="magnitude"
        What connections are ranked by: their absolute weight as in the paper, or a first-order
        estimate of their effect on the loss.
    iterations : int, default=6
        Rounds at the bound, where `n_connections` is one.
    path_iterations : int, default=1
        Rounds at each size on the way down, where there is no bound.
    initial_epochs : int, default=60
        Epochs that the seed is trained. With more than 10 000 connections fewer, in inverse
        proportion, but not fewer than `epochs`.
    epochs : int, default=15
        Epochs after each pruning.
    growth_epochs : int, default=2
        Epochs after each growth; None: as after the prunings.
    final_epochs : int, default=None
        Epochs after the last pruning; None: as after the others.
    growth_batch_size : int, default=2048
        Samples that an operation looks at.

    See Also
    --------
    SchemeA : Start small.
    SchemeB : Start large and general.

    References
    ----------
    Hassantabar, Wang, Jha. SCANN: Synthesis of Compact and Accurate Neural Networks,
    arXiv:1904.09090, Scheme C.

    Examples
    --------
    The setting of the paper:

    >>> from scann_sklearn import SchemeC
    >>> paper = SchemeC(pruning_ratio=None, growth="full", growth_epochs=None)
    """

    __init__ = other_defaults(SchemeB.__init__, initial_pruning=0.2, initial_epochs=60)

    def largest(self, n_inputs, n_outputs, hidden_layer_sizes) -> Topology:
        # every connection between adjacent layers
        return Topology.dense(n_inputs, n_outputs, layer_sizes=tuple(hidden_layer_sizes))
