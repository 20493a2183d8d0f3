"""Networks as plain values and arrays, and back."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np

from scann_sklearn.network._convolution import MapShape, SparseConv2d
from scann_sklearn.network._joint_network import JointNetwork, ModuleState
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._network import Network
from scann_sklearn.network._pooling import AvgPool2d, MaxPool2d
from scann_sklearn.network._topology import Topology

_POOLING: dict[str, Any] = {"max": MaxPool2d, "avg": AvgPool2d}
_POOLING_NAMES = {kind: name for name, kind in _POOLING.items()}


def tree_of_network(network: Network) -> dict[str, Any]:
    """All that a network is, with the optimizer's memory.

    Parameters
    ----------
    network : Network
        Also with maps, or with a module ahead of it.

    Returns
    -------
    tree : dict
        See `packed`.

    Raises
    ------
    TypeError
        If it is of a class of the user's own.
    """
    if type(network) not in (Network, MapNetwork, JointNetwork):
        raise TypeError(f"A checkpoint can't hold a {type(network).__qualname__}.")
    t = network.topology
    tree = {
        "topology": {
            "n_inputs": int(t.n_inputs),
            "n_outputs": int(t.n_outputs),
            "indptr": t.csr[0],
            "indices": t.csr[1],
            "layer_sizes": _integers(t.layer_sizes),
            "exits": _integers(t.exits),
            "exit_inputs": _integers(t.exit_inputs),
        },
        "weight": network.weight,
        "bias": network.bias,
        "moments": [list(pair) for pair in network.moments],
        "n_updates": int(network.n_updates),
    }
    if isinstance(network, MapNetwork):
        tree["stages"] = [_tree_of_stage(stage) for stage in network.front.stages]
    if isinstance(network, JointNetwork):
        tree["module"] = _tree_of_module(network.extractor)
    return tree


def network_of_tree(tree: dict[str, Any]) -> Network:
    """The network of such a tree.

    Parameters
    ----------
    tree : dict
        What `tree_of_network` has made; connections and lengths are checked again.

    Returns
    -------
    network : Network
        Of the same class.

    Raises
    ------
    ValueError, KeyError, TypeError
        If it is none.
    """
    known = dict(tree["topology"])
    for name in ("layer_sizes", "exits", "exit_inputs"):
        given = known.get(name)  # files of older releases lack the last
        known[name] = None if given is None else tuple(given)
    n_updates = int(tree["n_updates"])
    if not 0 <= n_updates < 2**62:
        raise ValueError(f"A network can't have been updated {n_updates} times.")
    parts = {
        "topology": Topology.adopt(**known),
        "weight": tree["weight"],
        "bias": tree["bias"],
        "moments": tuple((weight, bias) for weight, bias in tree["moments"]),
        "n_updates": n_updates,
    }
    if "stages" in tree:
        stages = tuple(_stage_of_tree(stage) for stage in tree["stages"])
        return MapNetwork(**parts, front=MapFront(stages))
    if "module" in tree:
        return JointNetwork(**parts, extractor=_module_of_tree(tree["module"]))
    return Network(**parts)


def _integers(values) -> list[int] | None:
    return None if values is None else [int(value) for value in values]


def _tree_of_stage(stage) -> dict[str, Any]:
    source = _integers(stage.source)
    if not isinstance(stage, SparseConv2d):
        return {"pooling": _POOLING_NAMES[type(stage)], "source": source, "window": stage.window}
    return {
        "source": source,
        "n_maps": int(stage.n_maps),
        "kernel_size": int(stage.kernel_size),
        "indptr": stage.indptr,
        "indices": stage.indices,
        "stride": int(stage.stride),
        "padding": int(stage.padding),
        "area": stage.area,
    }


def _stage_of_tree(tree) -> Any:
    known = dict(tree)
    source = MapShape(*known.pop("source"))
    if "pooling" in known:
        return _POOLING[known["pooling"]](source, known["window"])
    return SparseConv2d(source, **known)


def _tree_of_module(state: ModuleState) -> dict[str, Any]:
    """A module's tensors, in the order that they are in."""
    moments = {name: _arrays(of_one) for name, of_one in state.moments.items()}
    return {"values": _arrays(state.values), "moments": moments}


def _module_of_tree(tree) -> ModuleState:
    moments = {name: _tensors(of_one) for name, of_one in tree["moments"].items()}
    return ModuleState(_tensors(tree["values"]), moments)


def _arrays(tensors) -> dict[str, np.ndarray]:
    return {name: tensor.detach().cpu().numpy() for name, tensor in tensors.items()}


def _tensors(arrays) -> dict[str, Any]:
    import torch  # only where there is a module of torch

    return {name: torch.from_numpy(array) for name, array in arrays.items()}
