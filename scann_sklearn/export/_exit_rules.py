"""Who leaves where in C code, and with which class: the same steps in NumPy."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np

from scann_sklearn.export._exponential import exp_single
from scann_sklearn.heads._exits import Exits

# 2**-x from 0 to 1, in units of 2**-20: 1 - x * (a - x * (b - c * x)), within 9e-5 of it.
CUBIC = (725182, 242387, 41540)
_EXPONENT_BITS = 10  # of the fraction of an exponent
_MOST = 2**32 - 1


class Left(NamedTuple):
    """Where samples left and what they were told.

    Parameters
    ----------
    numbers : ndarray of int of shape (n_samples,)
        Number of the class.
    exits : ndarray of int of shape (n_samples,)
        From 0 on.
    shares : ndarray of shape (n_samples, n_classes)
        Probabilities of the exit; of those that get the mean of all exits the sum of these.
    """

    numbers: np.ndarray
    exits: np.ndarray
    shares: np.ndarray


class ExitRule(ABC):
    """The decisions of C code that leaves early.

    Parameters
    ----------
    head : Exits
        Classes and thresholds.
    """

    share_type: type  # of probabilities

    def __init__(self, head: Exits) -> None:
        self.head = head

    @property
    def _thresholds(self) -> np.ndarray:
        """Of all exits: nobody is asked at the last one."""
        return np.append(self.head.thresholds[: self.head.n_exits - 1], 1.0)

    @property
    def by_sign(self) -> bool:
        """Whether the output of an exit is one, which tells two classes apart."""
        return self.head.inner.decides_by_sign

    @abstractmethod
    def of_exit(self, e: int, z: np.ndarray, best: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities of an exit, and which samples leave there.

        Parameters
        ----------
        e : int
            The exit, from 0 on.
        z : ndarray of shape (n_samples, n_classes)
            Its outputs; of two classes with one output 0 and that.
        best : ndarray of shape (n_samples,)
            The first of the largest.

        Returns
        -------
        shares : ndarray of shape (n_samples, n_classes)
            Probabilities.
        sure : ndarray of bool of shape (n_samples,)
            Of the last exit, where nobody is asked, of any value.
        """

    def clear(self, outputs: np.ndarray, tolerance: float) -> np.ndarray:
        """Whether rounding can't change the answers.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
            Outputs of all exits.
        tolerance : float
            By how much other roundings of an output may differ.

        Returns
        -------
        clear : ndarray of bool of shape (n_samples,)
            Of integers it never can.
        """
        return np.ones(len(outputs), bool)

    def leave(self, outputs: np.ndarray) -> Left:
        """Follow samples to where they leave.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
            Outputs of all exits in the numbers of the code.

        Returns
        -------
        left : Left
            What the C code answers.
        """
        n_samples, n_classes = len(outputs), len(self.head.classes)
        numbers, exits = np.zeros((2, n_samples), int)
        shares: np.ndarray = np.zeros((n_samples, n_classes), self.share_type)
        going = np.ones(n_samples, bool)
        for e, part in enumerate(self.head.parts(outputs)):
            z = self.head.inner.scores(part)
            best = z.argmax(axis=1)
            own, sure = self.of_exit(e, z, best)
            if e == self.head.n_exits - 1:
                sure = np.full(n_samples, not self.head.takes_mean)
            leaves = going & sure
            numbers[leaves], shares[leaves], exits[going] = best[leaves], own[leaves], e
            going &= ~sure
            shares[going] += own[going]
        numbers[going] = shares[going].argmax(axis=1)
        return Left(numbers, exits, shares)


class SingleExits(ExitRule):
    """Decisions in single precision.

    One output is compared by its size. Of several ones the distance of the second from the largest
    may decide; else the exponentials of all distances from the largest are added up.
    """

    share_type = np.float32

    @property
    def sizes(self) -> np.ndarray:
        """What the size of a single output has to exceed at each exit."""
        return _single(_logits(self._thresholds))

    @property
    def limits(self) -> np.ndarray:
        """What the sum of the exponentials has to stay below."""
        return _single(_odds_against(self._thresholds))

    @property
    def lows(self) -> np.ndarray:
        """What the distance of the second output has to exceed, whatever the others are."""
        return _single(-_log_odds_against(self._thresholds))

    @property
    def highs(self) -> np.ndarray:
        """The distance above which the others don't matter."""
        n_others = len(self.head.classes) - 1
        return _single(np.log(n_others) - _log_odds_against(self._thresholds))

    def of_exit(self, e, z, best) -> tuple[np.ndarray, np.ndarray]:
        rows = np.arange(len(z))
        terms = exp_single(z - z[rows, best][:, None])
        terms[rows, best] = 0
        rest = np.zeros(len(z), np.float32)
        for column in terms.T:
            rest += column
        terms[rows, best] = 1
        if self.by_sign:
            sure = np.abs(z[:, 1]) > self.sizes[e]
        else:
            second, first = np.sort(z, axis=1)[:, -2:].T
            ahead = first - second
            sure = (ahead > self.highs[e]) | ((ahead > self.lows[e]) & (rest < self.limits[e]))
        return terms * (1 / (1 + rest))[:, None], sure

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Probabilities of the exit that samples leave at; of the others the mean.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs), float32
            Outputs of all exits.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float32
            To the last bit those of the C code.
        """
        _, exits, shares = self.leave(outputs)
        is_mean = (exits == self.head.n_exits - 1) & self.head.takes_mean
        return np.where(is_mean[:, None], shares / np.float32(self.head.n_exits), shares)

    def clear(self, outputs: np.ndarray, tolerance: float) -> np.ndarray:
        """Where confidences are away from thresholds, and of two classes that may win one leads."""
        head, near = self.head, np.expm1(2 * min(tolerance, 1.0)) + 1e-5
        parts, asked = head.parts(np.asarray(outputs, float)), head.n_exits - 1
        confidence = np.reshape([head.confidence(z) for z in parts[:asked]], (asked, len(outputs)))
        t = head.thresholds[:asked, None]
        always = (t >= 1) | (t * len(head.classes) < 1 - near)  # nobody leaves, or everybody
        clear = ((np.abs(confidence - t) > near) | always).all(axis=0)
        probabilities = [head.inner.probabilities(z) for z in parts]
        for p in (*probabilities, *[np.mean(probabilities, axis=0)] * head.takes_mean):
            second, first = np.sort(p, axis=1)[:, -2:].T
            clear &= first - second > near
        return clear


class FixedExits(ExitRule):
    """Decisions in integers.

    A distance between outputs becomes an exponent of 2 by one product, and that a power by a cubic
    polynomial of its fraction. Probabilities are products with a reciprocal.

    Parameters
    ----------
    head : Exits
        Classes and thresholds.
    unit : float
        What an integer of the outputs is worth.

    Attributes
    ----------
    one_bits : int
        A power of 1 is ``2**one_bits``, such that those of all classes have a sum below 2**30.
    coarse, factor, half, farthest : int
        A distance d becomes ``(min(d >> coarse, farthest) * factor + half) >> 16``, its exponent in
        units of 2**-10.
    mean_bits : int
        Bits that probabilities lose so that those of all exits can be added.
    """

    share_type = np.int64

    def __init__(self, head: Exits, unit: float) -> None:
        super().__init__(head)
        n_classes = len(head.classes)
        if n_classes > 2**15:
            raise ValueError(
                f"{n_classes} classes are too many for early exits in integers, which take at "
                f"most {2**15}: use dtype='float32'."
            )
        self.unit = unit
        self.one_bits = min(26, 30 - (n_classes - 1).bit_length())
        self.mean_bits = (head.n_exits - 1).bit_length()
        last = (32 - self.lost_bits << _EXPONENT_BITS + 16) - 1  # at most: a power of 0
        exponents = unit * 2**_EXPONENT_BITS / np.log(2)  # of a distance of 1
        self.coarse = int(np.clip(-1 - np.floor(np.log2(exponents)), 0, 31))
        scaled = exponents * 2.0 ** (self.coarse + 16)
        self.factor = int(min(np.round(scaled), last - 2**15))
        self.half = 2**15 + (self.factor >> 1 if self.coarse else 0)
        self.farthest = min((last - self.half) // max(self.factor, 1), _MOST)

    @property
    def lost_bits(self) -> int:
        """Bits that powers have less than with few classes."""
        return 26 - self.one_bits

    @property
    def limits(self) -> np.ndarray:
        """What each exit compares with, the last too, which nobody is sure at."""
        t = self._thresholds
        if self.by_sign:
            return np.clip(np.floor(_logits(t) / self.unit), -1, 2**31 - 1).astype(np.int64)
        one = 1 << self.one_bits
        rest = np.maximum(np.round(np.minimum(_odds_against(t), len(self.head.classes)) * one), 1)
        return one + np.where(t < 1, rest, 0).astype(np.int64)

    def powers(self, distances: np.ndarray) -> np.ndarray:
        """Exponentials of negative distances.

        Parameters
        ----------
        distances : ndarray of int64
            How far outputs are below the largest.

        Returns
        -------
        powers : ndarray of int64
            In units of ``2**-one_bits``.
        """
        a, b, c = CUBIC
        near = np.minimum(distances >> self.coarse, self.farthest)
        exponent = (near * self.factor + self.half) >> 16
        x = exponent & (2**_EXPONENT_BITS - 1)
        power = 2**20 - ((x * (a - ((x * (b - ((x * c) >> 10))) >> 10))) >> 10)
        return (power << 6) >> ((exponent >> _EXPONENT_BITS) + self.lost_bits)

    def of_exit(self, e, z, best) -> tuple[np.ndarray, np.ndarray]:
        powers = self.powers(z.max(axis=1, keepdims=True) - z)
        total, limit = powers.sum(axis=1), self.limits[e]
        sure = np.abs(z[:, 1]) > limit if self.by_sign else total < limit
        low = self.one_bits - 15
        share = 2**30 // (total >> low)
        return ((powers >> low) * share[:, None]) >> self.mean_bits, sure


def _logits(t) -> np.ndarray:
    """What the size of a single output has to exceed: less than 0 for any, infinity for none."""
    return np.where(t < 0.5, -1.0, -_log_odds_against(t))


def _log_odds_against(t) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.log1p(-t) - np.log(t)


def _odds_against(t) -> np.ndarray:
    """What the sum of the other exponentials has to stay below, that of the largest being 1."""
    with np.errstate(divide="ignore"):
        return (1 - t) / t


def _single(values) -> np.ndarray:
    largest = np.finfo(np.float32).max
    return np.clip(values, -largest, largest).astype(np.float32)
