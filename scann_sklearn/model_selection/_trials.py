"""What a search has tried: what is kept of it, and goes on after an interruption."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import Any

import joblib
import numpy as np

from scann_sklearn._dominance import hypervolume, non_dominated

STAGES = ("sample", "evolved", "local")


@dataclass
class Trial:
    """A candidate, and its fits as they end.

    Parameters
    ----------
    params : dict
        Its parameters.
    stage : {"sample", "evolved", "local", ""}
        What it comes from, where there are stages.
    cost : float, default=nan
        Its price, where it has one.
    point : tuple, default=None
        Its place in the space; a local one has none.
    predicted : float, default=nan
        Its score as it was predicted before the fits.
    start : int, default=-1
        Index of the trial whose networks it goes on from.
    bound : int, default=-1
        Connections that it may have, if it goes on from others.
    round : int, default=-1
        Number of its round.
    outs : dict of int to dict
        By number of split what scikit-learn returns of a fit.
    models : dict of int to estimator
        By number of split what was fitted, where something may go on from it.
    """

    params: dict[str, Any]
    stage: str = ""
    cost: float = nan
    point: Any = None
    predicted: float = nan
    start: int = -1
    bound: int = -1
    round: int = -1
    outs: dict[int, dict] = field(default_factory=dict)
    models: dict[int, Any] = field(default_factory=dict)

    def score(self, metric: str) -> float:
        """Mean score of the splits; NaN where one isn't finite."""
        scores = [out["test_scores"] for out in self.outs.values()]
        values = [score[metric] if isinstance(score, dict) else score for score in scores]
        mean = float(np.mean(values))
        return mean if isfinite(mean) else nan


@dataclass
class Journal:
    """All that a search needs to go on.

    Parameters
    ----------
    identity : dict of str to str
        What it is about: another search can't go on with it.
    seed : list of int
        What each round's random numbers are made of, with its number.
    splits : list
        Training and test rows; the same for all rounds.
    n_initial : int
        Number of candidates of the first sample.
    trials : list of Trial
        Those of finished rounds.
    batch : list of Trial
        Those of the round that is running, or was interrupted.
    history : list of dict
        A record a round.
    """

    identity: dict[str, str]
    seed: list[int]
    splits: list
    n_initial: int
    trials: list[Trial] = field(default_factory=list)
    batch: list[Trial] = field(default_factory=list)
    history: list[dict] = field(default_factory=list)

    def count(self, stage: str) -> int:
        """Number of finished candidates of a stage."""
        return sum(trial.stage == stage for trial in self.trials)

    def complete(self) -> list[Trial]:
        """Candidates all of whose fits have ended."""
        return [t for t in [*self.trials, *self.batch] if len(t.outs) == len(self.splits)]

    def log_costs(self) -> np.ndarray:
        """Logarithms to base 10 of the prices of finished candidates."""
        return np.log10([trial.cost for trial in self.trials])

    def scores(self, metric: str) -> np.ndarray:
        """Mean scores of finished candidates."""
        return np.array([trial.score(metric) for trial in self.trials])

    def reference(self, metric: str) -> tuple[float, float]:
        """Largest log cost and lowest score of the first sample; what a hypervolume ends at."""
        first = [trial for trial in self.trials if trial.stage == "sample"]
        scores = [score for t in first if isfinite(score := t.score(metric))]
        return float(np.log10(max(t.cost for t in first))), min(scores, default=nan)

    def hypervolume(self, metric: str) -> float:
        """Area that finished candidates dominate; NaN where none has a score."""
        scores, (most, least) = self.scores(metric), self.reference(metric)
        valid = np.isfinite(scores)
        if not isfinite(least):
            return nan
        return hypervolume(self.log_costs()[valid], scores[valid], most, least)

    def front(self, metric: str) -> list[int]:
        """Indices of the finished candidates that none beats."""
        scores = self.scores(metric)
        valid = np.flatnonzero(np.isfinite(scores))
        return valid[non_dominated(self.log_costs()[valid], scores[valid])].tolist()

    def forget_beaten(self, metric: str) -> None:
        """Drop the networks of candidates that are not on the front."""
        front = set(self.front(metric))
        for number, trial in enumerate(self.trials):
            if number not in front:
                trial.models.clear()


def check_same(journal: Journal, identity: dict[str, str]) -> None:
    """Raise where a search that goes on is not the one that was begun."""
    changed = [name for name, value in identity.items() if journal.identity.get(name) != value]
    if not changed:
        return
    name = changed[0]
    values = "" if name in ("X", "y", "fit parameters") else f": it is {identity[name]}"
    if values:
        values += f", it was {journal.identity.get(name)}"
    raise ValueError(
        "warm_start=True continues the search that was fitted, but "
        f"{' and '.join(changed)} {'have' if len(changed) > 1 else 'has'} "
        f"changed{values}. Set warm_start=False to start a new one."
    )


def digest(array: Any) -> str:
    """What tells data from others."""
    return joblib.hash(np.ascontiguousarray(array) if isinstance(array, np.ndarray) else array)


def described(value: Any) -> str:
    """What tells parameters from others: words, without places in memory."""
    if hasattr(value, "get_params"):
        inner = sorted(value.get_params(deep=True).items())
        return re.sub(r" at 0x[0-9a-fA-F]+", "", f"{type(value).__qualname__}({inner})")
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))
