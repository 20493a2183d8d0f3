"""Thresholds of early exits: the whole front of accuracy against expected energy."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scann_sklearn.heads._exits import Exits, first_sure
from scann_sklearn.network import _threshold_search

_MOST_STEPS = 2e9  # of the search: beyond, candidates are thinned out


@dataclass(frozen=True)
class ExitPoint:
    """Thresholds of the exits, and what they were worth on the validation data.

    Parameters
    ----------
    thresholds : tuple of float of length n_exits - 1
        A sample leaves at an exit whose largest probability is above its threshold.
    accuracy : float
        Share of the samples, by their weights, that are predicted right.
    energy : float
        Expected joules of an inference.
    shares : tuple of float of length n_exits
        Share of the samples that leave at each exit.
    """

    thresholds: tuple[float, ...]
    accuracy: float
    energy: float
    shares: tuple[float, ...]


class Held:
    """What exits say about samples that they were not trained on.

    Parameters
    ----------
    confidence : ndarray of shape (n_exits - 1, n_samples)
        Largest probability that each exit but the last gives.
    right : ndarray of bool of shape (n_exits, n_samples)
        Whether its class is the sample's; last, that of all exits together.
    weight : ndarray of shape (n_samples,)
        Weights of the samples; some are positive.
    """

    def __init__(self, confidence: np.ndarray, right: np.ndarray, weight: np.ndarray) -> None:
        counts = weight > 0
        self.confidence, self.right = confidence[:, counts], right[:, counts]
        self.weight = np.asarray(weight, np.float64)[counts]

    @classmethod
    def of(cls, head: Exits, outputs: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Held:
        """What a head makes of the outputs of all exits.

        Parameters
        ----------
        head : Exits
            Its thresholds don't matter.
        outputs : ndarray of shape (n_samples, n_outputs)
            Outputs of a network.
        y : ndarray of int of shape (n_samples,)
            Classes, from 0 on.
        weight : ndarray of shape (n_samples,)
            Weights of the samples.

        Returns
        -------
        held : Held
            The samples of positive weight.
        """
        shallow = head.parts(outputs)[:-1]
        confidence = np.array([head.confidence(part) for part in shallow])
        said = [head.inner.decide(part) for part in shallow]
        said.append(head.with_thresholds(np.ones(head.n_exits - 1)).decide(outputs))
        return cls(confidence, np.array(said) == y, weight)

    @classmethod
    def joined(cls, parts: list[Held]) -> Held:
        """Samples of several folds together."""
        arrays = zip(*[(p.confidence, p.right, p.weight) for p in parts], strict=True)
        confidence, right, weight = (np.concatenate(some, axis=-1) for some in arrays)
        return cls(confidence, right, weight)

    @cached_property
    def accuracies(self) -> np.ndarray:
        """Share that each exit alone would predict right; last, all exits together."""
        return self.right @ self.weight / self.weight.sum()

    def point(self, thresholds: np.ndarray, energies: np.ndarray) -> ExitPoint:
        """What thresholds are worth.

        Parameters
        ----------
        thresholds : ndarray of shape (n_exits - 1,)
            Thresholds.
        energies : ndarray of shape (n_exits,)
            Joules of leaving at each exit.

        Returns
        -------
        point : ExitPoint
            Its accuracy, energy and shares.
        """
        exits = first_sure(self.confidence, thresholds)
        right = self.right[exits, np.arange(len(exits))]
        shares = np.bincount(exits, self.weight, len(energies)) / self.weight.sum()
        return ExitPoint(
            tuple(map(float, thresholds)),
            float(right @ self.weight / self.weight.sum()),
            float(shares @ energies),
            tuple(shares.tolist()),
        )

    def front(self, energies: np.ndarray) -> list[ExitPoint]:
        """All thresholds that no others dominate in accuracy and expected energy.

        Parameters
        ----------
        energies : ndarray of shape (n_exits,)
            Joules of leaving at each exit, ascending.

        Returns
        -------
        front : list of ExitPoint
            Ascending in energy and accuracy. Of thresholds between which no sample lies one is
            taken, in the middle.

        Notes
        -----
        The result is exact: no thresholds do better on these samples. To lower a threshold past
        samples that the exit gets right, or that all later exits get wrong too, costs no accuracy
        and saves energy, whatever the other thresholds are. So only thresholds just above samples
        that would be lost are candidates, and zero: as many as an exit makes errors which others
        mend. All their combinations are tried, those of the last free exit in one pass, and
        branches that can't reach the front are left out. Should that take more than some 2e9 steps,
        every second candidate goes, and so on: then it is no longer exact.
        """
        found = [self._candidates(e) for e in range(len(self.confidence))]
        while np.prod([len(c) for c in found[:-1]], dtype=float) * len(self.weight) > _MOST_STEPS:
            longest = int(np.argmax([len(c) for c in found[:-1]]))
            found[longest] = np.append(found[longest][:-1:2], found[longest][-1])
        bins = np.array(
            [
                np.searchsorted(-candidates, -p, side="right")
                for candidates, p in zip(found, self.confidence, strict=True)
            ]
        )
        # a sample leaves with the first candidate that is below its confidence
        adds = self.right * self.weight
        hope = np.maximum.accumulate(adds[::-1], axis=0)[::-1].copy()
        sizes = np.array([len(c) for c in found])
        cost = np.asarray(energies, np.float64)
        _, _, chosen = _threshold_search.search(bins, sizes, adds, hope, self.weight, cost)
        return [
            self.point(np.array([c[k] for c, k in zip(found, row, strict=True)]), cost)
            for row in chosen
        ]

    def _candidates(self, e) -> np.ndarray:
        """Thresholds of an exit that may be worth it, descending."""
        p, mended = self.confidence[e], self.right[e + 1 :].any(axis=0)
        above = np.unique(p)
        lost = np.unique(p[~self.right[e] & mended])
        place = np.searchsorted(above, lost)
        following = above[np.minimum(place + 1, len(above) - 1)]
        middle = (lost + following) / 2
        middle = np.where(middle < following, middle, lost)  # where there is no number between
        middle[place == len(above) - 1] = 1.0
        return np.append(middle[::-1], 0.0)


def choose_exits(front: list[ExitPoint], floor: float, energy: float | None) -> ExitPoint:
    """Point of a front by one of two criteria.

    Parameters
    ----------
    front : list of ExitPoint
        Ascending in energy and accuracy.
    floor : float
        The cheapest that is at least so accurate, or the most accurate.
    energy : float or None
        The most accurate that costs at most so much, whatever the floor.

    Returns
    -------
    point : ExitPoint
        The choice.

    Raises
    ------
    ValueError
        If the energy is below that of the first exit.
    """
    if energy is not None:
        fitting = [point for point in front if point.energy <= energy]
        if not fitting:
            raise ValueError(
                f"An energy of {energy:.4g} J can't be reached: where all samples leave at the "
                f"first exit, an inference takes {front[0].energy:.4g} J."
            )
        return fitting[-1]
    return next((point for point in front if point.accuracy >= floor), front[-1])
