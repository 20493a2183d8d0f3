"""`Ranked` in tensors on a device."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from scann_sklearn.network import _device_ranking
from scann_sklearn.network._device_ranking import as_tensor


class DeviceRanked:
    """See `Ranked`, whose methods do the same.

    Parameters
    ----------
    shape : tuple of int
        Inputs, outputs and targets of the network.
    sources, targets : torch.Tensor of int of shape (n_connections,)
        The ends of these connections; sources are counted as in `Network.graph`.
    keys : torch.Tensor of int32 or int64 of shape (n_connections,)
        Their keys, less `half`.
    n_all : int
        How many connections the network has.
    places : torch.Tensor of int64 of shape (n_connections,), default=None
        Which of the network's they are, ascending. None: all of them.
    """

    def __init__(self, shape, sources, targets, keys, n_all, places=None) -> None:
        self.shape, self.sources, self.targets = shape, sources, targets
        self.keys, self.n_all, self.places = keys, n_all, places
        self.half = 2 ** (8 * keys.itemsize - 1)
        self.always = 2 * self.half - 1

    @classmethod
    def of(cls, graph, score, device) -> Self:
        """All connections of a network, by their scores; NaN comes last."""
        n_inputs, n_outputs, indptr, indices = graph
        starts = as_tensor(indptr, device)
        shape = n_inputs, n_outputs, len(indptr) - 1
        targets = torch.arange(shape[2], dtype=torch.int32, device=device)
        targets = targets.repeat_interleave(starts.diff(), output_size=len(indices))
        keys = _device_ranking.keys_of(as_tensor(score, device))
        sources = as_tensor(indices, device)
        return cls(shape, sources, targets, keys, len(score))

    def copy(self) -> Self:
        """The same, with keys of their own."""
        ends = self.sources, self.targets
        return type(self)(self.shape, *ends, self.keys.clone(), self.n_all, self.places)

    def __len__(self) -> int:
        return len(self.keys)

    def set(self, which: Any, key: int) -> None:
        if isinstance(which, list):
            which = torch.tensor(which, dtype=torch.int64, device=self.keys.device)
        elif isinstance(which, np.ndarray):
            which = as_tensor(which, self.keys.device)
        self.keys[which] = key - self.half

    def nth_largest(self, n: int) -> int:
        return _device_ranking.nth_largest(self.keys, n)[0] + self.half

    def beyond(self, key: int) -> Tensor:
        return self.keys > key - self.half

    def count(self, keep: Tensor) -> int:
        return int(torch.count_nonzero(keep))

    def between(self, bad: int, good: int) -> Tensor:
        within = self.beyond(bad) & (self.keys <= good - self.half)
        window = within.nonzero().flatten()
        return window[torch.argsort(self.keys[window], descending=True, stable=True)]

    def number(self, position: Any) -> int:
        return int(position if self.places is None else self.places[position])

    def living(self, keep: Tensor) -> Tensor:
        sources, targets = self._ends(keep)
        reached = self._reached(sources, targets)
        heard = torch.zeros_like(reached)
        heard[len(heard) - self.shape[1] :] = True
        live = reached[sources]
        heard = _spread(heard, targets[live], sources[live])
        living = torch.zeros_like(keep)
        living[keep] = live & heard[targets]
        return living

    def reaches_outputs(self, keep: Tensor) -> bool:
        return bool(self._reached(*self._ends(keep))[-self.shape[1] :].all())

    def _ends(self, keep) -> tuple[Tensor, Tensor]:
        """Sources and targets of the connections to keep, counted together."""
        return self.sources[keep].long(), self.targets[keep].long() + self.shape[0]

    def _reached(self, sources, targets) -> Tensor:
        """Which inputs and targets are reached from an input."""
        n_inputs, _, n_targets = self.shape
        reached = torch.zeros(n_inputs + n_targets, dtype=torch.bool, device=sources.device)
        reached[:n_inputs] = True
        return _spread(reached, sources, targets)

    def of_all(self, keep: Tensor) -> np.ndarray:
        if self.places is not None:
            flags = torch.zeros(self.n_all, dtype=torch.bool, device=keep.device)
            flags[self.places[keep]] = True
            keep = flags
        return keep.cpu().numpy()

    def restricted(self, floor: int) -> Self:
        at = self.beyond(floor).nonzero().flatten()
        places = at if self.places is None else self.places[at]
        return type(self)(
            self.shape, self.sources[at], self.targets[at], self.keys[at], self.n_all, places
        )

    def joined_by(self, way: np.ndarray, graph: tuple) -> Self:
        flags = as_tensor(way, self.keys.device)
        self.set(flags if self.places is None else flags[self.places], self.always)
        if self.places is None:
            return self
        flags[self.places] = False
        further = flags.nonzero().flatten()
        numbers = further.cpu().numpy()
        ends = np.searchsorted(graph[2], numbers, side="right") - 1
        new = (
            as_tensor(graph[3][numbers], further.device),
            as_tensor(ends.astype(np.int32), further.device),
            torch.full_like(further, self.always - self.half, dtype=self.keys.dtype),
            further,
        )
        old = (self.sources, self.targets, self.keys, self.places)
        sources, targets, keys, places = (torch.cat(pair) for pair in zip(old, new, strict=True))
        at = torch.argsort(places)
        return type(self)(self.shape, sources[at], targets[at], keys[at], self.n_all, places[at])


def _spread(flags, here, there) -> Tensor:
    """Flags and what is reached from them by steps from here to there.

    As many rounds as the longest of the shortest ways: few, unless a network is a long chain.
    """
    n, before = int(flags.count_nonzero()), -1
    while n != before:
        flags[there[flags[here]]] = True
        n, before = int(flags.count_nonzero()), n
    return flags
