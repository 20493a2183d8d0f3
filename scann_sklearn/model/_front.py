"""What a program makes of raw features before its first row: missing values, categories."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

# Models that were saved are read with this module: of other packages it imports NumPy only.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

VALUE, EQUAL, MISSING = range(3)  # kinds of entries, in this order


@dataclass(frozen=True, eq=False)
class Front:
    """Entries of a program, each made of one of its inputs.

    =======  ==========================================================================
    kind     an entry is
    =======  ==========================================================================
    VALUE    the input, or the constant where the input is missing
    EQUAL    1 where the input is the constant, else 0
    MISSING  1 where the input is missing, else 0
    =======  ==========================================================================

    A missing value is NaN. Without a front the entries of a program are its inputs.

    Parameters
    ----------
    sources : ndarray of int of shape (n_entries,)
        Which of the program's inputs each entry is made of.
    kinds : ndarray of int of shape (n_entries,)
        What each entry is, ascending.
    constants : ndarray of float of shape (n_entries,)
        The constant of each entry. NaN where there is none: where inputs are never missing, and in
        entries of the kind MISSING.
    """

    sources: np.ndarray
    kinds: np.ndarray
    constants: np.ndarray

    @property
    def n_entries(self) -> int:
        """Number of entries."""
        return len(self.sources)

    @property
    def n_connections(self) -> int:
        """Number of weights: none."""
        return 0

    @cached_property
    def parts(self) -> tuple[slice, slice, slice]:
        """Slices of the entries of each kind."""
        ends = np.searchsorted(self.kinds, (VALUE, EQUAL, MISSING), side="right").tolist()
        return slice(0, ends[0]), slice(ends[0], ends[1]), slice(ends[1], ends[2])

    @cached_property
    def compares(self) -> np.ndarray:
        """Mask of the entries that need a comparison; the others are copies of inputs."""
        return (self.kinds != VALUE) | ~np.isnan(self.constants)

    @property
    def copied(self) -> np.ndarray:
        """Inputs that have to be there, as some entry copies them."""
        return np.unique(self.sources[~self.compares])

    @property
    def numbers(self) -> np.ndarray:
        """Fill values and categories, which have to fit into a type."""
        return self.constants[~np.isnan(self.constants)]

    def hashed(self) -> list[np.ndarray]:
        """Arrays that name what is computed, in fixed types."""
        return [self.sources.astype("<i8"), self.kinds, self.constants.astype("<f4")]

    def select(self, read) -> tuple[np.ndarray, np.ndarray, Front]:
        """What is needed where only some entries are read.

        Parameters
        ----------
        read : ndarray of int
            Entries that rows read, ascending.

        Returns
        -------
        entries, inputs : ndarray of int
            Entries that there will be, and features that are their inputs.
        front : Front
            What makes these entries of these inputs.
        """
        inputs, sources = np.unique(self.sources[read], return_inverse=True)
        front = Front(sources.astype(np.int32), self.kinds[read], self.constants[read])
        return read, inputs, front

    def problems(self, n_inputs: int) -> Iterator[str]:
        """Yield what is wrong; each check relies on those before it.

        Parameters
        ----------
        n_inputs : int
            Number of inputs of the program.

        Yields
        ------
        problem : str
            What is wrong.
        """
        for name, kind in {"sources": "i", "kinds": "i", "constants": "f"}.items():
            array = getattr(self, name)
            if array.shape != self.sources.shape or array.ndim != 1 or array.dtype.kind != kind:
                yield f"{name} of the front is of shape {array.shape} and dtype {array.dtype}"
        ordered = np.concatenate([[VALUE], self.kinds, [MISSING]])
        if (ordered[1:] < ordered[:-1]).any():
            yield "kinds of the front don't rise from 0 to 2"
        if not np.array_equal(np.unique(self.sources), np.arange(n_inputs)):
            yield f"the front doesn't read each of {n_inputs} inputs"
        if np.isinf(self.constants).any() or np.isnan(self.constants[self.parts[EQUAL]]).any():
            yield "constants of the front are not finite"

    def entries(self, inputs: np.ndarray) -> np.ndarray:
        """Values of the entries.

        Parameters
        ----------
        inputs : ndarray of float of shape (n_inputs, n_samples)
            Values of the inputs, NaN where they are missing.

        Returns
        -------
        entries : ndarray of shape (n_entries, n_samples)
            In the dtype of the inputs, in which constants are compared too.
        """
        entries = inputs[self.sources]
        constants = self.constants.astype(inputs.dtype)[:, None]
        values, equal, missing = self.parts
        is_missing = np.isnan(entries)
        entries[values] = np.where(is_missing[values], constants[values], entries[values])
        entries[equal] = entries[equal] == constants[equal]
        entries[missing] = is_missing[missing]
        return entries
