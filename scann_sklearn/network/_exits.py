"""Early exits: groups of outputs, each of which reads none but the first hidden neurons."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from scann_sklearn.network._allowed import allowed_sources
from scann_sklearn.network._compile import kernel
from scann_sklearn.network._kernels import add_weighted


def check_exits(topology: Any) -> None:
    """Raise where exits are none of a network.

    Parameters
    ----------
    topology : Topology
        With exits, or inputs of exits.

    Raises
    ------
    ValueError
        If they don't ascend from 0 or more to all hidden neurons, or the outputs can't be divided
        among them. If the inputs don't ascend to all of them, or hidden neurons are not in one
        layer: then what a target may read would not be one range of sources.
    """
    exits, inputs = topology.exits, topology.exit_inputs
    n_hidden, n_outputs = topology.n_hidden, topology.n_outputs
    if exits is None:
        raise ValueError(f"exit_inputs={inputs} without exits.")
    is_good = len(exits) > 0 and exits[0] >= 0 and exits[-1] == n_hidden
    if not is_good or any(before > after for before, after in pairwise(exits)):
        raise ValueError(
            f"exits must ascend to the number of hidden neurons, {n_hidden}, got {exits}."
        )
    if n_outputs % len(exits):
        raise ValueError(f"{n_outputs} outputs can't be divided among {len(exits)} exits.")
    if inputs is None:
        return
    is_good = len(inputs) == len(exits) and inputs[0] > 0 and inputs[-1] == topology.n_inputs
    if not is_good or any(before > after for before, after in pairwise(inputs)):
        raise ValueError(
            f"exit_inputs must ascend to the number of inputs, {topology.n_inputs}, one number for "
            f"each of {len(exits)} exits, got {inputs}."
        )
    layers = topology.layer_sizes
    if n_hidden and (layers is None or len(layers) > 1):
        raise ValueError(f"exit_inputs take at most one hidden layer, got layer_sizes={layers}.")


def section_ends(
    n_hidden: int, layers: tuple[int, ...] | None, n_exits: int, ratio: float
) -> tuple[int, ...]:
    """Number of hidden neurons up to the end of each section.

    Parameters
    ----------
    n_hidden : int
        Number of hidden neurons.
    layers : tuple of int or None
        The layers that they form.
    n_exits : int
        How many sections.
    ratio : float
        How many times as many hidden neurons each exit may read as the one before.

    Returns
    -------
    ends : tuple of int
        Those of as many layers; without layers, or with fewer of them, of shares of all hidden
        neurons by the ratio, each of a neuron at least where there are enough.
    """
    numbers = np.arange(1, n_exits + 1)
    if layers is not None and len(layers) >= n_exits:
        return tuple(np.cumsum(layers)[len(layers) * numbers // n_exits - 1].tolist())
    with np.errstate(over="ignore"):  # of a huge ratio: no neuron, and then one
        ends = np.rint(n_hidden / float(ratio) ** (n_exits - numbers)).astype(int)
    ends = np.minimum(np.maximum(ends, numbers), n_hidden)
    return tuple(np.maximum.accumulate(ends).tolist())


def counted(exits: tuple[int, ...] | None, copies: np.ndarray) -> tuple[int, ...] | None:
    """Exits where `copies` of each hidden neuron stay, each next to the other."""
    if exits is None:
        return None
    before = np.append(0, np.cumsum(copies))
    return tuple(before[list(exits)].tolist())


def among_more(exits: tuple[int, ...] | None, old: np.ndarray) -> tuple[int, ...] | None:
    """Exits once there are more hidden neurons, of which `old` are those of before.

    New ones between two sections belong to the first of them.
    """
    if exits is None:
        return None
    place = np.append(np.flatnonzero(old), len(old))
    return tuple(place[list(exits)].tolist())


def with_exits(
    topology: Any,
    exits: tuple[int, ...],
    rng: np.random.Generator,
    inputs: tuple[int, ...] | None = None,
) -> Any:
    """Topology with exits, of one whose outputs may read all hidden neurons or the last layer.

    Parameters
    ----------
    topology : Topology
        It has as many outputs as all exits together, and no exits yet.
    exits : tuple of int
        How many of the hidden neurons each may read.
    rng : numpy.random.Generator
        What draws sources in place of those that an exit may not read.
    inputs : tuple of int, default=None
        How many of the inputs each may read, see `Topology.exit_inputs`.

    Returns
    -------
    topology : Topology
        Each target has as many sources as before, or all that it may have.
    """
    t = topology
    shape = (t.n_inputs, t.n_hidden, t.n_outputs, t.layer_sizes)
    first, last = allowed_sources(*shape, exits, inputs)
    rows = np.split(t.indices, t.indptr[1:-1])
    for k in range(t.n_hidden if inputs is None else 0, t.n_targets):
        allowed = np.arange(first[k], last[k])
        kept = np.intersect1d(rows[k], allowed)
        missing = min(len(rows[k]), len(allowed)) - len(kept)
        new = rng.choice(np.setdiff1d(allowed, kept), missing, replace=False)
        rows[k] = np.sort(np.append(kept, new))
    indptr = np.append(0, np.cumsum([len(row) for row in rows]))
    indices = np.concatenate(rows)
    return type(t).adopt(t.n_inputs, t.n_outputs, indptr, indices, t.layer_sizes, exits, inputs)


def sections(n_inputs, n_outputs, n_exits, indptr, indices) -> list[np.ndarray]:
    """What has to be computed for each exit beyond what those before it take.

    Parameters
    ----------
    n_inputs, n_outputs, n_exits : int
        Numbers of inputs, of all outputs and of exits.
    indptr, indices : ndarray
        The connections, CSR with one row a target.

    Returns
    -------
    targets : list of ndarray of int
        Of each exit the hidden neurons that it is the first to need, in their order, then its
        outputs. A neuron that only later exits need waits for them, wherever it stands.
    """
    needed = first_exits(n_inputs, n_outputs, n_exits, indptr, indices)
    size = n_outputs // n_exits
    outputs = len(needed) + np.arange(n_outputs).reshape(n_exits, size)
    return [np.append(np.flatnonzero(needed == e), outputs[e]) for e in range(n_exits)]


def up_to(topology: Any, n_exits: int) -> tuple[Any, np.ndarray, np.ndarray]:
    """Topology of the first exits, without what only later ones need.

    Parameters
    ----------
    topology : Topology
        With exits.
    n_exits : int
        How many of them stay.

    Returns
    -------
    topology : Topology
        Without layers, some of which may have no neuron left.
    connections : ndarray of bool of shape (n_connections,)
        Which of the connections it has.
    targets : ndarray of bool of shape (n_targets,)
        Which of the hidden neurons and outputs.
    """
    t, size = topology, topology.n_outputs // len(topology.exits)
    neurons = first_exits(t.n_inputs, t.n_outputs, len(t.exits), *t.csr) < n_exits
    targets = np.append(neurons, np.arange(t.n_outputs) < n_exits * size)
    connections = targets[t.targets]
    place = np.append(np.arange(t.n_inputs), t.n_inputs - 1 + np.cumsum(neurons))
    indptr = np.append(0, np.cumsum(np.diff(t.indptr)[targets]))
    ends = counted(t.exits[:n_exits], neurons)
    shape, indices = (t.n_inputs, n_exits * size), place[t.indices[connections]]
    return type(t).adopt(*shape, indptr, indices, exits=ends), connections, targets


def depths(n_inputs, n_outputs, n_exits, indptr, indices, ends) -> np.ndarray:
    """How many parts of the inputs are read up to each exit.

    Parameters
    ----------
    n_inputs, n_outputs, n_exits, indptr, indices
        See `sections`.
    ends : sequence of int
        Where each part of the inputs ends, ascending to all of them.

    Returns
    -------
    depths : ndarray of int of shape (n_exits,)
        The number of the last part that is read up to this exit, from 1 on; 0 if none is.
    """
    reads, found = sections(n_inputs, n_outputs, n_exits, indptr, indices), np.zeros(n_exits, int)
    targets = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    part = np.searchsorted(np.asarray(ends), indices, side="right") + 1
    for e, own in enumerate(reads):
        here = np.isin(targets, own) & (indices < n_inputs)
        found[e] = part[here].max(initial=0)
    return np.maximum.accumulate(found)


def shared_out(topology: Any, score: np.ndarray, ratio: float) -> np.ndarray:
    """Scores that leave each section its share, whatever number of the highest is kept.

    Parameters
    ----------
    topology : Topology
        With exits.
    score : ndarray of shape (n_connections,)
        How important each connection is.
    ratio : float
        How many times as many connections there are to be up to each exit as up to the one before.

    Returns
    -------
    score : ndarray of shape (n_connections,)
        Positive; within a section in the order of the given scores. A section that has fewer
        connections than its share leaves the rest to the others.
    """
    t, n_exits = topology, len(topology.exits)
    needed = first_exits(t.n_inputs, t.n_outputs, n_exits, t.indptr, t.indices)
    exits = np.repeat(np.arange(n_exits), t.n_outputs // n_exits)
    section = np.append(np.minimum(needed, n_exits - 1), exits)  # of every target
    of_connection = np.repeat(section, np.diff(t.indptr))
    shares = np.diff(float(ratio) ** np.arange(1 - n_exits, 1), prepend=0.0)
    shares = np.maximum(shares, np.finfo(float).tiny)
    ranked = np.empty(len(score))
    for e, share in enumerate(shares):
        own = np.flatnonzero(of_connection == e)
        best_first = own[np.argsort(-score[own], kind="stable")]
        ranked[best_first] = share / (share + np.arange(len(own)))
    return ranked


@kernel(fastmath=False)
def first_exits(n_inputs, n_outputs, n_exits, indptr, indices) -> np.ndarray:
    """The first exit that needs each hidden neuron; the number of exits where none does."""
    n_targets = indptr.shape[0] - 1
    n_hidden = n_targets - n_outputs
    size = n_outputs // n_exits
    first = np.full(n_hidden, n_exits)
    for t in range(n_targets - 1, -1, -1):
        needs = (t - n_hidden) // size if t >= n_hidden else first[t]
        for j in range(indptr[t], indptr[t + 1]):
            s = indices[j] - n_inputs
            if s >= 0:
                first[s] = min(first[s], needs)
    return first


@kernel
def compute_targets(n_inputs, n_hidden, indptr, indices, weight, bias, targets, values) -> None:
    """Fill rows of `values`: inputs, then hidden neurons and outputs, one column a sample."""
    zero = values.dtype.type(0)
    m = values.shape[1]
    for t in targets:
        row, value = n_inputs + t, bias[t]
        for b in range(m):
            values[row, b] = value
        add_weighted(values, row, indptr[t], indptr[t + 1], indices, weight, values, m)
        if t < n_hidden:
            for b in range(m):
                values[row, b] = max(values[row, b], zero)
