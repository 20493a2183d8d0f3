"""What the next round of a search tries."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from math import log10
from typing import Any

import numpy as np

from scann_sklearn.model_selection._continued import BOUND, can_continue, prefix_of, size_of
from scann_sklearn.model_selection._evolution import choose_batch, evolve
from scann_sklearn.model_selection._predictor import BoostedEnsemble
from scann_sklearn.model_selection._prices import BadPriceError, Prices
from scann_sklearn.model_selection._space import Point, Space, new_points
from scann_sklearn.model_selection._trials import Journal, Trial

_FEWEST = 3  # scores that trees can learn from
_SHARES = (0.7, 0.5, 0.85)  # of its connections, that a local candidate keeps of its start


class Proposals:
    """Candidates for the rounds of a search; a function of what was tried, and of random numbers.

    Parameters
    ----------
    space : Space
        Where candidates are from.
    prices : Prices
        What they cost.
    journal : Journal
        What was tried.
    """

    def __init__(self, space: Space, prices: Prices, journal: Journal) -> None:
        self.space, self.prices, self.journal = space, prices, journal

    def of(self, stage: str, n: int, metric: str) -> list[Trial]:
        """Up to n new candidates; fewer where hardly any is left.

        Parameters
        ----------
        stage : {"sample", "evolved", "local"}
            What the round does.
        n : int
            How many candidates.
        metric : str
            Whose scores decide; empty where there are none yet.

        Returns
        -------
        batch : list of Trial
            All different, and none tried before.
        """
        number = len(self.journal.history)
        rng = np.random.default_rng([*self.journal.seed, number])
        if stage == "sample":
            batch = self._sampled(n, rng)
        elif stage == "evolved":
            batch = self._evolved(n, metric, rng)
        else:
            batch = self._local(n, metric)
        for trial in batch:
            trial.round = number
        return batch

    def _accept(self, point: Point) -> bool:
        return self.prices.of_point(self.space, point) is not None

    def _price(self, point: Point) -> float:
        """Price of an acceptable point."""
        price = self.prices.of_point(self.space, point)
        return float("nan") if price is None else price

    def _seen(self) -> set[Point]:
        return {trial.point for trial in self.journal.trials}

    def _trial(self, stage: str, point: Point, predicted: float = float("nan")) -> Trial:
        return Trial(self.space.params(point), stage, self._price(point), point, predicted)

    def _sampled(self, n: int, rng: np.random.Generator) -> list[Trial]:
        points = new_points(self.space.sample(rng), self._seen(), n, self._accept)
        if not points and not self.journal.trials:
            raise ValueError(
                f"No candidate of param_distributions fits the data: {self.prices.reason}"
            ) from self.prices.reason
        return [self._trial("sample", point) for point in points]

    def predictor(self, metric: str, rng: np.random.Generator) -> BoostedEnsemble | None:
        """Trees that have learnt the scores so far; None where these are too few.

        Local candidates are left out: their scores are of longer fits than others have.
        """
        trials = [t for t in self.journal.trials if t.point is not None]
        scores = np.array([trial.score(metric) for trial in trials])
        valid = np.flatnonzero(np.isfinite(scores))
        if len(valid) < _FEWEST:
            return None
        X = self._features([trials[i].point for i in valid])
        return BoostedEnsemble(random_state=int(rng.integers(2**31))).fit(X, scores[valid])

    def _features(self, points: list[Point]) -> np.ndarray:
        prices = [self._price(point) for point in points]
        return np.column_stack([self.space.encode(points), np.log10(prices)])

    def _evolved(self, n: int, metric: str, rng: np.random.Generator) -> list[Trial]:
        seen, predictor = self._seen(), self.predictor(metric, rng)
        points: list[Point] = []
        predicted: dict[Point, float] = {}
        if predictor is not None:
            points, predicted = self._bred(predictor, n, metric, seen, rng)
        if len(points) < n:
            more = iter(lambda: self.space.draw(rng), None)
            points += new_points(more, seen | set(points), n - len(points), self._accept)
        if predictor is not None and (others := [p for p in points if p not in predicted]):
            predicted |= zip(others, predictor.predict(self._features(others)).tolist())
        return [self._trial("evolved", p, predicted.get(p, float("nan"))) for p in points]

    def _bred(self, predictor, n, metric, seen, rng) -> tuple[list[Point], dict[Point, float]]:
        """Points that evolution has found and that add the most, with what is predicted."""

        def rate(points: list[Point]) -> tuple[np.ndarray, np.ndarray]:
            X = self._features(points)
            mean, spread = predictor.predict_with_spread(X)
            return X[:, -1], mean + spread  # where little is known, more is possible

        best = [self.journal.trials[i].point for i in self.journal.front(metric)]
        start = [point for point in best if point is not None]
        fresh = [p for p in evolve(self.space, start, rate, self._accept, rng) if p not in seen]
        if not fresh:
            return [], {}
        cost, score = rate(fresh)
        chosen = [fresh[i] for i in self._worth_most(cost, score, n, metric)]
        means = predictor.predict(self._features(chosen)).tolist()
        return chosen, dict(zip(chosen, means))

    def _worth_most(self, cost, score, n, metric) -> list[int]:
        """Indices of candidates that would add most to what is there."""
        scores, costs = self.journal.scores(metric), self.journal.log_costs()
        valid = np.isfinite(scores)
        costs, scores = costs[valid], scores[valid]
        # a little beyond all that was seen, so that the ends of the front count too
        reference = (
            max(costs.max(), cost.max()) + 0.1,
            float(scores.min() - 0.1 * (np.ptp(scores) or 1.0)),
        )
        return choose_batch(cost, score, (costs, scores), reference, n)

    def _local(self, n: int, metric: str) -> list[Trial]:
        """Candidates with fewer connections than those of the front that they start from.

        Each is taken to score as its start does.
        """
        tried = {(trial.start, trial.bound) for trial in self.journal.trials}
        options, scores = [], []
        for start in self.journal.front(metric):
            trial = self.journal.trials[start]
            if len(trial.models) < len(self.journal.splits):
                continue  # it can't go on, or the fit to some split has failed
            if not can_continue(trial.models[0]):
                continue
            size = float(np.mean([size_of(model) for model in trial.models.values()]))
            for share in _SHARES:
                bound = int(share * size)
                option = self._smaller(start, bound)
                if option is not None and (start, bound) not in tried:
                    tried.add((start, bound))
                    options.append(option)
                    scores.append(trial.score(metric))
        if not options:
            return []
        cost = np.array([log10(option.cost) for option in options])
        return [options[i] for i in self._worth_most(cost, np.array(scores), n, metric)]

    def _smaller(self, start: int, bound: int) -> Trial | None:
        trial = self.journal.trials[start]
        params: dict[str, Any] = {**trial.params, prefix_of(trial.models[0]) + BOUND: bound}
        try:
            return Trial(params, "local", self.prices.of(params), start=start, bound=bound)
        except BadPriceError:
            raise
        except ValueError:
            return None  # too few to reach every output
