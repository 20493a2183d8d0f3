"""Search over settings of the synthesis: the frontier of all networks of many fits."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import copy
from dataclasses import dataclass
from itertools import product

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from benchmarks.reproduce._reductions import Reduction
from scann_sklearn import SCANNClassifier, SchemeA, SchemeB, SchemeC

SCHEMES = {
    "A": (SchemeA, (100,)),
    "B": (SchemeB, (100,)),
    "C 100": (SchemeC, (100,)),
    "C 60-60": (SchemeC, (60, 60)),
    "C 200-100": (SchemeC, (200, 100)),
}
# All have as many rounds a size as the defaults or more; large tasks need large networks to start
# from and long training.
TRAINING = {
    "long": {
        "initial_epochs": 60,
        "epochs": 40,
        "pruning_ratio": 0.3,
        "learning_rate_init": 0.01,
    },
    "fast": {"epochs": 10, "pruning_ratio": 0.3, "learning_rate_init": 0.02, "path_iterations": 3},
}
# The smallest network is attacked with bounds that are this part of it.
_STEPS = (0.85, 0.95)
_PARENTS, _ITERATIONS = 3, 8


@dataclass(frozen=True)
class Candidate:
    """A network and how it was made.

    Parameters
    ----------
    setting : str
        In words.
    model : SCANNClassifier
        The fitted classifier, at this network.
    score : float
        What it is chosen by: accuracy on validation data, or on training data where that is lower.
        Of many small networks, the best on validation data are lucky ones; the training data,
        which small networks hardly fit more than others, tell which.
    reduction : Reduction or None
        What is ahead of the network.
    """

    setting: str
    model: SCANNClassifier
    score: float
    reduction: Reduction | None

    @property
    def connections(self):
        """Number of connections."""
        return self.model.n_connections_

    @property
    def whole(self):
        """The network with the reduction ahead of it."""
        if self.reduction is None:
            return self.model
        return Pipeline([("reduce", self.reduction.reducer), ("scann", self.model)])

    @property
    def facts(self):
        """What a record says of how it was made."""
        facts = {} if self.reduction is None else self.reduction.facts
        return {"setting": self.setting, **facts}


def settings(pairs, teachers, input_scaling):
    """Classifiers to try, by what is special about each.

    Parameters
    ----------
    pairs : list of (str, str)
        Of `SCHEMES` and of `TRAINING`.
    teachers : list of classifier or None
        Fitted teachers; every pair is tried with each, and with none where that is None.
    input_scaling : str or None
        As for the classifier.

    Returns
    -------
    estimators : dict of str to SCANNClassifier
        Unfitted.
    """
    found = {}
    for (scheme, pace), teacher in product(pairs, teachers):
        kind, layers = SCHEMES[scheme]
        options = dict(TRAINING[pace])
        rate = options.pop("learning_rate_init")
        found[f"{scheme}, {pace}{', teacher' if teacher else ''}"] = SCANNClassifier(
            kind(pruning_criterion="magnitude", **options),
            hidden_layer_sizes=layers,
            learning_rate_init=rate,
            input_scaling=input_scaling,
            label_smoothing=0.0,
            weight_decay=1e-4,
            teacher=FrozenEstimator(teacher) if teacher else None,
        )
    return found


def paper_settings(input_scaling):
    """The paper's schemes B and C on a path: halve, grow back, by magnitude.

    Parameters
    ----------
    input_scaling : str
        As for the classifier.

    Returns
    -------
    estimators : dict of str to SCANNClassifier
        Unfitted.
    """
    plain = {
        "learning_rate": "constant",
        "learning_rate_init": 1e-3,
        "label_smoothing": 0.0,
        "weight_decay": 1e-4,
        "input_scaling": input_scaling,
    }
    common = {"pruning_ratio": 0.5, "path_iterations": 2, "epochs": 20, "coarse_above": None}
    return {
        "B, paper": SCANNClassifier(
            SchemeB(growth_limit=None, **common), hidden_layer_sizes=(100,), **plain
        ),
        "C, paper": SCANNClassifier(
            SchemeC(growth="full", **common), hidden_layer_sizes=(100,), **plain
        ),
    }


class Search:
    """Candidates that none beats in both connections and score.

    Parameters
    ----------
    parts : Parts
        The data; test data aren't looked at.
    seed : int
        Decides all fits.
    tries : int, default=0
        Fits that have to fail before a smaller network is given up.
    """

    def __init__(self, parts, seed, tries=0):
        self.parts, self.seed, self.tries, self.n_fits = parts, seed, tries, 0
        self.front: list[Candidate] = []

    def run(self, estimators, reduction=None):
        """Fit every estimator to ever fewer connections, to the data as they are or to reduced."""
        for setting, estimator in estimators.items():
            self._fit(setting, clone(estimator), reduction)
        return self

    def attack(self, floor):
        """Look for networks that are smaller than the smallest at or above a score.

        That network and its next larger neighbours on the frontier are continued, with a bound
        below the smallest: iterated local search.
        """
        for step in _STEPS:
            found = True
            while found and (smallest := self.smallest(floor)) is not None:
                bound = int(step * smallest.connections)
                found = bound >= self._fewest() and self._try(bound, floor, smallest)

    def smallest(self, floor):
        """Candidate of fewest connections with that score, None if there is none."""
        return next((c for c in self.front if c.score >= floor), None)

    @property
    def best(self):
        """Candidate of the highest score, of fewest connections among equals."""
        return self.front[-1]

    def _try(self, bound, floor, smallest):
        first = self.front.index(smallest)
        parents = self.front[first : first + _PARENTS]
        for i in range(self.tries):
            parent = parents[i % len(parents)]
            estimator = copy.deepcopy(parent.model).set_params(
                warm_start=True, n_connections=bound, scheme__iterations=_ITERATIONS
            )
            self._fit(parent.setting, estimator, parent.reduction)
            found = self.smallest(floor)
            if found is not None and found.connections <= bound:
                return True
        return False

    def _fewest(self):
        """Fewer connections can't reach every output."""
        return self.front[0].model.n_outputs_

    def _fit(self, setting, estimator, reduction):
        p = self.parts if reduction is None else reduction.parts
        self.n_fits += 1
        estimator.set_params(random_state=1000 * self.seed + self.n_fits)
        try:
            estimator.fit(p.X_train, p.y_train, X_val=p.X_val, y_val=p.y_val)
        except ValueError as error:
            if "too small" not in str(error):
                raise
            return  # a continued network has no way to some output within the bound
        for point in estimator.path_:
            model = estimator.select(n_connections=point.n_connections)
            model.path_, model.history_ = [point], []  # the others would be carried along
            training = float(np.mean(model.predict(p.X_train) == p.y_train))
            score = min(training, point.validation_score)
            self.front.append(Candidate(setting, model, score, reduction))
        self._tidy()

    def _tidy(self):
        """Keep what nothing dominates, ascending in connections and in score."""
        kept: list[Candidate] = []
        for candidate in sorted(self.front, key=lambda c: (c.connections, -c.score)):
            if not kept or candidate.score > kept[-1].score:
                kept.append(candidate)
        self.front = kept
