"""The searches, each with the same number of fits."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import warnings

import numpy as np
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingRandomSearchCV, RandomizedSearchCV

from benchmarks.searches import _space
from scann_sklearn.model_selection import STEERAGESearchCV

FACTOR = 3  # of halving


def random(parts, seed, n_fits, quick, recorder):
    """Candidates drawn at random."""
    X, y, cv = _space.whole(parts)
    RandomizedSearchCV(
        _space.pipeline(seed, quick),
        _space.space(parts),
        n_iter=n_fits,
        scoring=recorder,
        cv=cv,
        refit=False,
        random_state=seed,
    ).fit(X, y)


def halving(parts, seed, n_fits, quick, recorder):
    """Many candidates on few rows, a third of them on three times as many, and so on."""
    X, y, cv = _space.whole(parts)
    n_candidates, n_rounds = rounds_of_halving(n_fits)
    HalvingRandomSearchCV(
        _space.pipeline(seed, quick),
        _space.space(parts),
        n_candidates=n_candidates,
        factor=FACTOR,
        min_resources=len(X) // FACTOR ** (n_rounds - 1),
        scoring=recorder,
        return_train_score=False,
        cv=cv,
        refit=False,
        random_state=seed,
    ).fit(X, y)


def rounds_of_halving(n_fits):
    """Most candidates, and rounds, of which all fits together are at most `n_fits`."""
    best = (1, 1)
    for n_candidates in range(1, n_fits + 1):
        sizes = [n_candidates]
        while sizes[-1] > 1:
            sizes.append(-(-sizes[-1] // FACTOR))
        if sum(sizes) <= n_fits:
            best = (n_candidates, len(sizes))
    return best


def steerage(parts, seed, n_fits, quick, recorder):
    """The search of this library."""
    X, y, cv = _space.whole(parts)
    STEERAGESearchCV(
        _space.pipeline(seed, quick),
        _space.space(parts),
        n_iter=n_fits,
        scoring=recorder,
        cv=cv,
        refit=False,
        random_state=seed,
    ).fit(X, y)


def tpe(parts, seed, n_fits, quick, recorder):
    """Optuna's estimator of densities, with both objectives."""
    import optuna

    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True)
    _optuna(sampler, parts, seed, n_fits, quick, recorder)


def nsga2(parts, seed, n_fits, quick, recorder):
    """Optuna's genetic algorithm; its default population of 50 would be all random."""
    import optuna

    sampler = optuna.samplers.NSGAIISampler(seed=seed, population_size=max(4, n_fits // 4))
    _optuna(sampler, parts, seed, n_fits, quick, recorder)


def _optuna(sampler, parts, seed, n_fits, quick, recorder):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)
    estimator, branches = _space.pipeline(seed, quick), _space.space(parts)

    def objective(trial):
        model = clone(estimator).set_params(**suggested(trial, branches))
        model.fit(parts.X_train, parts.y_train)
        accuracy = recorder(model, parts.X_val, parts.y_val)
        return accuracy, float(np.log10(recorder.points[-1][1]))

    study.optimize(objective, n_trials=n_fits, catch=(ValueError,))


def suggested(trial, branches):
    """Parameters of a trial; numbers are taken by their place in the list, which is ordered."""
    number = trial.suggest_categorical("branch", list(range(len(branches))))
    params = {}
    for name, values in branches[number].items():
        key = f"{number} {name}"
        if all(isinstance(value, int | float) for value in values):
            place = trial.suggest_int(key, 0, len(values) - 1)
        else:
            place = trial.suggest_categorical(key, list(range(len(values))))
        params[name] = values[place]
    return params


SAMPLERS = {
    "random": random,
    "halving": halving,
    "tpe": tpe,
    "nsga2": nsga2,
    "steerage": steerage,
}
OPTUNA = ("tpe", "nsga2")
