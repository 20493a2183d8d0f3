"""Algorithm 1: what is tried, when it stops, and what is kept."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pickle
import warnings

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import BaseEstimator, ClassifierMixin, OneToOneFeatureMixin, clone
from sklearn.callback import ProgressBar
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.decomposition import PCA
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from scann_sklearn import DimReducer, SCANNClassifier, SchemeB, energy_score
from scann_sklearn.model_selection import (
    CompressionSearchCV,
    SmallestWithinOneSE,
    dr_scann_grid,
    pareto_front,
)
from tests.classifier._callbacks import Interrupt

WINE = load_wine(return_X_y=True)
SCORING = {"accuracy": "accuracy", "energy": energy_score}


class Reducer(OneToOneFeatureMixin, BaseEstimator):
    """Has the parameters of a reducer, and leaves the data alone."""

    def __init__(self, method="pca", ratio=1):
        self.method = method
        self.ratio = ratio

    def fit(self, X, y=None):
        if (self.method, self.ratio) in FAILURES:
            raise FAILURES[self.method, self.ratio]
        self.n_features_in_ = np.shape(X)[1]
        return self

    def transform(self, X):
        return X


class Network(ClassifierMixin, BaseEstimator):
    """Has the parameters of a network, and learns nothing."""

    def __init__(self, hidden_layer_sizes=(100, 40)):
        self.hidden_layer_sizes = hidden_layer_sizes

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


FAILURES: dict = {}
TABLE: dict = {}
FAKE = Pipeline([("reduce", Reducer()), ("scann", Network())])


def look_up(estimator, X, y):
    reducer = estimator.named_steps["reduce"]
    return TABLE[reducer.method][reducer.ratio]


@pytest.fixture(autouse=True)
def tables():
    FAILURES.clear()
    TABLE.clear()
    yield
    FAILURES.clear()


def fake(scores, **parameters):
    """A search that finds `scores`, a dict of method to dict of ratio to score."""
    unreduced = min(of_method.get(1, 0.0) for of_method in scores.values())
    TABLE.update({"passthrough": {1: unreduced}} | scores)
    parameters = {
        "methods": list(scores),
        "ratios": list(scores[next(iter(scores))]),
        "scoring": look_up,
        "cv": 2,
        **parameters,
    }
    return CompressionSearchCV(clone(FAKE), **parameters)


def tried(search):
    """Methods and ratios, but for no reduction, which ratio 1 brings with it."""
    found = [(p["reduce__method"], p["reduce__ratio"]) for p in search.cv_results_["params"]]
    return [pair for pair in found if pair != ("passthrough", 1)]


# Whether lbfgs converges, and after how many iterations, depends on how a machine rounds.
few_iterations = pytest.mark.filterwarnings("ignore:lbfgs failed to converge")


def mlp_pipe(*before):
    network = MLPClassifier((12,), solver="lbfgs", max_iter=50, random_state=0)
    return Pipeline([*before, ("reduce", DimReducer(random_state=0)), ("mlp", network)])


def test_bad_methods_are_dropped_and_ratios_raised_until_a_drop():
    search = fake(
        {
            "pca": {1: 0.90, 2: 0.91, 4: 0.90, 8: 0.895},
            "ica": {1: 0.84, 2: 0.99, 4: 0.99, 8: 0.99},
            "isomap": {1: 0.88, 2: 0.87, 4: 0.855, 8: 0.99},
        }
    ).fit(*WINE)
    assert tried(search) == [
        *[("pca", 1), ("ica", 1), ("isomap", 1)],
        *[("pca", 2), ("isomap", 2)],
        *[("pca", 4), ("isomap", 4)],
        ("pca", 8),
    ]
    assert search.stopped_ == {"ica": (1, "gap"), "isomap": (4, "drop")}
    assert search.best_params_["reduce__ratio"] == 2
    assert search.best_score_ == 0.91
    assert search.metric_ == "score"


def test_a_drop_is_measured_from_the_best_so_far():
    # Never 0.02 from one ratio to the next, but 0.03 in all.
    search = fake({"pca": {1: 0.90, 2: 0.885, 4: 0.87, 8: 0.99}}).fit(*WINE)
    assert search.stopped_ == {"pca": (4, "drop")}
    assert len(tried(search)) == 3


def test_limits_are_parameters():
    scores = {"pca": {1: 0.9, 2: 0.5, 4: 0.4}, "ica": {1: 0.6, 2: 0.5, 4: 0.4}}
    assert len(tried(fake(scores).fit(*WINE))) == 3
    assert len(tried(fake(scores, max_gap=0.31).fit(*WINE))) == 4
    assert len(tried(fake(scores, max_gap=None).fit(*WINE))) == 4
    assert len(tried(fake(scores, max_gap=None, max_drop=0.45).fit(*WINE))) == 6
    search = fake(scores, max_gap=None, max_drop=None).fit(*WINE)
    assert len(tried(search)) == 6
    assert search.stopped_ == {}


def test_layers_shrink_by_the_ratio_achieved():
    # Wine has 13 features: ratio 2 leaves 6, ratio 5 leaves 2.
    search = fake({"pca": {1: 0.9, 2: 0.9, 5: 0.9}}).fit(*WINE)
    layers = [p["scann__hidden_layer_sizes"] for p in search.cv_results_["params"]]
    assert layers == [(100, 40), (100, 40), (46, 18), (15, 6)]
    search = fake({"pca": {2: 0.9}}, hidden_layer_sizes=26).fit(*WINE)
    assert search.best_estimator_[-1].hidden_layer_sizes == (12,)


def test_ratios_double_while_a_component_is_left():
    search = fake({"pca": dict.fromkeys(range(14), 0.9)}, ratios=None).fit(*WINE)
    assert [ratio for _, ratio in tried(search)] == [1, 2, 4, 8]


def test_steps_ahead_of_the_reducer():
    scores = {"pca": dict.fromkeys(range(14), 0.9)}
    scaled = Pipeline([("scale", StandardScaler()), ("off", "passthrough"), *FAKE.steps])
    search = fake(scores, ratios=None).set_params(estimator=scaled).fit(*WINE)
    assert [p["scann__hidden_layer_sizes"] for p in search.cv_results_["params"]][2] == (46, 18)
    # PCA may change the number of features: the ratio asked for is taken.
    search.set_params(estimator=Pipeline([("pca", PCA(8)), *FAKE.steps]), ratios=[2]).fit(*WINE)
    assert search.best_params_["scann__hidden_layer_sizes"] == (50, 20)
    with pytest.raises(ValueError, match="ratios=None needs the number of features"):
        search.set_params(ratios=None).fit(*WINE)


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_a_method_that_fails_at_one_ratio_is_tried_at_the_next():
    FAILURES["pca", 1] = ValueError("too few rows")
    scores = {"pca": {1: 0.9, 2: 0.9}, "ica": {1: 0.9, 2: 0.8}}
    with pytest.warns(FitFailedWarning, match="too few rows"):
        search = fake(scores).fit(*WINE)
    assert tried(search) == [("pca", 1), ("ica", 1), ("pca", 2), ("ica", 2)]
    assert search.stopped_ == {"ica": (2, "gap")}
    assert search.best_params_["reduce__ratio"] == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("broken")])
def test_finished_rounds_outlive_an_interruption(error):
    scores = {"pca": {1: 0.7, 2: 0.9, 4: 0.9}, "ica": {1: 0.7, 2: 0.9, 4: 0.9}}
    search = fake(scores, error_score="raise").fit(*WINE)
    FAILURES["ica", 4] = error
    with pytest.raises(type(error)) as raised:
        search.fit(*WINE)
    assert "cv_results_ keeps the 5 candidates tried before." in raised.value.__notes__
    assert tried(search) == [("pca", 1), ("ica", 1), ("pca", 2), ("ica", 2)]
    assert search.cv_results_["mean_test_score"].tolist() == [0.7, 0.7, 0.7, 0.9, 0.9]
    for missing in ("best_index_", "best_params_", "best_estimator_"):
        assert not hasattr(search, missing)
    with pytest.raises(NotFittedError):
        search.predict(WINE[0])
    FAILURES.clear()
    assert len(tried(search.fit(*WINE))) == 6


def test_nothing_is_kept_when_the_first_round_is_interrupted():
    search = fake({"pca": {1: 0.9}}).fit(*WINE)
    FAILURES["pca", 1] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        search.fit(*WINE)
    assert not hasattr(search, "cv_results_")


class InterruptedRefit(SCANNClassifier):
    """Is interrupted at an epoch of a fit to all rows; -1: before there is a network."""

    epoch = 2

    def fit(self, X, y):
        if len(X) == len(WINE[0]):
            if self.epoch < 0:
                self.classes_ = np.unique(y)
                raise KeyboardInterrupt
            self.set_callbacks(Interrupt(self.epoch))
        return super().fit(X, y)


@pytest.mark.parametrize("scoring", [None, "accuracy", SCORING])
@pytest.mark.parametrize("epoch", [2, -1])
def test_an_interrupted_refit(monkeypatch, scoring, epoch):
    monkeypatch.setattr(InterruptedRefit, "epoch", epoch)
    scheme = SchemeB(initial_epochs=3, epochs=2, iterations=1)
    scann = InterruptedRefit(scheme, hidden_layer_sizes=(5,), random_state=0)
    pipe = Pipeline([("reduce", DimReducer(random_state=0)), ("scann", scann)])
    search = CompressionSearchCV(pipe, methods="pca", ratios=[2], cv=2, scoring=scoring)
    if scoring is SCORING:
        search.set_params(refit=SmallestWithinOneSE())
    with pytest.raises(KeyboardInterrupt) as caught:
        search.fit(*WINE)
    assert search.best_params_["reduce__ratio"] == 2
    assert search.best_index_ == 0
    assert len(search.cv_results_["params"]) == 1
    assert 0 <= search.best_score_ <= 1
    if epoch < 0:
        assert not hasattr(search, "best_estimator_")
        assert "the search is not fitted" in caught.value.__notes__[-1]
        with pytest.raises(NotFittedError):
            search.predict(WINE[0])
    else:
        assert "the search is fitted" in caught.value.__notes__[-1]
        assert search.predict(WINE[0]).shape == WINE[1].shape
        assert search.score(*WINE) == search.best_estimator_.score(*WINE)
        assert search.best_estimator_.named_steps["scann"].n_iter_ == 2


def test_all_rounds_use_the_same_splits():
    seen = []

    def remember(estimator, X, y):
        seen.append(X[:, 0].tobytes())
        return 0.9

    cv = ShuffleSplit(3, random_state=np.random.RandomState(0))
    CompressionSearchCV(
        FAKE, methods="pca", ratios=[1.5, 2, 4], scoring=remember, cv=cv, refit=False
    ).fit(*WINE)
    assert seen[:3] == seen[3:6] == seen[6:]
    assert len(set(seen)) == 3


def two_metrics(estimator, X, y):
    score = look_up(estimator, X, y)
    return {"accuracy": score, "cheap": -score}


SCORES = {"pca": {1: 0.9, 2: 0.89, 4: 0.2}, "ica": {1: 0.6, 2: 0.6, 4: 0.6}}


@pytest.mark.parametrize(
    ("refit", "metric", "watched"),
    [
        ("accuracy", None, "accuracy"),
        ("cheap", None, "cheap"),
        ("cheap", "accuracy", "accuracy"),
        (SmallestWithinOneSE(cost="cheap"), None, "accuracy"),
        (lambda cv_results: 0, "accuracy", "accuracy"),
        (False, "accuracy", "accuracy"),
    ],
)
@pytest.mark.parametrize("scoring", [two_metrics, None], ids=["callable", "dict"])
def test_one_of_several_metrics_decides(scoring, refit, metric, watched):
    if scoring is None:
        scoring = {"accuracy": look_up, "cheap": lambda *args: -look_up(*args)}
    search = fake(SCORES, scoring=scoring, refit=refit, metric=metric).fit(*WINE)
    assert search.metric_ == watched
    dropped = {"ica": (1, "gap"), "pca": (4, "drop")}
    assert search.stopped_ == (dropped if watched == "accuracy" else {"pca": (1, "gap")})
    if refit:
        score = search.cv_results_[f"mean_test_{refit if isinstance(refit, str) else watched}"]
        assert search.best_score_ == score[search.best_index_]
        assert search.score(*WINE) == search.best_score_


@pytest.mark.parametrize("scoring", [{"accuracy": look_up, "cheap": look_up}, two_metrics])
@pytest.mark.parametrize("metric", [None, "f1"])
def test_no_metric_to_decide(scoring, metric):
    search = fake(SCORES, scoring=scoring, refit=lambda cv_results: 0, metric=metric)
    with pytest.raises(ValueError, match=f"metric={metric!r}.*none of the metrics .'accuracy',"):
        search.fit(*WINE)


def test_a_callable_refit_with_one_metric():
    search = fake(SCORES, refit=lambda cv_results: 1).fit(*WINE)
    assert search.best_params_["reduce__method"] == "ica"
    assert search.best_score_ == search.score(*WINE) == 0.6


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"ratios": [1, 14]}, "ratio 14 leaves no component of 13 features"),
        ({"ratios": [0.5]}, "at least 1, got 0.5"),
        ({"methods": []}, r"methods must be one or more of .*, got \[\]"),
        ({"methods": ["pca", "umap"]}, r"methods must be one or more of .*, got \['umap'\]"),
        ({"hidden_layer_sizes": (0,)}, r"at least 1 .*, got \(0,\)"),
        ({"reducer": "pca"}, "no parameter 'pca__method'.*reducer='pca'"),
        ({"classifier": "mlp"}, "no parameter 'mlp__hidden_layer_sizes'.*classifier='mlp'"),
        ({"estimator": Network()}, "no parameter 'reduce__method'"),
        ({"max_gap": -1}, "The 'max_gap' parameter .* Got -1 instead"),
        ({"max_drop": "much"}, "The 'max_drop' parameter .* Got 'much' instead"),
        ({"metric": 3}, "The 'metric' parameter .* Got 3 instead"),
        ({"metric": "f1"}, "metric='f1'.*names none of the metrics .'score'"),
        ({"metric": "f1", "scoring": "accuracy"}, "metric='f1'.*none of the metrics .'score'"),
        ({"metric": "f1", "scoring": None}, "metric='f1'.*none of the metrics .'score'"),
        ({"max_gap": True}, "The 'max_gap' parameter .* Got True instead"),
        ({"max_drop": np.nan}, "The 'max_drop' parameter .* Got nan instead"),
        ({"methods": [["pca"]]}, r"methods must be one or more of .*, got \[\['pca'\]\]"),
        ({"ratios": [[1]]}, r"at least 1, got \[1\]"),
    ],
)
def test_bad_parameters(parameters, message):
    search = fake({"pca": {1: 0.9}}).set_params(**parameters)
    with pytest.raises(ValueError, match=message):
        search.fit(*WINE)


@pytest.mark.parametrize("refit", [True, False])
@pytest.mark.parametrize("depth", [0, 1, None])
def test_progress_bars(refit, depth, capsys):
    # The search ends before its last round: its number of subtasks is only an upper bound.
    search = fake({"pca": {1: 0.9, 2: 0.5, 4: 0.9}}, refit=refit)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The estimator .* does not support callbacks")
        search.set_callbacks(ProgressBar(max_propagation_depth=depth)).fit(*WINE)
    shown = capsys.readouterr().out
    assert "CompressionSearchCV - ratio 2 #1" in shown
    assert "ratio 4" not in shown


def test_progress_bars_of_an_interrupted_search(capsys):
    FAILURES["pca", 2] = KeyboardInterrupt()
    search = fake({"pca": {1: 0.9, 2: 0.9}}).set_callbacks(ProgressBar(0))
    with pytest.raises(KeyboardInterrupt):
        search.fit(*WINE)
    FAILURES.clear()
    search.fit(*WINE)
    assert "ratio 2 #1" in capsys.readouterr().out


@few_iterations
def test_finds_what_a_grid_finds():
    X, y = load_breast_cancer(return_X_y=True)
    methods, ratios = ["pca", "sparse_rp"], [3, 10]
    common = {"scoring": SCORING, "refit": SmallestWithinOneSE(), "cv": 3}
    search = CompressionSearchCV(mlp_pipe(), methods=methods, ratios=ratios, classifier="mlp")
    search.set_params(max_gap=None, max_drop=None, **common).fit(X, y)
    grid = dr_scann_grid(methods, ratios, (12,), n_features=30, classifier="mlp")
    expected = GridSearchCV(mlp_pipe(), grid, **common).fit(X, y)
    assert search.cv_results_["params"] == expected.cv_results_["params"]
    for metric in SCORING:
        np.testing.assert_array_equal(
            search.cv_results_[f"mean_test_{metric}"], expected.cv_results_[f"mean_test_{metric}"]
        )
    assert search.best_index_ == expected.best_index_
    assert search.best_index_ in pareto_front(search.cv_results_)
    assert search.score(X, y) == search.best_estimator_.score(X, y) > 0.9


@few_iterations
def test_jobs_change_nothing():
    X, y = load_digits(return_X_y=True)
    X, y = X[:300], y[:300]
    search = CompressionSearchCV(mlp_pipe(), methods=["pca"], ratios=[4, 8], classifier="mlp", cv=2)
    # As many threads in a worker as here: sums of other lengths are rounded differently.
    with threadpool_limits(1), parallel_config("loky", inner_max_num_threads=1):
        one = search.fit(X, y).cv_results_["mean_test_score"]
        two = clone(search).set_params(n_jobs=2).fit(X, y).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(one, two)


@few_iterations
def test_energy_of_a_search():
    search = CompressionSearchCV(
        mlp_pipe(), methods="pca", ratios=[4], classifier="mlp", scoring=SCORING, refit="energy"
    ).fit(*WINE)
    assert energy_score(search) == search.best_score_


def test_dr_scann():
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = X[:900], X[900:1200], y[:900], y[900:1200]
    scann = SCANNClassifier(hidden_layer_sizes=40, n_connections=400, random_state=0)
    pipe = Pipeline([("reduce", DimReducer(random_state=0)), ("scann", scann)])
    common = {"scoring": SCORING, "refit": SmallestWithinOneSE(), "cv": 2}
    search = CompressionSearchCV(pipe, methods=["pca", "sparse_rp"], ratios=[2, 4], **common)
    search.set_callbacks(ProgressBar()).fit(X, y)
    assert search.score(X_test, y_test) == search.best_estimator_.score(X_test, y_test) > 0.85
    layers = search.best_estimator_["scann"].hidden_layer_sizes
    assert layers == (40 // search.best_params_["reduce__ratio"],)
    assert search.best_index_ in pareto_front(search.cv_results_)
    assert len(pickle.dumps(search)) < 10 * len(pickle.dumps(search.best_estimator_))
    grid = GridSearchCV(pipe, dr_scann_grid(["pca", "sparse_rp"], [2, 4], (40,)), **common)
    grid.set_callbacks(ProgressBar()).fit(X, y)
    names = ["mean_test_accuracy", "mean_test_energy"]
    tried = len(search.cv_results_["params"])
    for name in names:  # the grid tries the same and more, in the same order
        np.testing.assert_array_equal(search.cv_results_[name], grid.cv_results_[name][:tried])
