"""What schemes and steps return, checked: the compiled code trusts every index."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.network._network import Network
from scann_sklearn.network._topology import Topology


def check_topology(scheme, method, topology, n_inputs, n_outputs) -> Topology:
    """Check what `start` or `largest` of a scheme returned.

    Parameters
    ----------
    scheme : Scheme
        The scheme.
    method : str
        Name of its method.
    topology : object
        What that returned.
    n_inputs, n_outputs : int
        What it was asked for.

    Returns
    -------
    topology : Topology
        The same.

    Raises
    ------
    TypeError
        If it is no Topology.
    ValueError
        If it has other inputs or outputs.
    """
    name = f"{type(scheme).__name__}.{method}"
    if not isinstance(topology, Topology):
        raise TypeError(f"{name} must return a Topology, got {topology!r}.")
    _check_shape(name, (topology.n_inputs, topology.n_outputs), n_inputs, n_outputs)
    return topology


def check_step(step, network, n_inputs, n_outputs, dtype) -> Network:
    """Check the network that a step returned.

    Parameters
    ----------
    step : Step
        The step.
    network : object
        What its `apply` returned.
    n_inputs, n_outputs : int
        What the data have.
    dtype : dtype
        Of the network that training began with.

    Returns
    -------
    network : Network
        The same.

    Raises
    ------
    TypeError
        If it is no Network.
    ValueError
        If it has other inputs, outputs or another dtype, or weights that are not finite.
    """
    name = f"The step {step.name!r} ({type(step).__name__}.apply)"
    if not isinstance(network, Network):
        raise TypeError(f"{name} must return a Network, got {network!r}.")
    _check_shape(name, (network.n_inputs, network.topology.n_outputs), n_inputs, n_outputs)
    if network.weight.dtype != dtype:
        raise ValueError(f"{name} returned {network.weight.dtype} weights in place of {dtype}.")
    # Not the moments: an optimizer's squares may be infinite where weights are not.
    if not all(np.isfinite(array).all() for array in (network.weight, network.bias)):
        raise ValueError(f"{name} returned weights or biases that are not finite.")
    return network


def _check_shape(name, sizes, n_inputs, n_outputs) -> None:
    wanted = zip(("inputs", "outputs"), sizes, (n_inputs, n_outputs))
    for what, found, expected in wanted:
        if found != expected:
            raise ValueError(f"{name} returned a network of {found} {what}, not {expected}.")
