"""scikit-learn's callbacks see rounds and epochs, and may end them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from ._callbacks import Callback, Stop
from ._helpers import same_network, short, short_scheme


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_tasks(iris, scheme, engine):
    callback = Callback()
    classifier = short(scheme, n_connections=30, engine=engine).set_callbacks(callback).fit(*iris)
    counts = Counter(callback.ended)
    rounds = classifier.history_[-1]["round"] + 1
    assert counts == {"fit": 1, "round": rounds, "epoch": classifier.n_iter_}
    assert callback.ended[-1] == "fit"
    assert (callback.setups, callback.teardowns) == (1, 1)


@pytest.mark.parametrize("parameters", [{"final_epochs": 0}, {"epochs": 0}], ids=str)
def test_the_estimator_after_an_operation_without_training(iris, parameters, capsys):
    sizes = []

    class Reader(Callback):
        def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
            if context.task_name == "round":
                sizes.append(fitted_estimator.n_connections_)

    scheme = short_scheme("B", **parameters)
    classifier = short(n_connections=20, verbose=True).set_params(scheme=scheme)
    classifier.set_callbacks(Reader()).fit(*iris)
    *rounds, _ = capsys.readouterr().out.splitlines()
    printed = [int(line.split()[2]) for line in rounds]
    assert sizes == printed
    assert sizes[-1] <= 20


def test_a_callback_changes_nothing(iris):
    class Reader(Callback):
        def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
            fitted_estimator.predict_proba(X)

    assert same_network(short().set_callbacks(Reader()).fit(*iris), short().fit(*iris))


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_the_estimator_at_the_end_of_every_task(wine, engine):
    names = np.array(["a", "b", "c"])[wine[1]]
    seen = []

    class Reader(Callback):
        def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
            assert fitted_estimator is not estimator
            seen.append((context.task_name, len(X), fitted_estimator, fitted_estimator.score(X, y)))

    classifier = short("C", n_connections=50, engine=engine).set_callbacks(Reader())
    classifier.fit(wine[0], names)
    assert {n_rows for _, n_rows, _, _ in seen} == {160}  # without the validation part
    sizes = [e.n_connections_ for name, _, e, _ in seen if name == "epoch"]
    assert sizes == [record["n_connections"] for record in classifier.history_]
    scores = [score for name, _, _, score in seen if name == "epoch"]
    assert max(scores) > scores[0]
    name, _, last, _ = seen[-1]
    assert name == "fit"
    np.testing.assert_array_equal(last.predict_proba(wine[0]), classifier.predict_proba(wine[0]))


@pytest.mark.parametrize("container", [np.asarray, pd.DataFrame])
def test_scoring_monitor_scores_every_epoch_and_round(iris, container):
    X, y = container(iris[0]), iris[1]
    if container is pd.DataFrame:
        X.columns = list("abcd")
    monitor = ScoringMonitor(scoring=["accuracy", "neg_log_loss"])
    classifier = short(n_connections=40).set_callbacks(monitor).fit(X, y)
    log = monitor.get_logs().data_as_pandas
    counts = log["task_name"].value_counts()
    assert counts["epoch"] == classifier.n_iter_
    assert counts["round"] == classifier.history_[-1]["round"] + 1
    assert counts["fit"] == 1
    assert np.isfinite(log[["accuracy", "neg_log_loss"]]).all(axis=None)
    losses = log.loc[log["task_name"] == "epoch", "neg_log_loss"]
    assert losses.max() > losses.iloc[0]


def test_progress_bar(iris, capsys):
    classifier = short(n_connections=30).set_callbacks(ProgressBar()).fit(*iris)
    assert classifier.score(*iris) > 0.5
    assert "SCANNClassifier" in capsys.readouterr().out


@pytest.mark.parametrize("depth", [0, 1, None])
def test_progress_bar_of_a_pipeline(iris, depth, capsys):
    pipe = Pipeline([("scann", short(n_connections=30))])
    pipe.set_callbacks(ProgressBar(max_propagation_depth=depth)).fit(*iris)
    out = capsys.readouterr().out
    assert "Pipeline" in out
    assert ("SCANNClassifier" in out) == (depth != 0)


@pytest.mark.parametrize(("n_jobs", "depth"), [(None, 1), (2, None)])
def test_progress_bar_of_a_search(iris, n_jobs, depth, capsys):
    pipe = Pipeline([("scann", short())])
    search = GridSearchCV(
        pipe, {"scann__n_connections": [20, 40]}, cv=2, n_jobs=n_jobs, error_score="raise"
    )
    search.set_callbacks(ProgressBar(max_propagation_depth=depth)).fit(*iris)
    assert search.best_estimator_["scann"].n_connections_ <= 40
    assert "GridSearchCV" in capsys.readouterr().out


def test_reducer_and_classifier_with_a_progress_bar(iris):
    from scann_sklearn import DimReducer

    pipe = Pipeline([("reduce", DimReducer()), ("scann", short(n_connections=30))])
    pipe.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(*iris)
    assert pipe.score(*iris) > 0.5


@pytest.mark.parametrize("engine", ["compiled", "torch"])
@pytest.mark.parametrize("n_connections", [30, "auto"])
def test_stopping_epochs_ends_every_phase(iris, engine, n_connections):
    classifier = short("C", n_connections=n_connections, engine=engine)
    classifier.set_callbacks(Stop("epoch")).fit(*iris)
    assert {record["epoch"] for record in classifier.history_} == {1}
    assert all(record["validation_score"] is not None for record in classifier.history_)
    if n_connections == 30:
        assert classifier.n_connections_ <= 30


@pytest.mark.parametrize("n", [1, 2, 3])
def test_stopping_a_round_ends_the_synthesis(iris, n):
    classifier = short().set_callbacks(Stop("round", n)).fit(*iris)
    assert {record["round"] for record in classifier.history_} == set(range(n))
    assert classifier.predict(iris[0]).shape == (150,)


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
@pytest.mark.parametrize("n", [1, 2])
def test_stopping_before_the_bound_is_reached_keeps_the_bound(iris, scheme, n):
    classifier = short(scheme, n_connections=15).set_callbacks(Stop("round", n)).fit(*iris)
    assert classifier.n_connections_ <= 15
    assert classifier.predict(iris[0]).shape == (150,)


def test_an_error_in_a_callback_is_raised(iris):
    class Broken(Callback):
        def on_fit_task_end(self, estimator, context):
            raise RuntimeError("broken")

    callback = Broken()
    with pytest.raises(RuntimeError, match="broken"):
        short().set_callbacks(callback).fit(*iris)
    assert callback.teardowns == 1
