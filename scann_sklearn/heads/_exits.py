"""Early exits: several groups of outputs that tell the same classes apart, one after the other."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scann_sklearn.heads._class_head import ClassHead
from scann_sklearn.heads._targets import Targets
from scann_sklearn.network._codes import DISTILLATION, EXITS, IDENTITY, N_EXITS, TEMPERATURE


class Ahead(NamedTuple):
    """What has to be computed ahead of the network for the features of one exit.

    Parameters
    ----------
    n_features : int
        Number of these features.
    n_macs : int
        Multiplications of the section, which later ones need too.
    n_head_macs : int
        Multiplications between the section and the features.
    """

    n_features: int
    n_macs: int
    n_head_macs: int


class Exits(ClassHead):
    """Classes, told by the first exit that is sure of one; by all together where none is.

    Parameters
    ----------
    inner : ClassHead
        What the outputs of one exit mean.
    n_exits : int
        How many groups of outputs there are, the deepest last.
    distillation : float, default=0.0
        Share of what the deepest exit says in what the others learn; the labels have the rest.
    temperature : float, default=3.0
        Temperature that softens both for it.
    thresholds : sequence of float of length n_exits - 1 or n_exits, default=None
        A sample leaves at an exit whose largest probability is above its threshold. None: no sample
        leaves before the last. With one for the last exit too nobody gets past that, and what it
        says alone is the answer, not the mean over all.
    shares : sequence of float of length n_exits, default=None
        Share of the samples that are expected to leave at each exit. None: all leave at the last.
    section_ratio : float, default=None
        How many times as many connections a pruning leaves for each exit as for the one before.
        None: it ranks all of them together.
    ahead : sequence of Ahead, default=()
        Sections of torch modules ahead of the network, one for each exit.

    References
    ----------
    Zhang, Tan, Song, Chen, Bao, Ma. SCAN: A Scalable Neural Networks Framework Towards Compact and
    Efficient Models, arXiv:1906.03951.
    """

    loss, link = EXITS, IDENTITY
    answers_by_probabilities = True

    def __init__(
        self,
        inner: ClassHead,
        n_exits: int,
        distillation: float = 0.0,
        temperature: float = 3.0,
        thresholds: Sequence[float] | np.ndarray | None = None,
        shares: Sequence[float] | np.ndarray | None = None,
        section_ratio: float | None = None,
        ahead: Sequence[Ahead] = (),
    ) -> None:
        super().__init__(inner.classes)
        self.inner, self.n_exits = inner, n_exits
        self.distillation, self.temperature = distillation, temperature
        self.section_ratio, self.ahead = section_ratio, tuple(ahead)
        self.thresholds = np.ones(n_exits - 1) if thresholds is None else np.asarray(thresholds)
        self.shares = np.eye(n_exits)[-1] if shares is None else np.asarray(shares)
        self.n_outputs = n_exits * inner.n_outputs
        self.comparisons = n_exits * inner.comparisons

    def __repr__(self) -> str:
        return f"Exits({self.n_exits} x {self.inner!r})"

    def with_thresholds(self, thresholds=None, shares=None) -> Exits:
        """The same exits, which samples leave at other thresholds and in other shares."""
        own = (self.inner, self.n_exits, self.distillation, self.temperature)
        return Exits(*own, thresholds, shares, self.section_ratio, self.ahead)

    @property
    def loss_numbers(self) -> dict[int, float]:
        """Number of exits, share and temperature of the distillation."""
        share, temperature = float(self.distillation), float(self.temperature)
        return {N_EXITS: float(self.n_exits), DISTILLATION: share, TEMPERATURE: temperature}

    @property
    def meaning(self) -> str:
        """What there is to predict, in words."""
        return f"{self.inner.meaning}, {self.n_exits} exits"

    @property
    def output_names(self) -> list[str]:
        """Class that each output speaks for, and its exit."""
        names = self.inner.output_names
        return [f"{name} (exit {e + 1})" for e in range(self.n_exits) for name in names]

    @property
    def takes_mean(self) -> bool:
        """Whether the mean over all exits decides at the last; else that one alone does."""
        return len(self.thresholds) < self.n_exits

    @property
    def n_reached(self) -> int:
        """How many exits samples may get to: one whose threshold any sample exceeds is the last.

        The largest of n probabilities is 1/n at least, but for rounding.
        """
        certain = np.flatnonzero(self.thresholds * len(self.classes) < 1 - 1e-9)
        return int(certain[0]) + 1 if len(certain) else self.n_exits

    def reached(self) -> Exits:
        """The exits that samples may get to: the answers are the same."""
        n = self.n_reached
        own = (self.inner, n, self.distillation, self.temperature)
        rest = (self.section_ratio, self.ahead[:n])
        return Exits(*own, self.thresholds[:n], self.shares[:n], *rest)

    def targets(
        self,
        y: np.ndarray,
        sample_weight: np.ndarray | None = None,
        smoothing: float = 0.0,
        dtype: np.dtype | type = np.float64,
        labels: np.ndarray | None = None,
    ) -> Targets:
        """Targets of one exit: they are the same for all."""
        return self.inner.targets(y, sample_weight, smoothing, dtype, labels)

    def _values(self, probabilities) -> np.ndarray:
        return self.inner._values(probabilities)

    def _distributions(self, values) -> np.ndarray:
        return self.inner._distributions(values)

    def _bias_of(self, logarithms) -> np.ndarray:
        return np.tile(self.inner._bias_of(logarithms), self.n_exits)

    def parts(self, outputs: np.ndarray) -> list[np.ndarray]:
        """Outputs of each exit, n_exits arrays of shape (n_samples, inner.n_outputs)."""
        return np.split(outputs, self.n_exits, axis=1)

    def temperatures(
        self, outputs: np.ndarray, y: np.ndarray, sample_weight: np.ndarray
    ) -> np.ndarray:
        """One temperature for the outputs of each exit."""
        parts = self.parts(outputs)
        return np.concatenate([self.inner.temperatures(z, y, sample_weight) for z in parts])

    def confidence(self, part: np.ndarray) -> np.ndarray:
        """Largest probability that one exit gives, in double precision.

        Parameters
        ----------
        part : ndarray of shape (n_samples, inner.n_outputs)
            Outputs of the exit.

        Returns
        -------
        confidence : ndarray of float64 of shape (n_samples,)
            What is compared with a threshold.
        """
        with np.errstate(over="ignore"):  # a difference of huge outputs: probability zero
            return self.inner.probabilities(part.astype(np.float64)).max(axis=1)

    def exit_of(self, outputs: np.ndarray) -> np.ndarray:
        """Exit that each sample leaves at, from 0 on.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
            Outputs of all exits.

        Returns
        -------
        exits : ndarray of int of shape (n_samples,)
            The last where no other is sure enough.
        """
        asked = self.n_exits - 1
        shallow = [self.confidence(z) for z in self.parts(outputs)[:asked]]
        return first_sure(np.reshape(shallow, (asked, len(outputs))), self.thresholds[:asked])

    def log_probabilities_at(self, outputs: np.ndarray, exits: np.ndarray) -> np.ndarray:
        """Logarithms of class probabilities of samples that leave at known exits.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
            Outputs of the exits, those behind the own one of any value.
        exits : ndarray of int of shape (n_samples,)
            Exit of each sample, from 0 on. At the last the mean of all probabilities is taken, or,
            where there is a threshold for it, its own.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
            In double precision.
        """
        found = np.empty((len(outputs), len(self.classes)))
        for e in range(len(self.thresholds)):
            rows = exits == e
            found[rows] = _logarithms(self.inner, self.parts(outputs[rows])[e])
        if not self.takes_mean:
            return found
        rows = exits == self.n_exits - 1
        each = [_logarithms(self.inner, part) for part in self.parts(outputs[rows])]
        found[rows] = np.logaddexp.reduce(each, axis=0) - np.log(self.n_exits)
        return found

    def decide(self, outputs: np.ndarray) -> np.ndarray:
        """Number of the most probable class, at the exit of the sample."""
        return self.log_probabilities(outputs).argmax(axis=1)

    def scores(self, outputs: np.ndarray) -> np.ndarray:
        """The logarithms of the probabilities."""
        return self.log_probabilities(outputs)

    def log_probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Logarithms of class probabilities, at the exit of the sample."""
        return self.log_probabilities_at(outputs, self.exit_of(outputs))


def first_sure(confidence: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """First exit whose confidence is above its threshold; where there is none, the last.

    Parameters
    ----------
    confidence : ndarray of shape (n_exits - 1, n_samples)
        Largest probability that each exit but the last gives.
    thresholds : ndarray of shape (n_exits - 1,)
        Thresholds of these exits.

    Returns
    -------
    exits : ndarray of int of shape (n_samples,)
        From 0 on.
    """
    sure = np.vstack([confidence > thresholds[:, None], np.ones(confidence.shape[1], bool)])
    return sure.argmax(axis=0)


def _logarithms(inner, part) -> np.ndarray:
    """Logarithms of the probabilities of one exit, without SciPy."""
    z = inner.scores(part.astype(np.float64))
    with np.errstate(over="ignore"):  # a difference of huge outputs: probability zero
        z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))
