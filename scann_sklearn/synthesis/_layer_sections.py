"""Sections of a hidden layer: neurons that may read the same and be read by the same."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from scann_sklearn.network._exits import section_ends
from scann_sklearn.network._topology import Topology


@dataclass(frozen=True)
class LayerSection:
    """The neurons of a layer that one exit is the first to read; without exits the layer.

    Parameters
    ----------
    number : int
        Number of the exit, from 0 on.
    size : int
        Number of these neurons.
    end : int
        Hidden neurons up to their end, where new ones are placed.
    sources : slice
        Sources that such a neuron may read.
    targets : ndarray of int
        Targets that may read it: the layer behind, and outputs of exits.
    """

    number: int
    size: int
    end: int
    sources: slice
    targets: np.ndarray


def layer_sections(topology: Topology, layer: int) -> list[LayerSection]:
    """Sections of a hidden layer, in order.

    Parameters
    ----------
    topology : Topology
        With layers.
    layer : int
        Which hidden layer, from 0 on.

    Returns
    -------
    sections : list of LayerSection
        Without exits there is one. With exits and a single layer there is one for each exit that
        reads the layer, which may have no neurons yet; with more layers those that have some.
    """
    t, ends = topology, np.append(0, np.cumsum(topology.layer_sizes or ())).tolist()
    begin, end, is_only = ends[layer], ends[layer + 1], len(ends) == 2
    before = slice(t.n_inputs + ends[layer - 1], t.n_inputs + begin)
    if layer == 0:
        before = slice(0, t.n_inputs)
    if t.exits is None:
        behind = ends[layer + 2] if layer + 2 < len(ends) else t.n_targets
        return [LayerSection(0, end - begin, end, before, np.arange(end, behind))]
    following = np.arange(end, ends[layer + 2] if layer + 2 < len(ends) else end)
    outputs = t.n_hidden + np.arange(t.n_outputs).reshape(len(t.exits), -1)
    reads = (begin < np.array(t.exits)) & (np.array(t.exits) <= end)
    found = []
    for e, (first, last) in enumerate(zip((0, *t.exits), t.exits)):
        low, high = max(first, begin), min(last, end)
        if low >= high and not (is_only and reads[e]):
            continue
        readers = reads & (np.arange(len(reads)) >= e)
        sources = before if t.exit_inputs is None else slice(0, t.exit_inputs[e])
        targets = np.append(following, outputs[readers])
        found.append(LayerSection(e, high - low, high, sources, targets))
    return found


def shared_among(
    sections: list[LayerSection], n_neurons: int, topology: Topology, ratio: float | None
) -> list[int]:
    """Share out new neurons of a layer to its sections.

    Parameters
    ----------
    sections : list of LayerSection
        Sections of the layer.
    n_neurons : int
        How many new neurons there are.
    topology : Topology
        The network before.
    ratio : float or None
        How many times as many hidden neurons each exit may read as the one before. None: as now.

    Returns
    -------
    numbers : list of int
        New neurons of each section: they bring a single layer closest to the ratio, and leave
        relations as they are where there are more layers or no ratio is known.
    """
    sizes = np.array([section.size for section in sections])
    if topology.exits is None or len(sections) == 1:
        return [n_neurons]
    if ratio is None or topology.layer_sizes is None or len(topology.layer_sizes) > 1:
        wanted = sizes * (1 + n_neurons / max(sizes.sum(), 1))
    else:
        n_hidden = topology.n_hidden + n_neurons
        ends = section_ends(n_hidden, (n_hidden,), len(topology.exits), ratio)
        wanted = np.diff(ends, prepend=0)[[section.number for section in sections]]
    missing = np.maximum(wanted - sizes, 0)
    if not missing.any():  # the sections that lack neurons can't have any
        missing = sizes + 1
    share = n_neurons * missing / missing.sum()
    numbers = np.floor(share + 1e-9).astype(int)
    first = np.argsort(numbers - share, kind="stable")[: n_neurons - numbers.sum()]
    numbers[first] += 1
    return numbers.tolist()


def exits_with(topology: Topology, sections: list[LayerSection], numbers: list[int]) -> Any:
    """`exits` of the topology once each section has so many more neurons.

    Parameters
    ----------
    topology : Topology
        The network before.
    sections : list of LayerSection
        Sections of a layer.
    numbers : list of int
        New neurons of each.

    Returns
    -------
    exits : tuple of int or None
        None without exits.
    """
    if topology.exits is None:
        return None
    new = np.zeros(len(topology.exits), int)
    new[[section.number for section in sections]] = numbers
    return tuple((np.array(topology.exits) + np.cumsum(new)).tolist())
