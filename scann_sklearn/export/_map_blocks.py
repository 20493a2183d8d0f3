"""Maps as generated code computes them: a convolution and the pooling behind it at once."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from scann_sklearn.model._map_stage import CONVOLUTION, MAXIMUM, MEAN, MapStage
from scann_sklearn.model._maps import Maps
from scann_sklearn.model._stages import Stage


@dataclass(frozen=True, eq=False)
class Block:
    """A convolution, and a pooling of what it makes.

    So the maps between the two, which are the largest of all, need no memory.

    Parameters
    ----------
    convolution : MapStage
        The convolution.
    pool : MapStage or None
        The pooling; None: there is none.
    is_linear : bool, default=False
        Whether there is no ReLU; then there is no pooling either.
    """

    convolution: MapStage
    pool: MapStage | None
    is_linear: bool = False

    @property
    def window(self) -> int:
        """Rows and columns of a window, 1 without pooling."""
        return 1 if self.pool is None else self.pool.size

    @property
    def is_mean(self) -> bool:
        """Whether the pooling is by means."""
        return self.pool is not None and self.pool.kind == MEAN

    @property
    def target(self) -> tuple[int, int, int]:
        """Maps that come out, their rows and columns."""
        return (self.convolution if self.pool is None else self.pool).target

    @property
    def n_positions(self) -> int:
        """How many positions a map has, be they computed or not."""
        _, rows, columns = self.target
        return rows * columns * self.window**2

    @cached_property
    def computed(self) -> np.ndarray | None:
        """Flags of the positions in the order of the code, one row a map; None: all are."""
        area, w = self.convolution.area, self.window
        if area is None:
            return None
        n, rows, columns = self.target
        windows = area[:, : rows * w, : columns * w].reshape(n, rows, w, columns, w)
        return windows.transpose(0, 1, 3, 2, 4).reshape(n, -1)

    def area_bits(self) -> np.ndarray | None:
        """The same as bits, the lowest first: bytes, one row a map."""
        if self.computed is None:
            return None
        return np.packbits(self.computed, axis=1, bitorder="little")

    @property
    def n_sums(self) -> int:
        """Positions of all maps at which they are computed."""
        whole = self.convolution.n_maps * self.n_positions
        return whole if self.computed is None else int(self.computed.sum())

    @property
    def n_products(self) -> int:
        """How often all connections are multiplied; what padding reads counts."""
        counts = np.diff(self.convolution.indptr)
        if self.computed is None:
            return int(counts.sum()) * self.n_positions
        return int(counts @ self.computed.sum(axis=1))

    @property
    def n_read(self) -> int:
        """Numbers of its source maps in memory, with those outside."""
        n, rows, columns = self.convolution.source
        border = 2 * self.convolution.padding
        return n * (rows + border) * (columns + border)

    def stage(self) -> Stage:
        """What one inference does, for meters of energy."""
        n_targets, c, bits = prod(self.target), self.convolution, self.area_bits()
        n_tested = 0 if bits is None else c.n_maps * self.n_positions
        return Stage(
            n_sources=prod(c.source),
            n_targets=n_targets,
            n_connections=len(c.weights),
            n_macs=self.n_products + self.is_mean * self.n_sums,
            n_biases=c.n_maps,
            comparisons=n_tested + (0 if self.is_linear else self.n_sums),
            indexed=True,
            mask_bytes=0 if bits is None else bits.size,
        )

    def offsets(self) -> np.ndarray:
        """How far behind the corner of a kernel each connection reads, in padded source maps."""
        _, rows, columns = (n + 2 * self.convolution.padding for n in self.convolution.source)
        places = self.convolution.places()
        return np.array([(s * rows + dy) * columns + dx for s, dy, dx in places], np.int64)


def blocks_of(maps: Maps) -> list[Block]:
    """Put each pooling to the convolution ahead of it.

    One without is put to a convolution that copies, or becomes a convolution.

    Parameters
    ----------
    maps : Maps
        The stages.

    Returns
    -------
    blocks : list of Block
        The same.
    """
    blocks: list[Block] = []
    rest = list(maps.parts)
    while rest:
        stage = rest.pop(0)
        if stage.kind == MEAN:  # of an image; behind a convolution no number is below zero
            blocks.append(Block(_mean(stage), None, is_linear=not blocks))
        elif stage.kind == MAXIMUM:
            blocks.append(Block(_own(stage, 1, np.ones(1)), stage))
        else:
            has_pool = bool(rest) and rest[0].kind != CONVOLUTION
            blocks.append(Block(stage, rest.pop(0) if has_pool else None))
    return blocks


def _mean(stage) -> MapStage:
    n = stage.size**2
    return _own(stage, stage.size, np.full(n, 1 / n))


def _own(stage, size, kernel) -> MapStage:
    """Convolution that reads for each map the one of the same number."""
    n = stage.n_maps
    each = size * size
    return MapStage(
        CONVOLUTION,
        stage.source,
        n,
        size,
        stride=size,
        padding=0,
        indptr=each * np.arange(n + 1),
        indices=np.arange(n * each),
        weights=np.tile(kernel, n),
        biases=np.zeros(n),
    )
