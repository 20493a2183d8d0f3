"""A fit ends in time, with a network within its bound."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pickle
from time import perf_counter

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import SCANNClassifier, SchemeB
from scann_sklearn.callbacks import SynthesisProgress, TimeBudget
from tests.classifier._helpers import same_network, short

IRIS = load_iris(return_X_y=True)
DIGITS = load_digits(return_X_y=True)
LONG = {"initial_epochs": 100_000, "epochs": 100_000, "iterations": 1}  # hours


def long(**parameters):
    return SCANNClassifier(SchemeB(**LONG), hidden_layer_sizes=(10,), random_state=0, **parameters)


@pytest.mark.parametrize(
    ("engine", "n_connections"), [("compiled", "auto"), ("compiled", 50), ("torch", 50)]
)
def test_a_fit_ends(engine, n_connections):
    classifier = long(n_connections=n_connections, engine=engine, validation_fraction=0.2)
    short(engine=engine, n_connections=30).fit(*IRIS)  # what there is to load and to compile
    begin = perf_counter()
    classifier.set_callbacks(TimeBudget(0.5)).fit(*DIGITS)
    assert perf_counter() - begin < 20  # another test may have the processor
    seed = [h for h in classifier.history_ if h["round"] == 0]
    after = classifier.history_[len(seed) :]
    if n_connections == 50:  # pruned to the bound and trained a little
        assert classifier.n_connections_ <= 50
        assert len(after) == len(seed) // 10
        assert {h["n_connections"] for h in after} <= {classifier.n_connections_}
    else:
        assert not after
        assert classifier.score(*DIGITS) > 0.3


@pytest.mark.parametrize("n_connections", ["auto", 15])
def test_no_time_at_all(n_connections):
    classifier = short(n_connections=n_connections).set_callbacks(TimeBudget(1e-9)).fit(*IRIS)
    assert classifier.n_iter_ == 1
    assert len(classifier.path_) > 0
    assert np.isfinite(classifier.predict_proba(IRIS[0])).all()
    if n_connections == 15:
        assert classifier.n_connections_ <= 15


def test_steps_after_the_end_take_one_epoch():
    class Late(TimeBudget):
        """Is up in the second round."""

        def on_fit_task_end(self, estimator, context):
            state = getattr(context, "synthesis_state", None)
            return state is not None and state.round == 1

    classifier = short(n_connections=15).set_callbacks(Late(1)).fit(*IRIS)
    assert {r["epoch"] for r in classifier.history_ if r["round"] == 1} == {1}
    assert classifier.history_[-1]["round"] == 1
    assert classifier.n_connections_ <= 15


def test_folds_leave_time_for_the_fit_after_them(capsys):
    short(n_connections=30).fit(*IRIS)  # what there is to load and to compile
    classifier = long(verbose=True).set_callbacks(TimeBudget(2.4))
    begin = perf_counter()
    classifier.fit(*IRIS)
    assert perf_counter() - begin < 20
    out = capsys.readouterr().out
    limits = [line.split(" s of ")[1] for line in out.splitlines() if "the time is up" in line]
    assert limits == [f"{0.4 * i:.1f} s" for i in range(1, 7)]
    assert classifier.n_iter_ > 10
    assert classifier.score(*IRIS) > 0.8


def test_a_budget_that_is_large_enough_changes_nothing():
    with_it = short().set_callbacks(TimeBudget(1000)).fit(*IRIS)
    assert same_network(with_it, short().fit(*IRIS))


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_every_fit_of_a_search_has_the_whole_budget(n_jobs, capsys):
    pipe = Pipeline([("scale", StandardScaler()), ("scann", long(n_connections=20))])
    pipe["scann"].set_callbacks(TimeBudget(0.3))
    search = GridSearchCV(
        pipe, {"scann__max_loss": [0.0, 0.1]}, cv=2, n_jobs=n_jobs, error_score="raise"
    )
    search.set_callbacks(SynthesisProgress()).fit(*IRIS)
    assert search.cv_results_["mean_fit_time"].min() >= 0.3
    assert search.best_estimator_["scann"].n_connections_ <= 20
    assert "4 of 4 fits" in capsys.readouterr().out


@pytest.mark.parametrize("seconds", [0, -1, np.nan, np.inf, True, "60", None])
def test_bad_seconds(seconds):
    with pytest.raises(ValueError, match=f"finite number above 0, got {seconds!r}"):
        TimeBudget(seconds)


@pytest.mark.parametrize(
    "outer",
    [Pipeline([("scann", short())]), GridSearchCV(short(), {"max_loss": [0.1]})],
    ids=["Pipeline", "GridSearchCV"],
)
def test_it_belongs_on_the_classifier(outer):
    with pytest.raises(TypeError, match=f"got a {type(outer).__name__}: set it on the classifier"):
        outer.set_callbacks(TimeBudget(60)).fit(*IRIS)


def test_budgets_are_values():
    budget = TimeBudget(2.5)
    assert repr(budget) == "TimeBudget(seconds=2.5)"
    assert pickle.loads(pickle.dumps(budget)) == budget != TimeBudget(3)
