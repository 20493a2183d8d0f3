"""Which engine a phase of training takes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from scann_sklearn.network._levels import LevelLayout
from scann_sklearn.network._map_network import MapNetwork

# Costs that choose the engine, in nanoseconds a batch of 128 where they were measured (2 cores).
# They are constants: the choice must depend on the network alone, never on a clock.
_COMPILED_CONNECTION, _DENSE_WEIGHT, _LEVEL, _TORCH_BATCH = 25, 12, 60_000, 300_000


def choose_engine(network, options) -> str:
    """Engine for a training phase, by the network alone: never by timing.

    Parameters
    ----------
    network : Network
        The network to train.
    options : TrainingOptions
        The user's wish and the device.

    Returns
    -------
    engine : {"compiled", "compiled maps", "torch"}
        That for maps where there are some. The compiled engine, unless another device asks for
        torch or the connections are so dense that products of blocks win.
    """
    if isinstance(network, MapNetwork):
        return "compiled maps"
    topology = network.topology
    if not options.device.startswith("cpu"):
        return "torch"
    if options.engine != "auto":
        return options.engine
    compiled = topology.n_connections * _COMPILED_CONNECTION
    if compiled < _TORCH_BATCH:
        return "compiled"
    layout = LevelLayout(topology)
    levels = len(layout.level_sizes) * _LEVEL
    dense = layout.buffer_size * _DENSE_WEIGHT + levels + _TORCH_BATCH
    return "torch" if dense < compiled else "compiled"
