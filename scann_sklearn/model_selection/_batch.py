"""The fits of one round, each of which is kept as soon as it has ended."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sklearn.base import clone
from sklearn.utils.parallel import delayed

from scann_sklearn._parallel import ParallelAsEnded
from scann_sklearn._sklearn import _fit_and_score
from scann_sklearn.model_selection._continued import BOUND, continued, prefix_of
from scann_sklearn.model_selection._kept import KeptFits
from scann_sklearn.model_selection._trials import Journal, Trial


@dataclass
class Given:
    """What a search has got.

    Parameters
    ----------
    X, y : array-like
        All samples.
    params : dict
        What else its `fit` got.
    scorers : callable
        What scores fits.
    routed : Bunch
        Parameters of the estimator, the scorers and the splitter.
    kept : KeptFits
        Fits that have ended, in this process or before.
    """

    X: Any
    y: Any
    params: dict[str, Any]
    scorers: Any
    routed: Any
    kept: KeptFits


@dataclass
class Batches:
    """What all fits of a search share.

    Parameters
    ----------
    search : estimator
        The search, for callbacks.
    estimator : estimator
        What candidates are made of.
    given : Given
        The data, and fits that have ended.
    splits : list
        Training and test rows.
    parallel : ParallelAsEnded
        Carries out fits; it gives each as it ends.
    keywords : dict
        For scikit-learn's `_fit_and_score`.
    keeps_models : bool
        Whether what is fitted is kept.
    """

    search: Any
    estimator: Any
    given: Given
    splits: list
    parallel: ParallelAsEnded
    keywords: dict[str, Any]
    keeps_models: bool

    @property
    def kept(self) -> KeptFits:
        """Fits that have ended."""
        return self.given.kept

    def missing(self, batch: list[Trial]) -> list[tuple[int, int]]:
        """Numbers of candidate and split of the fits that have not ended."""
        splits = range(len(self.splits))
        return [(c, s) for c, trial in enumerate(batch) for s in splits if s not in trial.outs]

    def run(self, batch: list[Trial], trials: list[Trial], context: Any) -> None:
        """Carry out the fits that a batch lacks.

        Parameters
        ----------
        batch : list of Trial
            Candidates; their `outs` are filled.
        trials : list of Trial
            What local candidates may start from.
        context : CallbackContext
            Of the round.
        """
        places, first = self.missing(batch), len(trials)
        for (candidate, split), out, model in self._fitted(places, batch, trials, context):
            trial = batch[candidate]
            trial.outs[split] = out
            if model is not None:
                trial.models[split] = model
            if out["fit_error"] is None:  # another process may have what this one lacked
                self.kept.note(first + candidate, trial, split, out)

    def lost(self, journal: Journal, metric: str) -> list[tuple[int, list[tuple[int, int]]]]:
        """Candidates whose networks an earlier process has fitted, and local ones may go on from.

        Parameters
        ----------
        journal : Journal
            What was tried.
        metric : str
            What the front is about.

        Returns
        -------
        lost : list of (int, list of (int, int))
            Their numbers, a local one after what it goes on from, and the places for `regain`.
        """
        trials = journal.trials
        front = [n for n in journal.front(metric) if len(trials[n].models) < len(trials[n].outs)]
        wanted = set(front)
        for number in front:
            while (number := trials[number].start) >= 0:
                wanted.add(number)
        found = []
        for number in sorted(wanted):
            trial = trials[number]
            places = [(0, split) for split in trial.outs if split not in trial.models]
            if places and all(out["fit_error"] is None for out in trial.outs.values()):
                found.append((number, places))
        return found

    def regain(self, trials: list[Trial], number: int, places: list, context: Any) -> None:
        """Fit the networks of a candidate again."""
        trial = trials[number]
        for (_, split), _, model in self._fitted(places, [trial], trials, context):
            if model is not None:
                trial.models[split] = model

    def _fitted(self, places, batch, trials, context) -> Iterator[tuple[tuple, dict, Any]]:
        """Carry out fits; yields the place of each that has ended, its outcome and its model."""
        # made ahead of the loop: a callback must not change while it is pickled
        tasks = [
            context.subcontext(task_name="candidate-split-evaluation", task_id=number)
            for number in range(len(places))
        ]
        jobs = (
            delayed(_job)(
                place,
                *self._start(batch[place[0]], place[1], trials),
                self.given.X,
                self.given.y,
                train=self.splits[place[1]][0],
                test=self.splits[place[1]][1],
                split_progress=(place[1], len(self.splits)),
                candidate_progress=(place[0], len(batch)),
                return_estimator=self.keeps_models,
                caller=self.search,
                callback_ctx=task,
                **self.keywords,
            )
            for place, task in zip(places, tasks)
        )
        with closing(self.parallel(jobs)) as ended:
            for place, out in ended:
                model = out.pop("estimator", None)
                yield place, out, model if out["fit_error"] is None else None

    def _start(self, trial: Trial, split: int, trials: list[Trial]) -> tuple[Any, dict]:
        """Estimator that a fit begins with, and the parameters that it gets.

        A local candidate goes on from what was fitted to the training part of the same split:
        nothing has seen the rows that it is scored on.
        """
        if trial.start < 0:
            return clone(self.estimator), trial.params
        start = trials[trial.start].models[split]
        return continued(start), {prefix_of(start) + BOUND: trial.bound}


def _job(place, estimator, parameters, X, y, **keywords) -> tuple[tuple[int, int], dict]:
    return place, _fit_and_score(estimator, X, y, parameters=parameters, **keywords)
