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

    A neuron may read any input and any earlier neuron, so that the synthesis finds the depth.

    Parameters
    ----------
    initial_hidden : int or float, default=0.6
        Number of hidden neurons at the start. A float is a share of the maximum.
    max_hidden : int, default=None
        Maximum number of hidden neurons. If None, the sum of the estimator's `hidden_layer_sizes`.
    added_hidden : int, default=5
        Number of neurons that each neuron growth duplicates.
    noise : float, default=0.1
        Noise on the weights of a duplicate, as a share of their root mean square; at most 1000.
    duplication : {"split", "copy"}, default="split"
        "split" shares the outgoing weights between a neuron and its duplicate, and adds noise to
        the incoming ones. "copy" copies all weights and adds noise to all (the paper's setting).
    initial_pruning : float, default=0.8
        Share of the seed's connections that is pruned.
    seed_pruning : {"random", "trained"}, default="random"
        Whether the seed is pruned at random before it is trained, or by `pruning_criterion` after
        that (the paper's setting).
    growth_iterations : int, default=8
        Number of rounds of growth and pruning before the way down to few connections.
    shrink : bool, default=True
        Whether there is a way down. If False, the network is only pruned once more, to
        `n_connections`, if that is not "auto" (the paper's setting).
    growth_ratio : float, default=0.35
        Connection growth fills up to this share of the connections that are allowed between the
        existing neurons.
    growth_limit : float, default=0.5
        On the way down, growth adds at most this share of the number of connections that remain
        after the next pruning. If None, only `growth_ratio` limits growth.
    growth : {"gradient", "full", "none"}, default="gradient"
        Which connections growth adds: those with the largest gradients, all that are allowed
        (ignoring `growth_ratio` and `growth_limit`), or, on the way down, none.
    pruning_ratio : float, default=0.25
        Share of the connections that a pruning drops. On the way down, see also `coarse_above`,
        and half as much at 500 or fewer if ``path_iterations=1``. If None, nothing is pruned while
        the network grows; it is then pruned at once to `n_connections`, which must be a number.
    pruning_criterion : {"saliency", "magnitude"}, default="saliency"
        Criterion to rank connections by: a first-order estimate of their effect on the loss, or
        their absolute weight (the paper's setting).
    iterations : int, default=6
        Number of rounds at the final size. Only used if `n_connections` is not "auto".
    path_iterations : int, default=2
        Number of rounds at each size on the way down. Only used if ``n_connections="auto"``.
    initial_epochs : int, default=20
        Number of epochs for which the seed is trained, see `coarse_above`.
    epochs : int, default=10
        Number of epochs after each operation.
    growth_epochs : int, default=None
        Number of epochs after each growth of connections or neurons. If None, `epochs`.
    final_epochs : int, default=None
        Number of epochs after the last pruning. If None, `epochs`.
    growth_batch_size : int, default=2048
        Number of samples from which an operation computes gradients or activations.
    coarse_above : int, default=10000
        Above this number of connections, prunings on the way down drop at least half, and the seed
        is trained for fewer epochs, in inverse proportion but at least `epochs`. If None, never.

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
        """Return the scheme as published for LeNet-5.

        The seed has 60 % of the neurons; it is trained fully connected and loses 95 % of its
        connections. Each round then grows to 35 % of all connections, duplicates five neurons and
        drops 25 %. If ``n_connections="auto"``, the synthesis ends after these rounds.

        Parameters
        ----------
        epochs : int, default=15
            Number of epochs after each operation; 10 to 20 in the paper.
        iterations : int, default=8
            Number of rounds; 5 to 10 in the paper.

        Returns
        -------
        scheme : SchemeA
            Scheme with the parameters of the paper.
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

    A neuron may read any input and any earlier neuron, so that the synthesis finds the depth. The
    number of hidden neurons is the sum of the estimator's `hidden_layer_sizes`.

    Parameters
    ----------
    initial_pruning : float, default=0.5
        Share of the connections that the first pruning drops, after the seed has been trained; see
        also `coarse_above`.
    pruning_ratio : float, default=0.2
        Share of the connections that each further pruning drops; see also `coarse_above`. Half as
        much at 500 or fewer if ``path_iterations=1``. If None, the network is pruned at once to
        `n_connections`, which must be a number (the paper's setting).
    growth_ratio : float, default=0.9
        Connection growth fills up to this share of all connections, see `growth_reference`.
    growth_reference : {"living", "start"}, default="living"
        Connections that count as all: those between the neurons that are left, or of the network
        that the synthesis started from (the paper's setting). In the latter case, removed neurons
        return with random incoming weights.
    growth_limit : float, default=0.5
        Growth adds at most this share of the number of connections that remain after the next
        pruning. If None, only `growth_ratio` limits growth (the paper's setting).
    growth : {"gradient", "full", "none"}, default="gradient"
        Which connections growth adds: those with the largest gradients, all that are allowed
        (ignoring `growth_ratio` and `growth_limit`), or none.
    pruning_criterion : {"magnitude", "saliency"}, default="magnitude"
        Criterion to rank connections by: their absolute weight (the paper's setting), or a
        first-order estimate of their effect on the loss.
    iterations : int, default=6
        Number of rounds at the final size. Only used if `n_connections` is not "auto".
    path_iterations : int, default=1
        Number of rounds at each size on the way down. Only used if ``n_connections="auto"``.
    initial_epochs : int, default=20
        Number of epochs for which the seed is trained, see `coarse_above`.
    epochs : int, default=15
        Number of epochs after each pruning.
    growth_epochs : int, default=2
        Number of epochs after each growth. If None, `epochs`.
    final_epochs : int, default=None
        Number of epochs after the last pruning. If None, `epochs`.
    growth_batch_size : int, default=2048
        Number of samples from which an operation computes gradients or activations.
    coarse_above : int, default=10000
        Above this number of connections, prunings on the way down drop at least half, and the seed
        is trained for fewer epochs, in inverse proportion but at least `epochs`. If None, never.

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
        """Return the scheme as published; it needs an `n_connections` that is not "auto".

        The trained seed is pruned to `n_connections` at once, by magnitude. Then growth and
        pruning alternate: back to 90 % of the connections of the seed (in scheme C, to all of the
        perceptron), and to `n_connections` again.

        Parameters
        ----------
        epochs : int, default=15
            Number of epochs after each operation; 10 to 20 in the paper.
        iterations : int, default=8
            Number of prunings; 5 to 10 in the paper.

        Returns
        -------
        scheme : SchemeB or SchemeC
            Scheme with the parameters of the paper.
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
        Share of the connections that the first pruning drops, after the seed has been trained; see
        also `coarse_above`.
    pruning_ratio : float, default=0.2
        Share of the connections that each further pruning drops; see also `coarse_above`. Half as
        much at 500 or fewer if ``path_iterations=1``. If None, the network is pruned at once to
        `n_connections`, which must be a number (the paper's setting).
    growth_ratio : float, default=0.9
        Connection growth fills up to this share of all connections, see `growth_reference`.
    growth_reference : {"living", "start"}, default="living"
        Connections that count as all: those between the neurons that are left, or of the network
        that the synthesis started from (the paper's setting). In the latter case, removed neurons
        return with random incoming weights.
    growth_limit : float, default=0.5
        Growth adds at most this share of the number of connections that remain after the next
        pruning. If None, only `growth_ratio` limits growth.
    growth : {"gradient", "full", "none"}, default="gradient"
        Which connections growth adds: those with the largest gradients, all that are allowed
        (ignoring `growth_ratio` and `growth_limit`; the paper's setting), or none.
    pruning_criterion : {"magnitude", "saliency"}, default="magnitude"
        Criterion to rank connections by: their absolute weight (the paper's setting), or a
        first-order estimate of their effect on the loss.
    iterations : int, default=6
        Number of rounds at the final size. Only used if `n_connections` is not "auto".
    path_iterations : int, default=1
        Number of rounds at each size on the way down. Only used if ``n_connections="auto"``.
    initial_epochs : int, default=60
        Number of epochs for which the seed is trained, see `coarse_above`.
    epochs : int, default=15
        Number of epochs after each pruning.
    growth_epochs : int, default=2
        Number of epochs after each growth. If None, `epochs`.
    final_epochs : int, default=None
        Number of epochs after the last pruning. If None, `epochs`.
    growth_batch_size : int, default=2048
        Number of samples from which an operation computes gradients or activations.
    coarse_above : int, default=10000
        Above this number of connections, prunings on the way down drop at least half, and the seed
        is trained for fewer epochs, in inverse proportion but at least `epochs`. If None, never.

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
