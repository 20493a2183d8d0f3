"""What a synthesis has found: checkpoints and those of them that nothing dominates."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite, nan

import numpy as np

from scann_sklearn._dominance import non_dominated
from scann_sklearn.network._network import Network
from scann_sklearn.synthesis._plan import PastRound


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A trained network and its score on the validation data.

    Parameters
    ----------
    network : Network
        The network, in the scale of training.
    score : float
        Its validation score; greater is better.
    """

    network: Network
    score: float

    @property
    def n_connections(self) -> int:
        """Number of connections."""
        return self.network.n_connections


@dataclass(frozen=True, eq=False)
class Memory:
    """All that a synthesis knows after a round: with it, another one goes on from there.

    Parameters
    ----------
    network : Network
        As the round has left it, with the optimizer's memory.
    frontier : tuple of Checkpoint
        The frontier so far.
    past : tuple of PastRound
        A record of each round.
    history : tuple of dict
        A record of each epoch.
    last_score : float
        Validation score of the network.
    n_far_below : int
        How many rounds in a row have lost too much: see `Synthesis.run`.
    """

    network: Network
    frontier: tuple[Checkpoint, ...]
    past: tuple[PastRound, ...]
    history: tuple[dict, ...]
    last_score: float
    n_far_below: int


class Frontier:
    """Checkpoints of which none has both fewer connections and a better score than another.

    Parameters
    ----------
    constant_score : float, default=nan
        Score of the best constant prediction, where there is one.
    """

    def __init__(self, constant_score: float = nan) -> None:
        self.constant_score = constant_score
        self._points: list[Checkpoint] = []

    def add(self, checkpoint) -> bool:
        """Take a checkpoint in, unless another dominates it; drop those that it dominates.

        Among equals the first stays.

        Parameters
        ----------
        checkpoint : Checkpoint
            The candidate.

        Returns
        -------
        taken : bool
            Whether it is on the frontier now.
        """
        points = [*self._points, checkpoint]
        cost = np.array([point.n_connections for point in points])
        score = np.array([point.score for point in points])
        front = [points[i] for i in non_dominated(cost, score)]
        last = len(points) - 1
        same = (cost[:last] == cost[last]) & (score[:last] == score[last])
        if checkpoint not in front or same.any():
            return False
        self._points = front
        return True

    def recall(self, points) -> None:
        """Take the place of another frontier.

        Parameters
        ----------
        points : iterable of Checkpoint
            That of another run, in its order.
        """
        self._points = list(points)

    def __iter__(self) -> Iterator[Checkpoint]:
        """Iterate in ascending number of connections, and so of score."""
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)

    @property
    def best_score(self) -> float:
        """The best score so far; minus infinity before the first checkpoint."""
        return self._points[-1].score if self._points else float("-inf")

    @property
    def gain(self) -> float:
        """What the best score is above that of a constant: what losses of score are shares of.

        Zero where nothing is better than a constant; 1 where a constant has no score.
        """
        gain = self.best_score - self.constant_score
        return max(gain, 0.0) if isfinite(gain) else 1.0
