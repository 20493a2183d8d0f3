"""What a fit has come to, as plain values and arrays, and back."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from scann_sklearn.resume._networks import network_of_tree, tree_of_network
from scann_sklearn.synthesis._plan import PastRound
from scann_sklearn.synthesis._record import Checkpoint, Memory


@dataclass(frozen=True)
class Progress:
    """What one synthesis has come to: that of a fold, or of the network that is kept.

    Parameters
    ----------
    taught : ndarray of shape (n_outputs, n_samples) or None
        Values of the targets, where a teacher has made them: it isn't asked again.
    streams : dict of str to dict
        States of the random generators, by their purposes.
    memory : Memory or None
        What the synthesis knows; None: it hasn't begun.
    is_over : bool, default=False
        Whether it has ended.
    """

    taught: np.ndarray | None
    streams: dict[str, Any]
    memory: Memory | None
    is_over: bool = False

    @property
    def n_rounds(self) -> int:
        """Number of rounds that are done."""
        return 0 if self.memory is None else len(self.memory.past)

    @cached_property  # asked of all folds after each round
    def n_bytes(self) -> int:
        """About how much its arrays take."""
        n_bytes = 0 if self.taught is None else self.taught.nbytes
        if self.memory is not None:
            networks = [self.memory.network, *(point.network for point in self.memory.frontier)]
            n_bytes += sum((4 + 3 * n.weight.itemsize) * n.n_connections for n in networks)
        return n_bytes


def tree_of_progress(progress: Progress) -> dict[str, Any]:
    """Plain values and arrays of it, see `packed`."""
    memory = progress.memory
    return {
        "taught": progress.taught,
        "streams": progress.streams,
        "is_over": progress.is_over,
        "memory": None if memory is None else _tree_of_memory(memory),
    }


def progress_of_tree(tree: dict[str, Any]) -> Progress:
    """The progress of such a tree."""
    memory = tree["memory"]
    memory = None if memory is None else _memory_of_tree(memory)
    taught = tree["taught"]
    if not (taught is None or isinstance(taught, np.ndarray)):
        raise ValueError(f"targets of a teacher are a {type(taught).__name__}")
    return Progress(taught, tree["streams"], memory, bool(tree["is_over"]))


def _tree_of_memory(memory: Memory) -> dict[str, Any]:
    return {
        "network": tree_of_network(memory.network),
        "frontier": [
            {"network": tree_of_network(p.network), "score": p.score} for p in memory.frontier
        ],
        "past": [[int(p.n_connections), int(p.n_hidden), p.score] for p in memory.past],
        "history": _columns(memory.history),
        "last_score": memory.last_score,
        "n_far_below": memory.n_far_below,
    }


def _memory_of_tree(tree) -> Memory:
    memory = Memory(
        network_of_tree(tree["network"]),
        tuple(Checkpoint(network_of_tree(p["network"]), p["score"]) for p in tree["frontier"]),
        tuple(PastRound(*record) for record in tree["past"]),
        _records(tree["history"]),
        tree["last_score"],
        tree["n_far_below"],
    )
    scores = [memory.last_score, *(p.score for p in memory.frontier)]
    scores += [p.score for p in memory.past]
    counts = [n for p in memory.past for n in (p.n_connections, p.n_hidden)]
    if not all(type(score) in (int, float) for score in scores):
        raise ValueError(f"a score is no number: {scores}")
    if not all(type(n) is int and n >= 0 for n in [*counts, memory.n_far_below]):
        raise ValueError(f"a count is no number of something: {counts}, {memory.n_far_below!r}")
    return memory


def _columns(records) -> dict[str, Any]:
    """Records column by column, which takes less place; numbers as arrays."""
    names = list(records[0]) if records else []
    columns: dict[str, Any] = {}
    for name in names:
        values = [record[name] for record in records]
        if all(isinstance(value, int | np.integer) for value in values):
            columns[name] = np.array(values, np.int64)
        elif all(isinstance(value, float | np.floating) for value in values):
            columns[name] = np.array(values, np.float64)
        else:
            columns[name] = values
    return columns


def _records(columns) -> tuple[dict, ...]:
    lists = [c.tolist() if isinstance(c, np.ndarray) else c for c in columns.values()]
    return tuple(dict(zip(columns, values, strict=True)) for values in zip(*lists, strict=True))
