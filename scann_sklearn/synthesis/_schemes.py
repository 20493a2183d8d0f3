"""Schemes A, B and C of the paper."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from numbers import Integral, Real
from typing import Self

from scann_sklearn._constraints import Interval
from scann_sklearn._sklearn import StrOptions
from scann_sklearn.network._allowed import MOST_CONNECTIONS
from scann_sklearn.network._topology import Topology
from scann_sklearn.synthesis._operations import DUPLICATIONS
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
        Noise on a duplicate's weights, as a share of their root mean square; at most 1000.
    duplication : {"split", "copy"}, default="split"
        "split": a neuron shares its outgoing weights with its duplicate, whose incoming ones are
        disturbed. "copy": the duplicate has all its weights, all disturbed (the paper's setting).
    initial_pruning : float, default=0.8
        Share of the seed's connections that is dropped.
    seed_pruning : {"random", "trained"}, default="random"
        Whether the seed is pruned at random before its training, or by `pruning_criterion` after
        it (the paper's setting).
    growth_iterations : int, default=8
        Rounds of growth and pruning before the network shrinks.
    shrink : bool, default=True
        Whether there is a way down after them. False: only a last pruning to the bound, where
        there is one (the paper's setting).
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
        Share of the existing connections that a pruning drops; on the way down see `coarse_above`,
        and of 500 or fewer half as much with `path_iterations` 1. None: nothing is pruned while
        the network grows, then to the bound at once, which there has to be.
    pruning_criterion : {"saliency", "magnitude"}, default="saliency"
        What connections are ranked by: a first-order estimate of their effect on the loss, or
        their absolute weight as in the paper.
    iterations : int, default=6
        Rounds at the bound, where `n_connections` is one.
    path_iterations : int, default=2
        Rounds at each size on the way down, where there is no bound.
    initial_epochs : int, default=20
        Epochs that the seed is trained, see `coarse_above`.
    epochs : int, default=10
        Epochs after each operation.
    growth_epochs : int, default=None
        Epochs after each growth of connections or neurons; None: as after the others.
    final_epochs : int, default=None
        Epochs after the last pruning; None: as after the others.
    growth_batch_size : int, default=2048
        Samples that an operation looks at.
    coarse_above : int, default=10000
        Number of connections above which a pruning on the way down drops at least half, and the
        seed trains fewer epochs, in inverse proportion but not fewer than `epochs`. None: never.

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
    >>> SchemeA.as_published().growth_ratio
    0.35
    """

    # of those that were saved before they were parameters
    duplication: str = "split"
    seed_pruning: str = "random"
    shrink: bool = True

    _parameter_constraints: dict = GrowAndPrune._parameter_constraints | {
        "initial_hidden": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Real, 0, 1, closed="right"),
        ],
        "max_hidden": [Interval(Integral, 1, MOST_CONNECTIONS, closed="both"), None],
        "added_hidden": [Interval(Integral, 0, None, closed="left")],
        "noise": [Interval(Real, 0, 1000, closed="both")],  # of the weights: far more is infinite
        "growth_iterations": [Interval(Integral, 0, None, closed="left")],
        "duplication": [StrOptions(set(DUPLICATIONS))],
        "seed_pruning": [StrOptions({"random", "trained"})],
        "shrink": ["boolean"],
    }

    def __init__(
        self,
        *,
        initial_hidden=0.6,
        max_hidden=None,
        added_hidden=5,
        noise=0.1,
        duplication="split",
        initial_pruning=0.8,
        seed_pruning="random",
        growth_iterations=8,
        shrink=True,
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
        coarse_above=10_000,
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
            coarse_above=coarse_above,
        )
        self.initial_hidden = initial_hidden
        self.max_hidden = max_hidden
        self.added_hidden = added_hidden
        self.noise = noise
        self.duplication = duplication
        self.seed_pruning = seed_pruning
        self.growth_iterations = growth_iterations
        self.shrink = shrink

    @classmethod
    def as_published(cls, *, epochs=15, iterations=8) -> Self:
        """The scheme as the paper prints it, for LeNet-5.

        60 % of the neurons, fully connected and trained, lose 95 % of their connections; then
        each round grows to 35 % of all connections, duplicates five neurons and drops 25 %. With
        ``n_connections="auto"`` that is all.

        Parameters
        ----------
        epochs : int, default=15
            Epochs after each operation; the paper has 10 to 20.
        iterations : int, default=8
            Rounds; the paper has 5 to 10.

        Returns
        -------
        scheme : SchemeA
            Its parameters are those of the paper.
        """
        return cls(
            duplication="copy",
            initial_pruning=0.95,
            seed_pruning="trained",
            growth_iterations=iterations,
            shrink=False,
            pruning_criterion="magnitude",
            epochs=epochs,
            coarse_above=None,
        )

    def _max_hidden(self, hidden_layer_sizes) -> int:
        return sum(hidden_layer_sizes) if self.max_hidden is None else self.max_hidden

    def start(self, n_inputs, n_outputs, hidden_layer_sizes, rng) -> Topology:
        # sparse network of the initial number of neurons
        most = self._max_hidden(hidden_layer_sizes)
        initial = self.initial_hidden
        if not isinstance(initial, Integral):
            initial = max(1, round(initial * most))
        topology = Topology.dense(n_inputs, n_outputs, n_hidden=min(initial, most))
        if self.seed_pruning == "trained":
            return topology
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

    def _check_goal(self, goal) -> None:
        if self.shrink:
            super()._check_goal(goal)

    def _seed_round(self, view) -> list[Step]:
        steps = super()._seed_round(view)
        if self.seed_pruning == "trained":
            left = 1.0 - self.initial_pruning
            steps.append(PruneConnections(left, self.pruning_criterion, self.epochs))
        return steps

    def _growth_round(self, view) -> list[Step]:
        network = view.network
        grown = None if self.growth == "full" else int(self.growth_ratio * network.n_allowed)
        steps: list[Step] = [GrowConnections(grown, self._epochs_of_growth)]
        room = self._max_hidden(view.hidden_layer_sizes) - network.n_hidden
        if room > 0 and self.added_hidden > 0:
            added = min(self.added_hidden, room)
            growth = GrowNeurons(added, self.noise, self._epochs_of_growth, self.duplication)
            steps.append(growth)
        left = 1.0 - (self.pruning_ratio or 0.0)
        steps.append(PruneConnections(left, self.pruning_criterion, self.epochs))
        return steps

    def _shrinking_round(self, view, goal) -> list[Step] | None:
        if self.shrink:
            return super()._shrinking_round(view, goal)
        bound, is_first = goal.n_connections, view.number == self._n_growing + 1
        if bound is None or not is_first:
            return None
        epochs = self.epochs if self.final_epochs is None else self.final_epochs
        return [PruneConnections(bound, self.pruning_criterion, epochs)]

    def n_rounds(self, view, goal) -> int | None:
        # as in the base class
        if self.shrink:
            return super().n_rounds(view, goal)
        return 1 + self._n_growing + (goal.n_connections is not None)


class SchemeB(GrowAndPrune):
    """Start large and general; prune hard, grow back, and repeat.

    Any earlier neuron or input may feed a neuron: depth is found by the synthesis. The number of
    hidden neurons is the sum of the estimator's `hidden_layer_sizes`.

    Parameters
    ----------
    initial_pruning : float, default=0.5
        Share of the connections that the first pruning drops, after the training of the seed; see
        `coarse_above`.
    pruning_ratio : float, default=0.2
        Share of the connections that each further pruning drops on the way to the bound; see
        `coarse_above`, and of 500 or fewer half as much (with `path_iterations` 1). None: prune to
        the bound at once, which there has to be (the paper's setting).
    growth_ratio : float, default=0.9
        Share of all connections that connection growth fills up to, see `growth_reference`.
    growth_reference : {"living", "start"}, default="living"
        All connections are those between the neurons that are left, or those of the network that
        the synthesis started from (the paper's setting): neurons that are gone return with random
        incoming weights.
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
        Epochs that the seed is trained, see `coarse_above`.
    epochs : int, default=15
        Epochs after each pruning.
    growth_epochs : int, default=2
        Epochs after each growth; None: as after the prunings.
    final_epochs : int, default=None
        Epochs after the last pruning; None: as after the others.
    growth_batch_size : int, default=2048
        Samples that an operation looks at.
    coarse_above : int, default=10000
        Number of connections above which a pruning on the way down drops at least half, and the
        seed trains fewer epochs, in inverse proportion but not fewer than `epochs`. None: never.

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
    >>> SchemeB.as_published(iterations=5).growth_reference
    'start'
    """

    @classmethod
    def as_published(cls, *, epochs=15, iterations=8) -> Self:
        """The scheme as the paper prints it; it needs a number of connections.

        The trained start is pruned to `n_connections` at once, by magnitude. Then growth and
        pruning take turns: back to 90 % of the connections of the start (scheme C: to all of the
        perceptron), and to `n_connections` again.

        Parameters
        ----------
        epochs : int, default=15
            Epochs after each operation; the paper has 10 to 20.
        iterations : int, default=8
            Prunings; the paper has 5 to 10.

        Returns
        -------
        scheme : SchemeB or SchemeC
            Its parameters are those of the paper.
        """
        return cls(
            pruning_ratio=None,
            growth_reference="start",
            growth_limit=None,
            growth=cls._published_growth,
            iterations=iterations,
            epochs=epochs,
            growth_epochs=None,
            coarse_above=None,
        )

    _published_growth = "gradient"

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
        Share of the connections that the first pruning drops, after the training of the seed; see
        `coarse_above`.
    pruning_ratio : float, default=0.2
        Share of the connections that each further pruning drops on the way to the bound; see
        `coarse_above`, and of 500 or fewer half as much (with `path_iterations` 1). None: prune to
        the bound at once, which there has to be (the paper's setting).
    growth_ratio : float, default=0.9
        Share of all connections that connection growth fills up to, see `growth_reference`.
    growth_reference : {"living", "start"}, default="living"
        All connections are those between the neurons that are left, or those of the network that
        the synthesis started from (the paper's setting): neurons that are gone return with random
        incoming weights.
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
        Epochs that the seed is trained, see `coarse_above`.
    epochs : int, default=15
        Epochs after each pruning.
    growth_epochs : int, default=2
        Epochs after each growth; None: as after the prunings.
    final_epochs : int, default=None
        Epochs after the last pruning; None: as after the others.
    growth_batch_size : int, default=2048
        Samples that an operation looks at.
    coarse_above : int, default=10000
        Number of connections above which a pruning on the way down drops at least half, and the
        seed trains fewer epochs, in inverse proportion but not fewer than `epochs`. None: never.

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
    >>> SchemeC.as_published(epochs=20).growth
    'full'
    """

    _published_growth = "full"

    __init__ = other_defaults(SchemeB.__init__, initial_pruning=0.2, initial_epochs=60)

    def largest(self, n_inputs, n_outputs, hidden_layer_sizes) -> Topology:
        # every connection between adjacent layers
        return Topology.dense(n_inputs, n_outputs, layer_sizes=tuple(hidden_layer_sizes))
