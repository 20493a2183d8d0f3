"""STEERAGESearchCV: what is tried, what is kept of it, and what is refused."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import re
import time

import numpy as np
import pytest
import sklearn
from joblib import parallel_config
from scipy.sparse import csr_array
from scipy.stats import loguniform, randint, rankdata
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.callback import ProgressBar
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, RandomizedSearchCV, ShuffleSplit
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline

from scann_sklearn import Conv2d, ConvFrontEnd, DimReducer, SCANNRegressor
from scann_sklearn._dominance import hypervolume
from scann_sklearn.callbacks import SynthesisProgress
from scann_sklearn.metrics import connections_score
from scann_sklearn.model_selection import SmallestWithinOneSE, STEERAGESearchCV, pareto_front
from tests.classifier._helpers import same_network, short, short_scheme

IRIS = load_iris(return_X_y=True)
OURS = ("cost", "stage", "round", "start", "predicted_score")


class Table(ClassifierMixin, BaseEstimator):
    """Has parameters and scores by them, and learns nothing."""

    def __init__(self, a=1, b=0.5, bad=False):
        self.a, self.b, self.bad = a, b, bad

    def fit(self, X, y, sample_weight=None):
        self.classes_, self.n_features_in_ = np.unique(y), np.shape(X)[1]
        if self.bad:
            raise ValueError(f"a={self.a} is bad")
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])

    def score(self, X, y, sample_weight=None):
        return 1 - (self.a - 7) ** 2 / 100 - (self.b - 0.3) ** 2


def size(estimator, n_features, n_outputs):
    return n_features + 2.0**estimator.a


SPACE = {"a": randint(0, 12), "b": loguniform(0.01, 1)}


def table(space=None, **parameters):
    parameters = {
        "cost": size,
        "n_iter": 16,
        "batch_size": 5,
        "cv": 2,
        "random_state": 0,
    } | parameters
    return STEERAGESearchCV(Table(), SPACE if space is None else space, **parameters)


def scann(**parameters):
    """A search over small networks, with local candidates."""
    layers = [(5,), (10,), (6, 4)]
    space = [
        {"reduce__method": ["passthrough"], "scann__hidden_layer_sizes": layers,
         "scann__n_connections": [20, 25, 30, 40, 50]},
        {"reduce__method": ["pca"], "reduce__ratio": [1, 2], "scann__hidden_layer_sizes": layers,
         "scann__n_connections": [15, 20]},
    ]  # fmt: skip
    pipe = Pipeline([("reduce", DimReducer(random_state=0)), ("scann", short())])
    parameters = {"n_iter": 9, "n_initial": 4, "batch_size": 2, "n_local": 3} | parameters
    return STEERAGESearchCV(pipe, space, cv=2, random_state=0, **parameters)


@pytest.fixture(scope="module")
def networks():
    return scann().fit(*IRIS)


def test_stages_and_rounds():
    search = table().fit(*IRIS)
    results = search.cv_results_
    assert results["stage"].tolist() == ["sample"] * 6 + ["evolved"] * 10
    assert results["round"].tolist() == [0] * 6 + [1] * 5 + [2] * 5
    assert results["start"].tolist() == [-1] * 16
    np.testing.assert_array_equal(results["cost"], [4 + 2.0 ** p["a"] for p in results["params"]])
    np.testing.assert_array_equal(results["mean_test_cost"], -results["cost"])
    assert np.isfinite(results["predicted_score"]).tolist() == [False] * 6 + [True] * 10
    assert len({(p["a"], p["b"]) for p in results["params"]}) == 16
    assert all(len(results[name]) == 16 for name in results)
    assert not {*OURS, "mean_test_cost"} & set(_scikit_learn_s_columns(search))
    assert set(results) == {*OURS, "mean_test_cost", *_scikit_learn_s_columns(search)}


def _scikit_learn_s_columns(search):
    return RandomizedSearchCV(Table(), SPACE, n_iter=2, cv=2).fit(*IRIS).cv_results_


def test_a_record_a_round():
    search = table().fit(*IRIS)
    records = search.history_
    assert [r["round"] for r in records] == [0, 1, 2]
    assert [r["n_candidates"] for r in records] == [6, 5, 5]
    assert np.isnan(records[0]["rank_correlation"])
    areas = [r["hypervolume"] for r in records]
    assert areas == sorted(areas)
    assert (
        records[-1]["best_score"]
        == search.best_score_
        == max(search.cv_results_["mean_test_score"])
    )
    assert records[-1]["best_cost"] == search.cv_results_["cost"][search.best_index_]
    predicted, measured = (
        search.cv_results_[n][6:11] for n in ("predicted_score", "mean_test_score")
    )
    ranks = [rankdata(values) for values in (predicted, measured)]
    assert records[1]["rank_correlation"] == pytest.approx(np.corrcoef(*ranks)[0, 1])
    assert search.predictor_.n_features_in_ == 4  # the dictionary, two parameters, the cost


def test_it_finds_more_than_an_even_sample_does():
    """A hill that trees can learn; what counts is the area below the front."""
    gains = []
    for seed in range(3):
        areas = []
        for n_initial in (8, 24):
            search = table(n_iter=24, n_initial=n_initial, batch_size=8, random_state=seed)
            results = search.fit(*IRIS).cv_results_
            cost, score = np.log10(results["cost"]), results["mean_test_score"]
            areas.append(hypervolume(cost, score, np.log10(4 + 2.0**11), 0.0))
        gains.append(areas[0] - areas[1])
    assert np.median(gains) > 0


@pytest.mark.parametrize("backend", ["threading", pytest.param("loky", marks=pytest.mark.slow)])
def test_the_same_with_any_number_of_jobs(backend):
    mlp = MLPClassifier(solver="lbfgs", max_iter=2000, random_state=0)
    space = {"hidden_layer_sizes": randint(1, 9), "alpha": loguniform(0.1, 10)}
    search = STEERAGESearchCV(mlp, space, n_iter=6, batch_size=2, cv=2, random_state=3).fit(*IRIS)
    with parallel_config(backend=backend):
        other = clone(search).set_params(n_jobs=2).fit(*IRIS)
    for name in ("params", *OURS, "mean_test_score", "split1_test_score"):
        np.testing.assert_array_equal(search.cv_results_[name], other.cv_results_[name])
    assert table(random_state=1).fit(*IRIS).best_params_ != table().fit(*IRIS).best_params_


def test_local_candidates_go_on_from_the_front(networks):
    results = networks.cv_results_
    local = np.flatnonzero(results["stage"] == "local")
    assert len(local) == 3
    for i in local:
        start = results["start"][i]
        assert 0 <= start < i
        name = "scann__n_connections"
        smaller, before = dict(results["params"][i]), dict(results["params"][start])
        assert smaller.pop(name) < before.pop(name)
        assert smaller == before
        assert results["cost"][i] < results["cost"][start]
        assert np.isfinite(results["mean_test_score"][i])


def test_a_split_goes_on_from_its_own_network(monkeypatch):
    """No network is continued on other rows than those that it was fitted to."""
    rows = {}
    fit = type(short()).fit

    def watched(self, X, y, **parameters):
        before = rows.get(id(self.path_)) if self.warm_start else None
        fit(self, X, y, **parameters)
        rows[id(self.path_)] = X[:, 0].tobytes(), self.path_  # kept, so that no id is used twice
        if before is not None:
            continued.append(before[0] == rows[id(self.path_)][0])
        return self

    continued = []
    monkeypatch.setattr(type(short()), "fit", watched)
    scann(refit=False).fit(*IRIS)
    assert continued == [True] * 6


def test_a_local_candidate_is_refitted_as_it_was_made():
    search = scann(refit=lambda results: len(results["params"]) - 1).fit(*IRIS)
    assert search.cv_results_["stage"][search.best_index_] == "local"
    chain, index = [], search.best_index_
    while index >= 0:
        chain.insert(0, search.cv_results_["params"][index])
        index = search.cv_results_["start"][index]
    pipe = scann().estimator.set_params(**chain[0]).fit(*IRIS)
    Z, network = pipe[:-1].transform(IRIS[0]), pipe[-1].set_params(warm_start=True)
    for params in chain[1:]:
        bound = params["scann__n_connections"]
        network.set_params(n_connections=bound).fit(Z, IRIS[1])
    best = search.best_estimator_
    assert same_network(best[-1], network)
    assert best[-1].n_connections_ <= search.best_params_["scann__n_connections"]
    assert best[-1].warm_start is False
    assert isinstance(best[0], DimReducer)
    assert connections_score(best) < 0
    assert search.score(*IRIS) == best.score(*IRIS)


def test_rules_choose_by_the_price(networks):
    results = networks.cv_results_
    front = pareto_front(results, score="score", cost="cost")
    assert (np.diff(results["cost"][front]) > 0).all()
    rule = SmallestWithinOneSE("score", "cost", tolerance=0.5)
    chosen = table(refit=rule, n_iter=8).fit(*IRIS)
    assert chosen.cv_results_["cost"][chosen.best_index_] == chosen.cv_results_["cost"].min()
    assert chosen.best_score_ == chosen.cv_results_["mean_test_score"][chosen.best_index_]
    assert chosen.score(*IRIS) == pytest.approx(chosen.best_score_)


def test_of_equally_good_ones_the_cheapest():
    search = table({"a": [5, 9, 1], "b": [0.3]}, n_iter=3, scoring=lambda *args: 0.5).fit(*IRIS)
    assert search.best_params_["a"] == 1


@pytest.mark.parametrize(
    "scoring", [["accuracy", "f1_macro"], lambda e, X, y: {"q": e.a, "r": -e.a}]
)
def test_several_metrics(scoring):
    metric, other = ("q", "r") if callable(scoring) else ("accuracy", "f1_macro")
    search = table(scoring=scoring, refit=other, metric=metric, n_iter=6).fit(*IRIS)
    assert search.metric_ == metric
    assert search.multimetric_
    assert search.best_score_ == search.cv_results_[f"mean_test_{other}"].max()
    rule = table(scoring=scoring, refit=lambda results: 2, metric=metric, n_iter=6).fit(*IRIS)
    assert rule.best_score_ == rule.cv_results_[f"mean_test_{metric}"][2]
    none = table(scoring=scoring, refit=False, metric=metric, n_iter=6).fit(*IRIS)
    assert not hasattr(none, "best_index_")
    with pytest.raises(ValueError, match="names none of the metrics"):
        table(scoring=scoring, refit=lambda results: 2).fit(*IRIS)


def test_regressors_and_train_scores():
    space = {"alpha": loguniform(1e-3, 10), "fit_intercept": [True, False]}
    X, y = load_diabetes(return_X_y=True)
    search = STEERAGESearchCV(Ridge(), space, n_iter=6, return_train_score=True, random_state=0)
    search.fit(X, np.column_stack([y, -y]))
    assert set(search.cv_results_["cost"]) == {20}
    assert np.isfinite(search.cv_results_["mean_train_score"]).all()
    assert search.predict(X).shape == (len(y), 2)


def test_sample_weights_and_routing():
    """Weights reach fits and scorers, with routing and without."""
    weight = np.ones(150)

    def score(estimator, X, y, sample_weight=None):
        seen.append(len(sample_weight))
        return 0.5

    seen = []
    table(n_iter=4, scoring=score).fit(*IRIS, sample_weight=weight)
    assert seen == [75] * 8
    with sklearn.config_context(enable_metadata_routing=True):
        routed = Table().set_fit_request(sample_weight=True).set_score_request(sample_weight=False)
        search = table(n_iter=4, cv=KFold(2)).set_params(estimator=routed)
        search.fit(*IRIS, sample_weight=weight)
        assert len(search.cv_results_["params"]) == 4


def test_all_rounds_use_the_same_splits():
    seen = []

    def remember(estimator, X, y):
        seen.append(X[:, 0].tobytes())
        return 0.9

    cv = ShuffleSplit(2, random_state=np.random.RandomState(0))
    table(n_iter=8, cv=cv, scoring=remember, refit=False).fit(*IRIS)
    assert len(set(seen)) == 2
    assert seen[:2] * 8 == seen


def test_one_line_per_round(capsys):
    table(verbose=1).fit(*IRIS)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert re.match(
        r"round 0 \(sample\): 6 candidates, best 0\.\d+ at cost \d+, hypervolume", lines[0]
    )
    assert re.match(r"round 1 \(evolved\): 5 candidates, rank correlation -?[01]\.", lines[1])
    table(n_iter=2).fit(*IRIS)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("callback", [ProgressBar, SynthesisProgress])
def test_progress(callback, capsys):
    search = scann(n_iter=5, n_initial=2, n_local=1).set_callbacks(callback())
    search.fit(*IRIS)
    shown = capsys.readouterr().out
    for name in ("round 0 (sample)", "round 1 (evolved)", "round 2 (local)"):
        assert name in shown


def test_no_round_begins_after_the_time(monkeypatch):
    began = time.monotonic()
    search = table(time_budget=1e-9, n_iter=1000, n_initial=5).fit(*IRIS)
    assert len(search.cv_results_["params"]) == 5
    assert search.history_[0]["seconds"] <= time.monotonic() - began
    assert search.predict(IRIS[0]).shape == (150,)


def test_the_space_may_be_smaller_than_the_search():
    with pytest.warns(UserWarning, match="hardly any candidates left: 6 were tried.*n_iter=16"):
        search = table({"a": [1, 2, 3], "b": [0.1, 0.2]}).fit(*IRIS)
    tried = {(p["a"], p["b"]) for p in search.cv_results_["params"]}
    assert len(tried) == len(search.cv_results_["params"]) == 6


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_some_fits_fail():
    with pytest.warns(FitFailedWarning, match=r"fits failed out of a total of 32[\s\S]*is bad"):
        search = table(SPACE | {"bad": [True, False, False]}).fit(*IRIS)
    failed = np.array([p["bad"] for p in search.cv_results_["params"]])
    np.testing.assert_array_equal(np.isnan(search.cv_results_["mean_test_score"]), failed)
    assert not search.best_params_["bad"]
    with pytest.raises(ValueError, match="a=.* is bad"):
        table(SPACE | {"bad": [True]}, error_score="raise").fit(*IRIS)


@pytest.mark.parametrize("scoring", [None, ["accuracy", "f1_macro"]])
def test_every_fit_fails(scoring):
    search = table(SPACE | {"bad": [True]}, scoring=scoring, metric=scoring and "accuracy")
    search.set_params(refit="accuracy" if scoring else True)
    with pytest.raises(ValueError, match=r"All the 12 fits failed[\s\S]*Traceback[\s\S]*is bad"):
        search.fit(*IRIS)
    with pytest.raises(NotFittedError):
        search.predict(IRIS[0])


def test_candidates_that_don_t_fit_the_data_are_left_out():
    mlp = MLPClassifier((3,), solver="lbfgs", alpha=1, max_iter=2000, random_state=0)
    pipe = Pipeline([("reduce", DimReducer()), ("mlp", mlp)])
    search = STEERAGESearchCV(pipe, {"reduce__ratio": [1, 2, 5, 9]}, n_iter=2, cv=2, random_state=0)
    assert sorted(p["reduce__ratio"] for p in search.fit(*IRIS).cv_results_["params"]) == [1, 2]
    with pytest.raises(ValueError, match="No candidate of .* fits the data: ratio=. leaves"):
        search.set_params(param_distributions={"reduce__ratio": [5, 9]}).fit(*IRIS)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"param_distributions": {"c": [1, 2]}}, "Invalid parameter 'c' for estimator Table"),
        ({"param_distributions": {"a": []}}, r"no value for 'a': got \[\]"),
        ({"param_distributions": {"a": [1]}}, "has one point only"),
        ({"n_initial": 17}, "n_iter=16 is below the first sample, n_initial=17"),
        ({"n_local": 2}, "n_local=2: Table can't continue"),
        ({"cost": "price"}, "'cost' parameter .* Got 'price'"),
        ({"n_iter": 0}, "'n_iter' parameter .* Got 0"),
        ({"n_iter": True}, "'n_iter' parameter .* Got True"),
        ({"batch_size": 0}, "'batch_size' parameter .* Got 0"),
        ({"n_local": -1}, "'n_local' parameter .* Got -1"),
        ({"time_budget": 0}, "'time_budget' parameter .* Got 0"),
        ({"time_budget": np.nan}, "'time_budget' parameter .* Got nan"),
        ({"warm_start": "yes"}, "'warm_start' parameter .* Got 'yes'"),
        ({"metric": "f1"}, "metric='f1'.*names none of the metrics .'score'"),
        ({"cost": lambda *args: np.nan}, r"above 0, got nan for the candidate \{'a': "),
        ({"scoring": {"cost": "accuracy"}, "refit": "cost"}, "metric named 'cost'"),
        ({"cv": []}, "gives no split"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        table().set_params(**parameters).fit(*IRIS)


def test_bounds_of_local_candidates_count():
    with pytest.raises(ValueError, match="n_iter=9 is below .*n_initial=7 and n_local=3"):
        scann(n_initial=7).fit(*IRIS)


@pytest.mark.parametrize("kind", ["images", "sparse", "labels", "values"])
def test_networks_of_other_data_go_on_too(kind):
    X, y = load_digits(return_X_y=True)
    X, y, network = X[:300], y[:300], short()
    if kind == "images":
        X, network = X.reshape(-1, 1, 8, 8), short("C", front_end=ConvFrontEnd([Conv2d(2, 3)]))
    elif kind == "sparse":
        X = csr_array(X)
    elif kind == "labels":
        y = np.eye(10, dtype=int)[y]
    else:
        network = SCANNRegressor(short_scheme("B"), hidden_layer_sizes=(10,), random_state=0)
    space = {"n_connections": [80, 120, 200], "hidden_layer_sizes": [(10,), (5,)]}
    parameters = {"n_iter": 3, "n_initial": 2, "n_local": 1, "cv": 2, "random_state": 0}
    search = STEERAGESearchCV(network, space, **parameters).fit(X, y)
    assert search.cv_results_["stage"].tolist() == ["sample", "sample", "local"]
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.predict(X).shape == y.shape


def test_an_estimator_without_a_price():
    search = STEERAGESearchCV(RandomForestClassifier(), {"n_estimators": [1, 2, 3]})
    with pytest.raises(TypeError, match="Can't price RandomForestClassifier before it is fitted"):
        search.fit(*IRIS)


@pytest.mark.slow
def test_real_data():
    X, y = load_digits(return_X_y=True)
    space = {"n_connections": randint(100, 600), "hidden_layer_sizes": [(10,), (20,), (40,)]}
    search = STEERAGESearchCV(short(), space, n_iter=20, cv=3, random_state=0).fit(X, y)
    assert search.best_score_ > 0.85
