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
from sklearn.base import clone, is_classifier
from sklearn.model_selection import check_cv
from sklearn.utils import check_random_state, indexable

from scann_sklearn._parallel import ParallelAsEnded
from scann_sklearn._sklearn import (
    _check_method_params,
    _fit_context,
    _warn_or_raise_about_fit_failures,
)
from scann_sklearn.model._steps import last_of
from scann_sklearn.model_selection._batch import Batches
from scann_sklearn.model_selection._continued import BOUND, continued, prefix_of, whole
from scann_sklearn.model_selection._kept import kept_fits
from scann_sklearn.model_selection._planned import Data
from scann_sklearn.model_selection._predictor import rank_correlation
from scann_sklearn.model_selection._prices import Prices, head_of
from scann_sklearn.model_selection._proposals import Proposals
from scann_sklearn.model_selection._results import all_outs, results_of
from scann_sklearn.model_selection._round_search import RoundSearch
from scann_sklearn.model_selection._space import Space
from scann_sklearn.model_selection._trials import STAGES, Journal, check_same, described, digest


class SteerageRounds(RoundSearch):
    """What STEERAGESearchCV does; its parameters and what they mean are there."""

    param_distributions: Any
    cost: Any
    time_budget: Any
    warm_start: bool
    checkpoint: Any = None  # searches that were pickled before have none of their own
    random_state: Any
    _journal: Journal

    @abstractmethod
    def _numbers(self) -> dict[str, int]:
        """How many candidates each stage and round has."""

    @_fit_context(prefer_skip_nested_validation=False)
    def _fit_in_rounds(self, X, y, **params) -> None:
        numbers, space = self._numbers(), Space(self.param_distributions)
        scorers, refit_metric = self._get_scorers()
        self._check_metric()
        X, y = indexable(X, y)
        self._check_shape(np.shape(X))
        params = _check_method_params(X, params=params)
        with kept_fits(self, X, y, params) as kept:
            self._fit_kept(X, y, params, numbers, space, scorers, refit_metric, kept)

    def _fit_kept(self, X, y, params, numbers, space, scorers, refit_metric, kept) -> None:
        routed = self._get_routed_params_for_fit(params)
        weight = params.get("sample_weight")
        seen = {"X": X, "y": y, "metadata": None if weight is None else {"sample_weight": weight}}
        root = self._init_callback_context(max_subtasks=1 + (self.refit is not False))
        root.call_on_fit_task_begin(estimator=self, **seen)
        journal = self._begun(X, y, params, routed.splitter.split, space, numbers, kept)
        kept.begin(journal, self.verbose)
        self.n_splits_ = len(journal.splits)
        proposals = Proposals(space, self._prices(X, y, journal.splits), journal)
        batches = self._batches(X, y, scorers, routed, numbers, journal, kept)
        try:
            with batches.parallel:
                self._search(proposals, batches, numbers, root)
        except BaseException as error:
            self._keep_batch(error)
            raise
        self._publish(journal)
        predictor = proposals.predictor(self.metric_, np.random.default_rng(journal.seed))
        if predictor is not None:
            self.predictor_ = predictor
        _warn_or_raise_about_fit_failures(all_outs(journal.trials), self.error_score)
        self._choose(refit_metric)
        if self.refit:
            self._refit(X, y, routed.estimator.fit, root, seen)
        # The only scorer is not stored as a dict.
        self.scorer_ = getattr(scorers, "_scorers", scorers)
        root.call_on_fit_task_end(estimator=self, **seen)

    def _begun(self, X, y, params, split_params, space, numbers, kept) -> Journal:
        """What was tried before, with `warm_start`; else a new journal."""
        identity = {
            "X": digest(X),
            "y": digest(y),
            "fit parameters": digest(params),
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
        cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        # A splitter may give other splits at every call: rounds are compared, so take them once.
        splits = kept.splits or list(cv.split(X, y, **split_params))
        if not splits:
            raise ValueError(f"cv={self.cv!r} gives no split.")
        # check_random_state(None) would be numpy's global stream
        seeded = self.random_state is not None
        rng = check_random_state(self.random_state) if seeded else np.random.RandomState()
        drawn = rng.randint(2**31 - 1, size=4).tolist()
        seed = drawn if seeded or kept.seed is None else kept.seed
        self._journal = Journal(identity, seed, splits, numbers["sample"])
        return self._journal

    def _prices(self, X, y, splits) -> Prices:
        rows = np.arange(np.shape(X)[0])
        n_samples = min(len(rows[train]) for train, _ in splits)
        data = Data(n_samples, tuple(np.shape(X)[1:]), head_of(self.estimator, y))
        return Prices(self.cost, self.estimator, data)

    def _batches(self, X, y, scorers, routed, numbers, journal, kept) -> Batches:
        keywords = {
            "scorer": scorers,
            "fit_params": routed.estimator.fit,
            "score_params": routed.scorer.score,
            "return_train_score": self.return_train_score,
            "return_n_test_samples": True,
            "return_times": True,
            "return_parameters": False,
            "error_score": self.error_score,
            "verbose": self.verbose,
        }
        parallel = ParallelAsEnded(self.n_jobs, self.pre_dispatch)
        estimator, keeps = clone(self.estimator), bool(numbers["local"])
        return Batches(self, estimator, X, y, journal.splits, parallel, keywords, keeps, kept)

    def _search(self, proposals, batches, numbers, root) -> None:
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
                self._carry_out(journal, batches, task, begun)
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

    def _carry_out(self, journal, batches, task, begun) -> None:
        """Fit a batch, and enter it into the journal."""
        batch, stage = journal.batch, journal.batch[0].stage
        batches.kept.recall(batch, len(journal.trials))
        n_fits = len(batches.missing(batch))
        number = len(journal.history)
        with self._round_task(task, f"round {number} ({stage})", n_fits) as round_task:
            batches.run(batch, journal.trials, round_task)
        outs = all_outs([*journal.trials, *batch])
        if all(out["fit_error"] is not None for out in outs):
            _warn_or_raise_about_fit_failures(outs, self.error_score)  # raises
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
        outs = [out for out in all_outs(journal.trials) if out["fit_error"] is None]
        scores = outs[0]["test_scores"]
        names = sorted(scores) if isinstance(scores, dict) else ["score"]
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
        self.cv_results_ = results_of(self, trials, len(journal.splits))
        self.history_ = list(journal.history)
        if journal.trials:
            self.metric_ = self._metric_of(journal)

    def _choose(self, refit_metric) -> None:
        """The best candidate, as scikit-learn's searches choose it."""
        first = {name for name in self.cv_results_ if name.startswith("mean_test_")}
        names = sorted(name.removeprefix("mean_test_") for name in first - {"mean_test_cost"})
        self.multimetric_ = names != ["score"]
        if callable(self.scoring) and self.multimetric_:
            self._check_refit_for_multimetric(names)
            refit_metric = self.refit
        if not self.refit and self.multimetric_:
            return
        self.best_index_ = self._select_best_index(self.refit, refit_metric, self.cv_results_)
        if not callable(self.refit):
            self.best_score_ = self.cv_results_[f"mean_test_{refit_metric}"][self.best_index_]
        self.best_params_ = self.cv_results_["params"][self.best_index_]

    def _select_best_index(self, refit, refit_metric, results) -> int:
        if callable(refit):  # a rule of the user's
            return super()._select_best_index(refit, refit_metric, results)
        ranks = results[f"rank_test_{refit_metric}"]
        best = np.flatnonzero(ranks == ranks.min())
        return int(best[np.argmin(results["cost"][best])])  # of equally good ones the cheapest

    def _refit(self, X, y, fit_params, root, seen) -> None:
        """Fit the chosen candidate to all data, a local one after what it goes on from."""
        trials = self._journal.trials
        chain = [trials[self.best_index_]]
        while chain[0].start >= 0:
            chain.insert(0, trials[chain[0].start])
        labels = () if y is None else (y,)
        task = root.subcontext(task_name="refit-with-best-params")
        begun, going_on = time.monotonic(), clone(self.estimator)
        going_on.set_params(**clone(chain[0].params, safe=False))
        self.best_estimator_ = going_on
        task.call_on_fit_task_begin(estimator=self, **seen)
        for number, trial in enumerate(chain):
            if number:
                fitted = self.best_estimator_
                going_on = continued(fitted).set_params(**{prefix_of(fitted) + BOUND: trial.bound})
                self.best_estimator_ = whole(going_on, fitted)
            with task.propagate_callback_context(going_on):
                going_on.fit(X, *labels, **fit_params)
            if number:
                before = last_of(fitted).warm_start
                last_of(self.best_estimator_).set_params(warm_start=before)
        self.refit_time_ = time.monotonic() - begun
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_
        task.call_on_fit_task_end(estimator=self, **seen)


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
