"""Which engine a phase of training takes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from scann_sklearn.network._joint_network import JointNetwork
from scann_sklearn.network._levels import LevelLayout
from scann_sklearn.network._map_network import MapNetwork

# Costs that choose the engine, in nanoseconds a batch of 128 where they were measured (2 cores).
# They are constants: the choice must depend on the network alone, never on a clock.
_COMPILED_CONNECTION, _DENSE_WEIGHT, _LEVEL, _TORCH_BATCH = 25, 12, 60_000, 300_000
# The same of maps, on one thread in float32: of a multiplication and of a value, forward and
# backward. A strided convolution takes the compiled kernels shorter vectors; torch pools slowly.
# LeNet-5 with 100, 50, 20, 5 and 1 % of its connections: compiled 64, 34, 17, 8 and 4 ms, torch 40
# to 50 ms. In float64 both take twice as long.
_MULTIPLICATION, _STRIDED_MULTIPLICATION, _VALUE = 30, 60, 200
_DENSE_MULTIPLICATION, _TORCH_VALUE = 10, 1000


def choose_engine(network, options) -> str:
    """Engine for a training phase, by the network alone: never by timing.

    Parameters
    ----------
    network : Network
        The network to train.
    options : TrainingOptions
        What the user asks for, and the device.

    Returns
    -------
    engine : {"compiled", "torch"}
        The compiled engine, unless another device asks for torch or the connections are so dense
        that products of blocks win, or a torch module is trained with them.
    """
    if not options.device.startswith("cpu") or isinstance(network, JointNetwork):
        return "torch"
    if options.engine != "auto":
        return options.engine
    has_maps = isinstance(network, MapNetwork)
    compiled, dense = _costs_of_maps(network.front) if has_maps else (0, 0)
    compiled += network.topology.n_connections * _COMPILED_CONNECTION
    if compiled < _TORCH_BATCH:
        return "compiled"
    layout = LevelLayout(network.topology)
    levels = len(layout.level_sizes) * _LEVEL
    dense += layout.buffer_size * _DENSE_WEIGHT + levels + _TORCH_BATCH
    return "torch" if dense < compiled else "compiled"


def _costs_of_maps(front) -> tuple[int, int]:
    """What the connections that exist cost the compiled kernels, and all that may exist torch."""
    compiled = dense = 0
    for layer in front.layers:
        each = _MULTIPLICATION if layer.stride == 1 else _STRIDED_MULTIPLICATION
        n_values = layer.target.size
        compiled += layer.n_kernel_multiplications * each + n_values * _VALUE
        dense += n_values * (layer.n_sources * _DENSE_MULTIPLICATION + _TORCH_VALUE)
    return compiled, dense
