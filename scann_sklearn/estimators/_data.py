"""The data of a fit, and the random generators for its purposes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.model_selection import train_test_split

from scann_sklearn.network._row_samples import RowSamples, taken

_FRACTION, _FEWEST_VALIDATION_ROWS = 0.1, 10
_LARGE = 2**26  # bytes of an X of which the training part isn't copied as it is, but only scaled


@dataclass
class Part:
    """Rows that belong together.

    Parameters
    ----------
    source : ndarray or scipy.sparse CSR of shape (n_samples, n_features), or RowSamples
        Samples, or where they are read.
    y : ndarray
        What is to be predicted, as heads take it: class numbers of shape (n_samples,), else one
        column an output.
    sample_weight : ndarray of shape (n_samples,)
        Their weights.
    extracted : ndarray of shape (n_samples, n_read), default=None
        What a feature extractor has made of X.
    """

    source: Any
    y: np.ndarray
    sample_weight: np.ndarray
    extracted: np.ndarray | None = None

    @property
    def X(self) -> Any:
        """The samples; rows of a large array are copied each time."""
        return self.source.dense() if isinstance(self.source, RowSamples) else self.source

    @property
    def inputs(self) -> Any:
        """What the network reads, before it is scaled: samples, or what was made of them."""
        return self.source if self.extracted is None else self.extracted

    def take(self, rows: np.ndarray) -> Part:
        """Some of the rows.

        Parameters
        ----------
        rows : ndarray of int
            Which.

        Returns
        -------
        part : Part
            With these rows only.
        """
        extracted = None if self.extracted is None else self.extracted[rows]
        if issparse(self.source):
            X = self.source[rows]
        elif isinstance(self.source, RowSamples):
            X = self.source.dense(rows)
        else:
            X = taken(self.source, rows)
        return Part(X, self.y[rows], self.sample_weight[rows], extracted)

    def view(self, rows: np.ndarray) -> Part:
        """Some of the rows, which are not copied where X is large.

        Parameters
        ----------
        rows : ndarray of int
            Which.

        Returns
        -------
        part : Part
            With these rows only.
        """
        if not is_large(self.source) or self.extracted is not None:
            return self.take(rows)
        return Part(RowSamples(self.source, rows), self.y[rows], self.sample_weight[rows])


def is_large(X: Any) -> bool:
    """Whether samples are an array that should be copied as seldom as possible.

    Parameters
    ----------
    X : ndarray or scipy.sparse CSR of shape (n_samples, n_features), or RowSamples
        Samples.

    Returns
    -------
    is_large : bool
        False for all but arrays.
    """
    return isinstance(X, np.ndarray) and X.nbytes > _LARGE


class Streams:
    """Independent random generators for the purposes of one fit.

    Parameters
    ----------
    random_state : int, numpy.random.RandomState, numpy.random.Generator or None
        None: fresh entropy. The global stream of numpy is neither read nor moved.

    Attributes
    ----------
    entropy : int
        What all of them come from: as `random_state` it gives the same ones.
    """

    def __init__(
        self, random_state: int | np.random.RandomState | np.random.Generator | None
    ) -> None:
        if isinstance(random_state, np.random.Generator):
            random_state = int(random_state.integers(2**31))
        elif isinstance(random_state, np.random.RandomState):
            random_state = int(random_state.randint(2**31))
        elif random_state is not None:
            random_state = int(random_state)
        root = np.random.SeedSequence(random_state)
        self.entropy: Any = root.entropy
        generators = map(np.random.default_rng, root.spawn(6))
        self.split, self.weights, self.shuffle, self.noise, self.teacher, self.images = generators

    @property
    def states(self) -> dict[str, Any]:
        """Where each of them is."""
        return {name: rng.bit_generator.state for name, rng in self._generators()}

    def recall(self, states: dict[str, Any]) -> None:
        """Bring each of them to where it was.

        Parameters
        ----------
        states : dict of str to dict
            What `states` has been.
        """
        for name, rng in self._generators():
            rng.bit_generator.state = states[name]

    def _generators(self) -> list[tuple[str, np.random.Generator]]:
        found = vars(self).items()
        return [(name, rng) for name, rng in found if isinstance(rng, np.random.Generator)]


def split_validation(
    data: Part, strata: np.ndarray | None, fraction: float | str, rng: np.random.Generator
) -> tuple[Part, Part]:
    """Set a part aside for validation.

    Parameters
    ----------
    data : Part
        All that was given.
    strata : ndarray of int of shape (n_samples,) or None
        Classes, of which both parts get their share; None: rows are drawn at random.
    fraction : float or "auto"
        Share of the rows for validation; "auto": a tenth.
    rng : numpy.random.Generator
        What draws them.

    Returns
    -------
    train, validation : Part
        Both are the whole data where the validation part would hold fewer than 10 rows or a class
        has too few rows to be in both.
    """
    counts = np.bincount(np.zeros(len(data.y), int) if strata is None else strata)
    share = _FRACTION if isinstance(fraction, str) else fraction
    n_validation = int(np.ceil(share * len(data.y)))
    enough = max(_FEWEST_VALIDATION_ROWS, (counts > 0).sum())
    if n_validation < enough or counts[counts > 0].min() < 2 or len(data.y) - n_validation < enough:
        return data, data
    train, validation = train_test_split(
        np.arange(len(data.y)),
        test_size=n_validation,
        stratify=strata,
        random_state=int(rng.integers(2**31)),
    )
    return data.view(train), data.take(validation)
