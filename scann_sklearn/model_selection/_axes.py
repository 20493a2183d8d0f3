"""One parameter of a search: the values that it may have, drawn, moved and encoded."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from math import inf, isfinite
from numbers import Real
from typing import Any

import numpy as np

Gene = Hashable  # of a list the index, of a distribution the value

_STEP = 0.15  # standard deviation of a mutation, as a share of the probability
_EDGE = 1e-9  # many distribution functions are infinite at 0 and 1


def is_number(value: Any) -> bool:
    """Whether a value is a number that trees can split by."""
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


class Choices:
    """A list of values.

    Parameters
    ----------
    name : str
        Name of the parameter.
    values : sequence
        What it may be.
    """

    def __init__(self, name: str, values: Any) -> None:
        self.name, self.values = name, _distinct(list(values))
        if not self.values:
            raise ValueError(f"param_distributions has no value for {name!r}: got {values!r}.")
        self.size: float = len(self.values)
        # numbers have neighbours; other values have no order
        self._order = None
        if all(is_number(value) for value in self.values):
            self._order = np.argsort(np.asarray(self.values, float), kind="stable").tolist()

    def at(self, share: float, rng: np.random.Generator) -> Gene:
        """Gene at a share from 0 to 1."""
        return min(int(share * len(self.values)), len(self.values) - 1)

    def moved(self, gene: Any, rng: np.random.Generator) -> Gene:
        """Another gene: of numbers often the next larger or smaller one."""
        n = len(self.values)
        if n == 1:
            return gene
        if self._order is not None and rng.random() < 0.5:
            place = self._order.index(gene)
            sides = [p for p in (place - 1, place + 1) if 0 <= p < n]
            return self._order[sides[int(rng.integers(len(sides)))]]
        other = int(rng.integers(n - 1))
        return other + (other >= gene)

    def value(self, gene: Any) -> Any:
        """Value of the parameter."""
        return self.values[gene]

    def __repr__(self) -> str:
        return repr(self.values)


class Drawn:
    """A distribution: `rvs`, and where it has them `ppf` and `cdf`.

    Parameters
    ----------
    name : str
        Name of the parameter.
    distribution : object
        Such as those of `scipy.stats`.
    """

    def __init__(self, name: str, distribution: Any) -> None:
        self.name, self.distribution, self.size = name, distribution, inf
        # the distributions of scipy, and any other whose values are spread by their ranks
        self._is_whole = hasattr(getattr(distribution, "dist", distribution), "pmf")
        self._has_ranks = hasattr(distribution, "ppf") and hasattr(distribution, "cdf")

    def at(self, share: float, rng: np.random.Generator) -> Gene:
        """Gene at a share of the probability; without `ppf` one that is drawn."""
        if not self._has_ranks:
            drawn = self.distribution.rvs(
                random_state=np.random.RandomState(int(rng.integers(2**32)))
            )
            return _plain(drawn)
        value = float(self.distribution.ppf(min(max(share, _EDGE), 1 - _EDGE)))
        if not isfinite(value):
            raise ValueError(
                f"The distribution of {self.name!r} gives {value!r}: ppf({share!r}) must be finite."
            )
        return round(value) if self._is_whole else value

    def moved(self, gene: Any, rng: np.random.Generator) -> Gene:
        """Another gene, a step away in probability."""
        if not self._has_ranks:
            return self.at(0.0, rng)
        share = float(self.distribution.cdf(gene)) + _STEP * rng.standard_normal()
        share = abs(share) if share < 1 else 2 - share  # reflected at both ends
        moved = self.at(min(max(share, 0.0), 1.0), rng)
        # of whole numbers a small step may be none
        return self.at(rng.random(), rng) if moved == gene else moved

    def value(self, gene: Any) -> Any:
        """Value of the parameter."""
        return gene

    def __repr__(self) -> str:
        kind = self.distribution
        inner = getattr(kind, "dist", None)
        if inner is not None and hasattr(kind, "kwds"):  # a frozen one of scipy
            return f"{inner.name}{kind.args}{sorted(kind.kwds.items())}"
        return f"{type(kind).__qualname__}{sorted(vars(kind).items())}"


def axis_of(name: Any, values: Any) -> Choices | Drawn:
    """Axis of a parameter, by what the user has given for it.

    Raises
    ------
    TypeError
        If the name is no string, or the values are neither a list nor a distribution.
    ValueError
        If there is no value.
    """
    if not isinstance(name, str):
        raise TypeError(f"Keys of param_distributions must be names of parameters, got {name!r}.")
    if hasattr(values, "rvs"):
        return Drawn(name, values)
    is_list = isinstance(values, Iterable) and not isinstance(values, str | bytes | Mapping)
    if not is_list or getattr(values, "ndim", 1) != 1:
        raise TypeError(
            f"param_distributions must have a list of values or a distribution for {name!r}, "
            f"got {values!r}."
        )
    return Choices(name, values)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _distinct(values: list) -> list:
    """Values, each simple one of them once."""
    found: dict[Any, Any] = {}
    for number, value in enumerate(values):
        value = _plain(value)
        simple = value is None or isinstance(value, Real | str | tuple)
        key = (type(value).__name__, repr(value)) if simple else number
        found.setdefault(key, value)
    return list(found.values())
