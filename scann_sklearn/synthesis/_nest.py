"""The scheme of NeST."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from numbers import Integral, Real
from typing import Self

import numpy as np

from scann_sklearn._constraints import Interval
from scann_sklearn.network._allowed import check_room, count_allowed
from scann_sklearn.network._convolution import SparseConv2d
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._topology import Topology
from scann_sklearn.synthesis._areas import RestrictAreas
from scann_sklearn.synthesis._neuron_steps import GrowBridgingNeurons, GrowMaps, PruneNeurons
from scann_sklearn.synthesis._scheme import GrowAndPrune, part_of
from scann_sklearn.synthesis._steps import GrowConnections, Step

# Connections that come into a neuron of the seed, and maps of each of its convolutions: with fewer
# most ReLUs stay silent.
_LEAST = 4


class SchemeNeST(GrowAndPrune):
    """Grow a small sparse perceptron, then prune it: the paradigm of NeST.

    The depth is fixed: the layers are the estimator's `hidden_layer_sizes`, and only connections
    between adjacent layers are allowed. The seed has narrower layers and few connections. Rounds of
    growth add neurons by bridging gradients, connections by gradients and, with a `front_end`,
    feature maps, until the layers have their full sizes. Then weak neurons and connections are
    pruned.

    Parameters
    ----------
    seed_ratio : float, default=0.4
        Width of the seed's layers as a share of `hidden_layer_sizes`, and of the numbers of maps of
        a `front_end`. Each convolution has at least four maps, or all if it has fewer.
    seed_density : float, default=0.1
        Share of the connections between the seed's neurons that exist, chosen at random. Each
        neuron has at least four incoming connections, or all if there are fewer. The kernels of
        maps are complete.
    bridge_share : float, default=0.1
        Share of the pairs of a source and a target that a new neuron connects. The pairs with the
        largest bridging gradients are taken.
    birth_strength : float, default=0.5
        Mean absolute weight of the connections of a new neuron or map, as a multiple of that of
        the layer they join; at most 1000. The paper takes more than 0.3.
    map_candidates : int, default=8
        Number of sets of random kernels from which the best is chosen for each new map.
    area_share : float, default=1.0
        Partial-area convolution: share of the positions of each convolution at which its maps are
        computed once they have grown, see :func:`~scann_sklearn.synthesis.restrict_areas`.
    growth_iterations : int, default=4
        Number of rounds of growth, in which layers and density grow linearly to their final values.
    neuron_pruning : float, default=0.01
        Share of the neurons of each layer, and of the maps of each convolution, that each pruning
        drops. The number is rounded: with 0.01, no neuron of a layer of 50 or fewer is dropped. If
        0, only connections are pruned, and neurons that lose all of them.
    initial_pruning : float, default=0.2
        Share of the connections that the first pruning drops, after the growth; see also
        `coarse_above`.
    pruning_ratio : float, default=0.2
        Share of the connections that each further pruning drops; see also `coarse_above`. Half as
        much at 500 or fewer if ``path_iterations=1``. If None, the network is pruned at once to
        `n_connections`, which must be a number. The paper has about 0.01.
    growth_ratio : float, default=0.9
        The last round of growth fills up to this share of all connections between the existing
        neurons.
    growth_limit : float, default=0.5
        On the way down, growth adds at most this share of the number of connections that remain
        after the next pruning. If None, only `growth_ratio` limits growth.
    growth : {"gradient", "full", "none"}, default="none"
        Which connections growth adds on the way down: those with the largest gradients, all that
        are allowed (ignoring `growth_ratio` and `growth_limit`, in the rounds of growth too), or
        none (the paper's setting).
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
        Number of epochs after each pruning of connections.
    growth_epochs : int, default=5
        Number of epochs after each growth, and after each pruning of neurons. If None, `epochs`.
    final_epochs : int, default=None
        Number of epochs after the last pruning. If None, `epochs`.
    growth_batch_size : int, default=2048
        Number of samples from which an operation computes gradients or activations.
    coarse_above : int, default=10000
        Above this number of connections, prunings on the way down drop at least half, and the seed
        is trained for fewer epochs, in inverse proportion but at least `epochs`. If None, never.

    See Also
    --------
    SchemeC : Start from the complete perceptron.
    grow_bridging_neurons : Neuron growth by bridging gradients, with its formulas.
    grow_maps : Growth of feature maps.
    prune_neurons : Pruning of whole neurons and maps.

    Notes
    -----
    As in the paper are the seed, the gradients that decide what grows, the weights of a new neuron,
    the choice among random kernels, and the pruning by magnitude. Not as in the paper, or not
    described there: growth ends at given layers after a given number of rounds; new neurons are
    placed behind the others of a layer, with the best of sixteen draws of their signs; which
    connections read a new map; the connections of all layers are ranked together, not per layer;
    how whole neurons are ranked; steps are larger; and each neuron of the seed has a minimum number
    of incoming connections. Small networks for tabular data need the latter: in a layer of ReLU
    neurons with one weight each, half of the neurons are silent.

    References
    ----------
    Dai, Yin, Jha. NeST: A Neural Network Synthesis Tool Based on a Grow-and-Prune Paradigm,
    arXiv:1711.02017.

    Examples
    --------
    Two hidden layers of 120 and 40 neurons grow to 300 and 100:

    >>> from scann_sklearn import SCANNClassifier, SchemeNeST
    >>> clf = SCANNClassifier(
    ...     SchemeNeST(birth_strength=0.4), hidden_layer_sizes=(300, 100)
    ... )
    >>> clf.get_params()["scheme__birth_strength"]
    0.4

    Steps as small as the paper's:

    >>> SchemeNeST.as_published().pruning_ratio
    0.01
    """

    _parameter_constraints: dict = GrowAndPrune._parameter_constraints | {
        "seed_ratio": [Interval(Real, 0, 1, closed="right")],
        "seed_density": [Interval(Real, 0, 1, closed="right")],
        "bridge_share": [Interval(Real, 0, 1, closed="right")],
        "birth_strength": [Interval(Real, 0, 1000, closed="right")],
        "map_candidates": [Interval(Integral, 1, None, closed="left")],
        "area_share": [Interval(Real, 0, 1, closed="right")],
        "growth_iterations": [Interval(Integral, 0, None, closed="left")],
        "neuron_pruning": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(
        self,
        *,
        seed_ratio=0.4,
        seed_density=0.1,
        bridge_share=0.1,
        birth_strength=0.5,
        map_candidates=8,
        area_share=1.0,
        growth_iterations=4,
        neuron_pruning=0.01,
        initial_pruning=0.2,
        pruning_ratio=0.2,
        growth_ratio=0.9,
        growth_limit=0.5,
        growth="none",
        pruning_criterion="magnitude",
        iterations=6,
        path_iterations=1,
        initial_epochs=20,
        epochs=15,
        growth_epochs=5,
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
        self.seed_ratio = seed_ratio
        self.seed_density = seed_density
        self.bridge_share = bridge_share
        self.birth_strength = birth_strength
        self.map_candidates = map_candidates
        self.area_share = area_share
        self.growth_iterations = growth_iterations
        self.neuron_pruning = neuron_pruning

    @classmethod
    def as_published(cls, *, epochs=15, iterations=8) -> Self:
        """Return the scheme with the numbers of the paper.

        A seed of 40 % of the neurons and 10 % of their connections grows. Then each step drops 1 %
        of the connections and 1 % of the neurons of a layer, and nothing grows back. This takes
        hundreds of steps.

        Parameters
        ----------
        epochs : int, default=15
            Number of epochs after each operation.
        iterations : int, default=8
            Number of rounds of growth.

        Returns
        -------
        scheme : SchemeNeST
            Scheme with the parameters of the paper, as far as it gives them.
        """
        return cls(
            growth_iterations=iterations,
            initial_pruning=0.01,
            pruning_ratio=0.01,
            iterations=1,
            epochs=epochs,
            growth_epochs=None,
            coarse_above=None,
        )

    def start(self, n_inputs, n_outputs, hidden_layer_sizes, rng) -> Topology:
        # a perceptron of narrower layers with few random connections
        if not hidden_layer_sizes:
            raise ValueError(
                f"{type(self).__name__} needs at least one hidden layer, got "
                f"hidden_layer_sizes={hidden_layer_sizes!r}."
            )
        # growth gets there, so that this is the time to say that there is no room
        check_room(count_allowed(n_inputs, sum(hidden_layer_sizes), n_outputs, hidden_layer_sizes))
        sizes = tuple(self._seed_size(size) for size in hidden_layer_sizes)
        dense = Topology.dense(n_inputs, n_outputs, layer_sizes=sizes)
        chance = rng.random(dense.n_connections)
        rank = np.empty(dense.n_connections, np.int64)
        rank[np.lexsort((chance, dense.targets))] = np.arange(dense.n_connections)
        rank -= dense.indptr[dense.targets]
        return part_of(dense, (chance < self.seed_density) | (rank < _LEAST))

    def start_front(self, front) -> MapFront:
        # fewer maps, with whole kernels
        stages: list = []
        shape = front.source
        for stage in front.stages:
            if isinstance(stage, SparseConv2d):
                options = {"stride": stage.stride, "padding": stage.padding}
                n_maps = self._seed_size(stage.n_maps, _LEAST)
                stages.append(SparseConv2d.dense(shape, n_maps, stage.kernel_size, **options))
            else:
                stages.append(type(stage)(shape, stage.window))
            shape = stages[-1].target
        return MapFront(tuple(stages))

    def _seed_size(self, size, least=1) -> int:
        return max(min(least, size), round(self.seed_ratio * size))

    def largest(self, n_inputs, n_outputs, hidden_layer_sizes) -> Topology:
        # every connection between adjacent layers
        return Topology.dense(n_inputs, n_outputs, layer_sizes=tuple(hidden_layer_sizes))

    @property
    def _n_growing(self) -> int:
        return self.growth_iterations

    def next_round(self, view, goal) -> list[Step] | None:
        # areas are restricted at the end of the growth, so that all that is pruned has them
        steps = super().next_round(view, goal)
        if steps is None or view.number != self._n_growing or self.area_share == 1:
            return steps
        if not view.n_maps:
            return steps
        return [*steps, RestrictAreas(self.area_share, self._epochs_of_growth)]

    def _growth_round(self, view) -> list[Step]:
        done = view.number / self._n_growing  # once this round is over
        steps: list[Step] = []
        neurons = tuple(
            self._missing(size, there, done)
            for size, there in zip(view.hidden_layer_sizes, view.network.topology.layer_sizes)
        )
        if any(neurons):
            growth = (self.bridge_share, self.birth_strength, self._epochs_of_growth)
            steps.append(GrowBridgingNeurons(neurons, *growth))
        share = self.seed_density + (self.growth_ratio - self.seed_density) * done
        grown = None if self.growth == "full" else int(share * self._allowed(view, neurons))
        steps.append(GrowConnections(grown, self._epochs_of_growth))
        maps = tuple(
            self._missing(size, layer.n_maps, done, _LEAST)
            for size, layer in zip(view.n_maps, view.network.layers)
        )
        if any(maps):
            numbers = (self.map_candidates, self.birth_strength, self._epochs_of_growth)
            steps.append(GrowMaps(maps, *numbers))
        return steps

    def _allowed(self, view, neurons) -> int:
        """Connections that are allowed once so many neurons have been added to each layer."""
        *fronts, t = view.network.layers
        sizes = tuple(there + new for there, new in zip(t.layer_sizes, neurons, strict=True))
        between = count_allowed(t.n_inputs, sum(sizes), t.n_outputs, sizes)
        if t.exits is not None:  # which allow a part of them, as now
            now = count_allowed(t.n_inputs, t.n_hidden, t.n_outputs, t.layer_sizes)
            between = between * t.n_allowed // now
        return between + sum(layer.n_allowed for layer in fronts)

    def _missing(self, size, there, done, least=1) -> int:
        """Neurons or maps that a layer of `there` lacks once a share of the growth is done."""
        seed = self._seed_size(size, least)
        return max(0, seed + round((size - seed) * done) - there)

    def _grow_and_prune(self, view, target, epochs) -> list[Step]:
        *growth, pruning = super()._grow_and_prune(view, target, epochs)
        dropping = PruneNeurons(self.neuron_pruning, self._epochs_of_growth)
        return [*growth, *([dropping] if any(dropping.numbers(view.network)) else []), pruning]
