"""Steps of NeST: growth and pruning of whole neurons and maps."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass

from scann_sklearn.network._network import Network
from scann_sklearn.synthesis._bridging import grow_bridging_for
from scann_sklearn.synthesis._maps import grow_maps_for
from scann_sklearn.synthesis._neurons import neuron_layers, prune_neurons, ranked_by_section


@dataclass(frozen=True)
class GrowBridgingNeurons:
    """Neuron growth by bridging gradients (Policy 2 of NeST).

    Parameters
    ----------
    n_neurons : tuple of int
        Number of neurons to add to each hidden layer.
    bridge_share : float
        Share of the pairs of a source and a target that a new neuron connects, see
        `grow_bridging_neurons`.
    birth_strength : float
        Mean absolute weight of its connections, as a multiple of that of the layer they join.
    epochs : int
        Number of epochs of training afterwards.
    """

    n_neurons: tuple[int, ...]
    bridge_share: float
    birth_strength: float
    epochs: int
    name = "grow bridging neurons"

    def apply(self, network, batch) -> Network:
        """Add neurons, layer after layer.

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
        for layer, number in enumerate(self.n_neurons):
            if number:
                network = grow_bridging_for(
                    network,
                    batch,
                    number,
                    layer,
                    self.bridge_share,
                    self.birth_strength,
                    batch.rng,
                )
        return network


@dataclass(frozen=True)
class PruneNeurons:
    """Pruning of neurons and maps (Policy 4 of NeST).

    Parameters
    ----------
    share : float
        Share of the neurons of each layer, and of the maps of each convolution, that is dropped.
    epochs : int
        Number of epochs of training afterwards.
    """

    share: float
    epochs: int
    name = "prune neurons"

    def numbers(self, network) -> tuple[int, ...]:
        """Number of neurons to drop from each layer, convolutions first.

        Parameters
        ----------
        network : Network
            The network to prune.

        Returns
        -------
        numbers : tuple of int
            `share` of each layer, rounded, so that it is 0 for small layers.
        """
        return tuple(round(self.share * size) for size in neuron_layers(network))

    def apply(self, network, batch) -> Network:
        """Drop the weakest neurons of each layer, with early exits of each section.

        Parameters
        ----------
        network : Network
            The network to prune.
        batch : GrowthBatch
            Not used.

        Returns
        -------
        network : Network
            The pruned network.
        """
        exits = network.topology.exits
        score = None if exits is None else ranked_by_section(network)
        return prune_neurons(network, self.numbers(network), magnitude=score)


@dataclass(frozen=True)
class GrowMaps:
    """Growth of feature maps (Policy 3 of NeST).

    Parameters
    ----------
    n_maps : tuple of int
        Number of maps to add to each convolution.
    n_candidates : int
        Number of sets of random kernels from which the best is chosen for each new map, see
        `grow_maps`.
    birth_strength : float
        Mean absolute weight of a map's connections, as a multiple of that of the layer they join.
    epochs : int
        Number of epochs of training afterwards.
    """

    n_maps: tuple[int, ...]
    n_candidates: int
    birth_strength: float
    epochs: int
    name = "grow maps"

    def apply(self, network, batch) -> Network:
        """Add maps, convolution after convolution.

        Parameters
        ----------
        network : Network
            The network to grow.
        batch : GrowthBatch
            Samples for the loss.

        Returns
        -------
        network : Network
            The grown network.
        """
        for layer, number in enumerate(self.n_maps):
            if number:
                numbers = (self.n_candidates, self.birth_strength)
                network = grow_maps_for(network, batch, number, layer, *numbers, batch.rng)
        return network
