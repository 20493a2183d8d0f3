"""The space of a search: what candidates there may be, and how one is made of others."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil, log2, prod
from typing import Any

import numpy as np
from scipy.stats import qmc

from scann_sklearn.model_selection._axes import Choices, Drawn, Gene, axis_of
from scann_sklearn.model_selection._encoding import Column

Point = tuple[int, tuple[Gene, ...]]  # which dictionary, and a gene for each of its parameters

_N_TRIES = 200  # draws in a row without a new point: then there is hardly one left


class Space:
    """What `param_distributions` of a search says.

    Parameters
    ----------
    param_distributions : dict or list of dict
        Lists and distributions by names of parameters.

    Raises
    ------
    TypeError, ValueError
        If it is no such thing, names what has no value, or has a single point.
    """

    def __init__(self, param_distributions: Any) -> None:
        given = param_distributions
        branches = [given] if isinstance(given, Mapping) else given
        if not isinstance(branches, Sequence) or isinstance(branches, str):
            raise TypeError(
                f"param_distributions must be a dictionary or a list of dictionaries, got {given!r}"
            )
        for branch in branches:
            if not isinstance(branch, Mapping):
                raise TypeError(f"param_distributions must hold dictionaries, got {branch!r}.")
        # sorted, so that the order in which a dictionary was written means nothing
        self.branches: list[list[Choices | Drawn]] = [
            [axis_of(name, values) for name, values in sorted(branch.items(), key=_by_name)]
            for branch in branches
        ]
        self.n_points = sum(prod(axis.size for axis in axes) for axes in self.branches)
        if self.n_points <= 1:
            n = "no point" if not self.branches else "one point only"
            raise ValueError(f"param_distributions={given!r} has {n}: there is nothing to search.")
        names = sorted({axis.name for axes in self.branches for axis in axes})
        self._columns = {
            name: Column([a for axes in self.branches for a in axes if a.name == name])
            for name in names
        }

    def __repr__(self) -> str:
        return repr([{axis.name: axis for axis in axes} for axes in self.branches])

    def params(self, point: Point) -> dict[str, Any]:
        """Parameters of a candidate."""
        branch, genes = point
        return {a.name: a.value(gene) for a, gene in zip(self.branches[branch], genes)}

    def sample(self, rng: np.random.Generator) -> Iterator[Point]:
        """Points that fill the space evenly, without end; the same ones may return.

        A Sobol' sequence, scrambled: its first coordinate chooses the dictionary, the others the
        values, by the inverse of their distribution functions.
        """
        n_axes = max(len(axes) for axes in self.branches)
        seed = int(rng.integers(2**32))
        sequence = qmc.Sobol(1 + n_axes, seed=np.random.default_rng(seed))
        n_drawn = 0
        while True:
            # whole powers of two, of which each doubles what there is
            n = 64 if n_drawn == 0 else n_drawn
            for shares in sequence.random_base2(ceil(log2(n))):
                yield self._at(shares, rng)
            n_drawn += n

    def draw(self, rng: np.random.Generator) -> Point:
        """Any point."""
        n_axes = max(len(axes) for axes in self.branches)
        return self._at(rng.random(1 + n_axes), rng)

    def _at(self, shares: np.ndarray, rng: np.random.Generator) -> Point:
        branch = min(int(shares[0] * len(self.branches)), len(self.branches) - 1)
        axes = self.branches[branch]
        return branch, tuple(axis.at(float(u), rng) for axis, u in zip(axes, shares[1:]))

    def cross(self, a: Point, b: Point, rng: np.random.Generator) -> Point:
        """A child of two points of one dictionary: each gene of one of them; else the first."""
        if a[0] != b[0]:
            return a
        from_a = rng.random(len(a[1])) < 0.5
        return a[0], tuple(x if own else y for own, x, y in zip(from_a, a[1], b[1]))

    def mutate(self, point: Point, rng: np.random.Generator) -> Point:
        """A point near another one: one gene on average is another, now and then all are."""
        branch, genes = point
        if not genes or rng.random() < 0.05:
            return self.draw(rng)  # another dictionary too
        moves = rng.random(len(genes)) < 1 / len(genes)
        axes = self.branches[branch]
        return branch, tuple(a.moved(g, rng) if m else g for a, g, m in zip(axes, genes, moves))

    def encode(self, points: Sequence[Point]) -> np.ndarray:
        """Rows of numbers, one for each point."""
        rows = []
        for point in points:
            params = self.params(point)
            row = [float(point[0] == branch) for branch in range(len(self.branches))]
            for name, column in self._columns.items():
                row += column.encode(params[name]) if name in params else column.encode()
            rows.append(row)
        return np.array(rows, dtype=float)


def new_points(points: Iterator[Point], seen: set[Point], n: int, accept: Any) -> list[Point]:
    """First points that are acceptable and have not been seen.

    Parameters
    ----------
    points : iterator of Point
        Without end.
    seen : set of Point
        What is not taken.
    n : int
        How many are wanted; fewer come where hardly any is left.
    accept : callable
        Whether a point can be a candidate.

    Returns
    -------
    found : list of Point
        All different.
    """
    found: dict[Point, None] = {}
    n_tries = 0
    for point in points:
        if len(found) >= n or n_tries >= _N_TRIES:
            break
        n_tries += 1
        if point not in seen and point not in found and accept(point):
            found[point] = None
            n_tries = 0
    return list(found)


def _by_name(item: tuple) -> str:
    return str(item[0])
