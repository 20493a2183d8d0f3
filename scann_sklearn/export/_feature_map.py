"""What the steps ahead of a network make of raw features: sums of entries."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
from scipy import sparse

from scann_sklearn.export._refusal import refused
from scann_sklearn.export._rounding import Rounding
from scann_sklearn.model._front import EQUAL, MISSING, VALUE, Front


class Entry(NamedTuple):
    """What is made of one raw feature, as in a `Front`; None where there is no constant."""

    kind: int
    feature: int
    constant: float | None = None

    @property
    def may_miss(self) -> bool:
        """Whether it is NaN where the feature is."""
        return self.kind == VALUE and self.constant is None


@dataclass(frozen=True, eq=False)
class FeatureMap:
    """Features behind some steps: ``matrix @ entries + offset``.

    Parameters
    ----------
    entries : tuple of Entry
        What is read: all raw features, then what steps make of these.
    matrix : ndarray or sparse array of shape (n_features_out, n_entries)
        What each feature reads.
    offset : ndarray of shape (n_features_out,)
        What is added to each.
    dtype : dtype
        In which the program will be computed, and categories be compared.
    roundings : tuple of Rounding
        Rounding errors of features behind a PCA.
    """

    entries: tuple[Entry, ...]
    matrix: Any
    offset: np.ndarray
    dtype: np.dtype
    roundings: tuple[Rounding, ...] = ()

    @classmethod
    def raw(cls, n_features: int, dtype: np.dtype) -> Self:
        """Raw features."""
        entries = tuple(Entry(VALUE, feature) for feature in range(n_features))
        return cls(entries, sparse.diags_array(np.ones(n_features)), np.zeros(n_features), dtype)

    @classmethod
    def stacked(cls, maps: Sequence[FeatureMap]) -> Self:
        """Features of several maps, one after the other."""
        entries = dict.fromkeys(entry for each in maps for entry in each.entries)
        place = {entry: column for column, entry in enumerate(entries)}
        ends = np.cumsum([len(each.offset) for each in maps])
        matrices, roundings = [], []
        for each, end in zip(maps, ends):
            matrix = sparse.csr_array(each.matrix)
            columns = np.array([place[entry] for entry in each.entries], dtype=np.int64)
            parts = (matrix.data, columns[matrix.indices], matrix.indptr)
            matrices.append(sparse.csr_array(parts, shape=(len(each.offset), len(place))))
            n = len(each.offset)
            to_place = sparse.eye_array(ends[-1], n, k=n - end, format="csr")
            roundings += [rounding.behind(to_place) for rounding in each.roundings]
        offset = np.concatenate([each.offset for each in maps])
        return cls(tuple(entries), sparse.vstack(matrices), offset, maps[0].dtype, tuple(roundings))

    @property
    def n_raw(self) -> int:
        """Number of raw features."""
        return sum(entry.may_miss for entry in self.entries)

    def then(self, matrix, offset=0.0, rounding: Rounding | None = None) -> FeatureMap:
        """Features behind a further affine map; `rounding` where that makes rounding errors."""
        roundings = tuple(each.behind(matrix) for each in self.roundings)
        return replace(
            self,
            matrix=matrix @ self.matrix,
            offset=matrix @ self.offset + offset,
            roundings=roundings if rounding is None else (rounding,),
        )

    def selected(self, columns: np.ndarray) -> FeatureMap:
        """Some of the features."""
        n = len(columns)
        parts = (np.ones(n), columns, np.arange(n + 1))
        return self.then(sparse.csr_array(parts, shape=(n, len(self.offset))))

    def filled(self, step: Any, fills: np.ndarray) -> FeatureMap:
        """Features with a constant in the place of missing values."""
        rows = []
        for row, fill, offset in zip(self._rows(), fills, self.offset):
            entry = self._that_may_miss(row, step)
            if entry is not None:
                (factor,) = row.values()
                row = {Entry(VALUE, entry.feature, (float(fill) - offset) / factor): factor}
            rows.append(row)
        return replace(self._of_rows(rows, self.offset), roundings=self.roundings)

    def missing(self, step: Any) -> FeatureMap:
        """Indicators of missing values."""
        entries = [self._that_may_miss(row, step) for row in self._rows()]
        rows = [{} if e is None else {Entry(MISSING, e.feature): 1.0} for e in entries]
        return self._of_rows(rows, np.zeros(len(rows)))

    def compared(self, step: Any, categories: Iterable[np.ndarray]) -> FeatureMap:
        """Indicators of all categories of each feature."""
        rows: list[dict[Entry, float]] = []
        for row, offset, values in zip(self._rows(), self.offset, categories, strict=True):
            entry = next(iter(row), None)
            if entry is None or entry.kind != VALUE or {*row.values(), 1 + offset} != {1.0}:
                raise refused(
                    "Categories are compared with raw features, not with computed ones",
                    step,
                    "put the encoder before other steps, for example in a ColumnTransformer",
                )
            self._check_categories(step, values)
            rows += [self._indicator(entry, value) for value in values.tolist()]
        return self._of_rows(rows, np.zeros(len(rows)))

    def front(self) -> tuple[Any, Front | None]:
        """Matrix for the sorted entries, and the front that makes them; None if all are raw."""
        matrix = sparse.csr_array(self.matrix)
        matrix.eliminate_zeros()
        if all(entry.may_miss for entry in self.entries):
            return matrix, None
        constants = [np.nan if e.constant is None else e.constant for e in self.entries]
        kinds, features = np.array([entry[:2] for entry in self.entries]).T
        order = np.lexsort((constants, features, kinds))
        front = Front(features[order], kinds[order].astype(np.int8), np.array(constants)[order])
        return matrix[:, order], front

    def _rows(self) -> list[dict[Entry, float]]:
        """Factors of the entries that each feature reads."""
        matrix = sparse.csr_array(self.matrix)
        matrix.eliminate_zeros()
        pairs = list(zip(matrix.indices.tolist(), matrix.data.tolist()))
        ends = zip(matrix.indptr, matrix.indptr[1:])
        return [{self.entries[i]: factor for i, factor in pairs[a:b]} for a, b in ends]

    def _of_rows(self, rows, offset) -> FeatureMap:
        """Map of such rows, with their entries."""
        place = {entry: column for column, entry in enumerate(self.entries)}
        columns = [place.setdefault(entry, len(place)) for row in rows for entry in row]
        factors = [factor for row in rows for factor in row.values()]
        ends = np.cumsum([0, *map(len, rows)])
        matrix = sparse.csr_array((factors, columns, ends), shape=(len(rows), len(place)))
        return replace(self, entries=tuple(place), matrix=matrix, offset=offset, roundings=())

    def _that_may_miss(self, row, step) -> Entry | None:
        """Entry that makes a feature missing; None where it is never missing."""
        if not any(entry.may_miss for entry in row):
            return None
        if len(row) > 1:
            raise refused(
                "Once features are mixed, a missing one can't be recognised any more",
                step,
                "fill in missing values first",
            )
        return next(iter(row))

    def _check_categories(self, step, categories) -> None:
        values = categories[~np.isnan(categories)]
        with np.errstate(over="ignore"):
            rounded = values.astype(self.dtype)
        different, counts = np.unique(rounded, return_counts=True)
        wrong = np.isin(rounded, different[counts > 1]) | ~np.isfinite(rounded)
        if wrong.any():
            example = f"{values[wrong][0]:.17g}"
            raise refused(
                f"In {self.dtype} categories like {example} can't be distinguished from others",
                step,
                "use numbers below 2**24, such as 0, 1, 2",
            )

    @staticmethod
    def _indicator(entry, category) -> dict[Entry, float]:
        """Entries whose sum is 1 where a feature, perhaps filled in, is of a category."""
        missing, is_filled = {Entry(MISSING, entry.feature): 1.0}, entry.constant is not None
        if np.isnan(category):
            return {} if is_filled else missing
        equal = {Entry(EQUAL, entry.feature, category): 1.0}
        return equal | missing if is_filled and entry.constant == category else equal
