"""The rounds of STEERAGE: planned, carried out, kept, and at last a refit."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time
import warnings
from abc import abstractmethod
from math import isfinite
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from scann_sklearn.model._steps import last_of
from scann_sklearn.model_selection._continued import BOUND, continued, prefix_of, whole
from scann_sklearn.model_selection._planned import Data
from scann_sklearn.model_selection._predictor import rank_correlation
from scann_sklearn.model_selection._prices import Prices, head_of
from scann_sklearn.model_selection._proposals import Proposals
from scann_sklearn.model_selection._results import columns_of, metrics_in, results_of
from scann_sklearn.model_selection._round_search import RoundSearch
from scann_sklearn.model_selection._space import Space
from scann_sklearn.model_selection._trials import (
    STAGES,
    Journal,
    Trial,
    check_same,
    described,
    digest,
)


class SteerageRounds(RoundSearch):
    """What STEERAGESearchCV does; its parameters and what they mean are there."""

    param_distributions: Any
    cost: Any
    time_budget: Any
    warm_start: bool
    random_state: Any
    _journal: Journal

    @abstractmethod
    def _numbers(self) -> dict[str, int]:
        """How many candidates each stage and round has."""

    def _plan(self, X) -> tuple[dict[str, int], Space]:
        return self._numbers(), Space(self.param_distributions)

    def _search(self, plan, given, root) -> list[Trial]:
        numbers, space = plan
        journal = self._begun(given, space, numbers)
        batches = self._batches(given, journal.splits, journal.seed, bool(numbers["local"]))
        proposals = Proposals(space, self._prices(given.X, given.y, journal.splits), journal)
        try:
            with batches.parallel:
                self._run_rounds(proposals, batches, numbers, root)
        except BaseException as error:
            self._keep_batch(error)
            raise
        self._publish(journal)
        predictor = proposals.predictor(self.metric_, np.random.default_rng(journal.seed))
        if predictor is not None:
            self.predictor_ = predictor
        return journal.trials

    def _begun(self, given, space, numbers) -> Journal:
        """What was tried before, with `warm_start`; else a new journal."""
        identity = {
            "X": digest(given.X),
            "y": digest(given.y),
            "fit parameters": digest(given.params),
            "estimator": described(self.estimator),
            "param_distributions": described(space),
            "cost": described(self.cost),
            "scoring": described(self.scoring),
            "metric": described(self.metric),
            "cv": described(self.cv),
            "return_train_score": described(self.return_train_score),
        }
        if self.warm_start and hasattr(self, "_journal"):
            check_same(self._journal, identity)
            return self._journal
        splits = self._splits(given)
        # check_random_state(None) would be numpy's global stream
        seeded = self.random_state is not None
        rng = check_random_state(self.random_state) if seeded else np.random.RandomState()
        drawn = rng.randint(2**31 - 1, size=4).tolist()
        seed = drawn if seeded or given.kept.seed is None else given.kept.seed
        self._journal = Journal(identity, seed, splits, numbers["sample"])
        return self._journal

    def _prices(self, X, y, splits) -> Prices:
        rows = np.arange(np.shape(X)[0])
        n_samples = min(len(rows[train]) for train, _ in splits)
        data = Data(n_samples, tuple(np.shape(X)[1:]), head_of(self.estimator, y))
        return Prices(self.cost, self.estimator, data)

    def _run_rounds(self, proposals, batches, numbers, root) -> None:
        journal, kept = proposals.journal, batches.kept
        started = time.monotonic() - kept.seconds_before
        exhausted: set[str] = set()
        with self._search_task(root, None) as task:
            while True:
                begun = time.monotonic()
                if not journal.batch:
                    late = self.time_budget is not None and begun - started >= self.time_budget
                    if late and journal.trials and len(journal.trials) >= kept.n_known:
                        break
                    stage, n = self._next(journal, numbers, exhausted)
                    if not n:
                        break
                    metric = self._metric_of(journal) if journal.trials else ""
                    if stage == "local":
                        self._regain(journal, batches, metric, task)
                    journal.batch = proposals.of(stage, n, metric)
                    if not journal.batch:
                        exhausted.add(stage)
                        continue
                self._carry_out_batch(journal, batches, task, begun)
        if "evolved" in exhausted or "sample" in exhausted:
            warnings.warn(
                "The space of param_distributions has hardly any candidates left: "
                f"{len(journal.trials)} were tried, fewer than "
                f"n_iter={sum(numbers[stage] for stage in STAGES)}.",
                UserWarning,
                stacklevel=4,
            )

    def _next(self, journal, numbers, exhausted) -> tuple[str, int]:
        """Stage of the next round and its number of candidates; 0: the search ends."""
        wanted = numbers | {"sample": journal.n_initial}
        wanted["evolved"] += numbers["sample"] - journal.n_initial
        for stage in STAGES:
            n = wanted[stage] - journal.count(stage)
            if n > 0 and stage not in exhausted:
                return stage, n if stage == "sample" else min(n, numbers["batch"])
        return "", 0

    def _regain(self, journal, batches, metric, task) -> None:
        """Fit networks of the front again that an earlier process has fitted."""
        for number, places in batches.lost(journal, metric):
            with self._round_task(task, f"candidate {number} again", len(places)) as again:
                batches.regain(journal.trials, number, places, again)

    def _carry_out_batch(self, journal, batches, task, begun) -> None:
        """Fit a batch, and enter it into the journal."""
        batch, stage = journal.batch, journal.batch[0].stage
        number = len(journal.history)
        self._carry_out(batches, batch, journal.trials, task, f"round {number} ({stage})")
        journal.trials, journal.batch = [*journal.trials, *batch], []
        metric = self._metric_of(journal)
        scores = np.array([trial.score(metric) for trial in batch])
        predicted = np.array([trial.predicted for trial in batch])
        best = max(journal.trials, key=lambda t: (_or_least(t.score(metric)), -t.cost))
        record = {
            "round": number,
            "stage": stage,
            "n_candidates": len(batch),
            "rank_correlation": rank_correlation(predicted, scores),
            "hypervolume": journal.hypervolume(metric),
            "best_score": best.score(metric),
            "best_cost": best.cost,
            "seconds": time.monotonic() - begun,
        }
        journal.history.append(record)
        journal.forget_beaten(metric)
        if self.verbose:
            print(_line(record), flush=True)

    def _metric_of(self, journal) -> str:
        """Name of the metric that decides, once there are scores."""
        names = metrics_in(journal.trials)
        self._check_names(names)
        return self._watched(names)

    def _check_metric(self) -> None:
        super()._check_metric()
        if isinstance(self.scoring, list | tuple | dict):
            self._check_names(list(self.scoring))

    def _check_names(self, names) -> None:
        if "cost" in names:
            raise ValueError(
                "scoring has a metric named 'cost', which is also the name of the "
                "costs in cv_results_: rename it."
            )

    def _keep_batch(self, error) -> None:
        """After an error: candidates that are complete are results, single fits are kept."""
        journal = self._journal
        n_single = sum(len(t.outs) for t in journal.batch if len(t.outs) < self.n_splits_)
        if journal.complete():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # one that is an error would hide what has happened
                self._publish(journal)
        if journal.trials or journal.batch:
            error.add_note(
                f"{n_single} single fits of other candidates are kept too. With "
                "warm_start=True the next fit on the same data continues from here."
            )

    def _publish(self, journal) -> None:
        trials = journal.complete()
        results = results_of(self, trials, columns_of(trials))
        self.cv_results_ = results | {"mean_test_cost": -results["cost"]}
        self.history_ = list(journal.history)
        if journal.trials:
            self.metric_ = self._metric_of(journal)

    def _select_best_index(self, refit, refit_metric, results) -> int:
        if callable(refit):  # a rule of the user's
            return super()._select_best_index(refit, refit_metric, results)
        ranks = results[f"rank_test_{refit_metric}"]
        best = np.flatnonzero(ranks == ranks.min())
        return int(best[np.argmin(results["cost"][best])])  # of equally good ones the cheapest

    def _fit_chosen(self, trials, fit) -> None:
        """Fit the chosen candidate, a local one after what it goes on from."""
        chain = [trials[self.best_index_]]
        while chain[0].start >= 0:
            chain.insert(0, trials[chain[0].start])
        first = clone(self.estimator).set_params(**clone(chain[0].params, safe=False))
        self.best_estimator_ = first
        fit(first)
        for trial in chain[1:]:
            fitted = self.best_estimator_
            going_on = continued(fitted).set_params(**{prefix_of(fitted) + BOUND: trial.bound})
            self.best_estimator_ = whole(going_on, fitted)
            fit(going_on)
            last_of(self.best_estimator_).set_params(warm_start=last_of(fitted).warm_start)


def _or_least(score: float) -> float:
    return score if isfinite(score) else -np.inf


def _line(record) -> str:
    """One line about a round."""
    n = record["n_candidates"]
    found = [f"round {record['round']} ({record['stage']}): {n} candidate{'s' * (n > 1)}"]
    if isfinite(record["rank_correlation"]):
        found.append(f"rank correlation {record['rank_correlation']:.2f}")
    found.append(f"best {record['best_score']:.4g} at cost {record['best_cost']:.6g}")
    found.append(f"hypervolume {record['hypervolume']:.4g}")
    return ", ".join([*found, f"{record['seconds']:.1f} s"])
