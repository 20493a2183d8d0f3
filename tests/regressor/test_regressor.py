"""SCANNRegressor as its users see it: targets, losses, weights, engines, frontier, companions."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.exceptions import DataConversionWarning
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import mean_absolute_error, mean_pinball_loss, mean_squared_error, r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import DimReducer, SCANNRegressor, energy_score
from scann_sklearn.metrics import EnergyModel, n_bytes
from scann_sklearn.model_selection import CompressionSearchCV
from tests.classifier._helpers import same_network
from tests.regressor._helpers import short_regressor

LOSSES = ("squared_error", "absolute_error", "huber")


def test_a_default_fit_is_as_good_as_a_perceptron_with_far_fewer_connections(friedman):
    X_train, X_test, y_train, y_test = train_test_split(*friedman, random_state=0)
    reg = SCANNRegressor(random_state=0).fit(X_train, y_train)
    mlp = make_pipeline(StandardScaler(), MLPRegressor(max_iter=5000, tol=1e-3, random_state=0))
    assert reg.score(X_test, y_test) > mlp.fit(X_train, y_train).score(X_test, y_test) - 0.02
    assert reg.n_connections_ < 150
    assert set(np.flatnonzero(reg.get_support())) >= set(range(5))


def test_real_data(diabetes):
    scores = cross_val_score(SCANNRegressor(random_state=0), *diabetes, cv=3)
    assert np.median(scores) > 0.3


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
def test_every_scheme_learns_with_every_loss(friedman, scheme, loss):
    X, y = friedman
    reg = short_regressor(scheme, loss=loss, n_connections=60).fit(X, y)
    assert reg.n_connections_ <= 60
    assert reg.score(X, y) > 0.6
    assert reg.predict(X).shape == (500,)


@pytest.mark.parametrize("loss", LOSSES)
def test_engines_agree(three_targets, loss):
    X, Y = three_targets
    one, other = (
        short_regressor(loss=loss, engine=engine, n_connections=40).fit(X, Y)
        for engine in ("compiled", "torch")
    )
    np.testing.assert_allclose(one.predict(X), other.predict(X), rtol=1e-4)


def test_a_loss_is_what_it_says():
    """A constant prediction is mean or median: skewed targets that X doesn't explain."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2000, 3)), rng.exponential(size=2000)
    fits = {loss: short_regressor(loss=loss, n_connections=5).fit(X, y) for loss in LOSSES}
    centers = {loss: np.mean(reg.predict(X)) for loss, reg in fits.items()}
    assert centers["squared_error"] == pytest.approx(1, abs=0.1)
    assert centers["absolute_error"] == pytest.approx(np.log(2), abs=0.1)
    assert centers["absolute_error"] < centers["huber"] < centers["squared_error"]


def test_huber_is_not_moved_by_outliers(friedman):
    X, y = friedman
    spoilt = y.copy()
    spoilt[::25] += 500
    good = np.ones(len(y), dtype=bool)
    good[::25] = False
    errors = {
        loss: mean_absolute_error(
            y[good],
            short_regressor(loss=loss, huber_delta=0.1, n_connections=60)
            .fit(X, spoilt)
            .predict(X[good]),
        )
        for loss in LOSSES
    }
    assert errors["huber"] < errors["squared_error"] / 2
    assert errors["absolute_error"] < errors["squared_error"] / 2


# --------------------------------------------------------------------------------- targets


def test_targets_of_different_scales_are_learnt_alike(three_targets):
    X, Y = three_targets
    reg = short_regressor(n_connections=60).fit(X, Y)
    assert reg.predict(X).shape == Y.shape
    assert reg.n_outputs_ == 3
    assert (r2_score(Y, reg.predict(X), multioutput="raw_values") > 0.6).all()


def test_scale_and_shift_of_y_make_no_difference(friedman):
    """Targets are standardized: the same network, folded otherwise."""
    X, y = friedman
    one = short_regressor(n_connections=40).fit(X, y)
    other = short_regressor(n_connections=40).fit(X, 1024 * y - 4096)
    np.testing.assert_allclose(other.predict(X), 1024 * one.predict(X) - 4096, rtol=1e-6)
    assert [p.n_connections for p in one.path_] == [p.n_connections for p in other.path_]


def test_one_column_is_one_target(friedman):
    X, y = friedman
    with pytest.warns(DataConversionWarning, match="column-vector y was passed"):
        reg = short_regressor().fit(X, y[:, None])
    assert same_network(reg, short_regressor().fit(X, y))
    assert reg.predict(X).shape == (500,)
    with pytest.warns(DataConversionWarning, match="column-vector y was passed"):
        short_regressor().fit(X, y, X_val=X, y_val=y[:, None])


def test_integers_are_numbers(friedman):
    X, y = friedman
    y = np.round(y).astype(int)
    assert same_network(short_regressor().fit(X, y), short_regressor().fit(X, y.astype(float)))


@pytest.mark.parametrize("constant", [0.0, -3.3, 1e8, 7])
def test_a_constant_target_is_predicted_exactly(friedman, constant):
    X, y = friedman
    alone = short_regressor(n_connections=20).fit(X, np.full(len(y), constant))
    assert set(alone.predict(X)) == {constant}
    beside = short_regressor(n_connections=20).fit(X, np.column_stack([y, np.full(500, constant)]))
    assert set(beside.predict(X)[:, 1]) == {constant}
    assert r2_score(y, beside.predict(X)[:, 0]) > 0.5


@pytest.mark.parametrize("factor", [1e-100, 1e-30, 1e30, 1e100])
def test_targets_of_any_size(friedman, factor):
    X, y = friedman
    reg = short_regressor(n_connections=40).fit(X, y * factor)
    assert r2_score(y, reg.predict(X) / factor) > 0.6


def test_float32(friedman):
    X, y = friedman
    reg = short_regressor(n_connections=40).fit(X.astype(np.float32), y)
    assert reg.predict(X.astype(np.float32)).dtype == np.float32
    assert reg.score(X, y) > 0.6


# ------------------------------------------------------------- weights, validation, frontier


def test_a_weight_of_zero_is_as_good_as_absent(friedman):
    X, y = friedman
    weight = np.random.default_rng(0).integers(0, 2, len(y))
    there = weight > 0
    spoilt = np.where(there, y, 1e9)
    one = short_regressor().fit(X, spoilt, sample_weight=weight)
    assert same_network(one, short_regressor().fit(X[there], y[there]))


def test_weights_count():
    """Two relations, of which one has the weight."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 2))
    y = np.where(np.arange(600) % 2, X[:, 0], -X[:, 0])
    weight = np.where(np.arange(600) % 2, 1.0, 0.01)
    reg = short_regressor(n_connections=5).fit(X, y, sample_weight=weight)
    assert r2_score(X[:, 0], reg.predict(X)) > 0.9


def test_validation_data(friedman):
    X, y = friedman
    reg = short_regressor().fit(X[:300], y[:300], X_val=X[300:], y_val=y[300:])
    assert reg.validation_score_ == pytest.approx(reg.score(X[300:], y[300:]))


def test_the_frontier(friedman):
    X, y = friedman
    reg = SCANNRegressor(random_state=0).fit(X, y)
    sizes = [point.n_connections for point in reg.path_]
    scores = [point.validation_score for point in reg.path_]
    assert sizes == sorted(sizes)
    assert scores == sorted(scores)
    assert reg.validation_score_ >= scores[-1] - 0.01
    assert reg.select(max_loss=0.2).n_connections_ < reg.n_connections_
    assert reg.select(n_connections=20).n_connections_ <= 20
    assert reg.select(min_score=0.5).validation_score_ >= 0.5


def test_the_tolerance_is_explained_variance_whatever_the_scorer(friedman):
    """R² and the squared error order networks alike: the same choice, whatever the scale of y."""
    X, y = friedman
    chosen = [
        SCANNRegressor(scoring=scoring, random_state=0).fit(X, factor * y)
        for scoring, factor in (
            ("r2", 1),
            ("neg_mean_squared_error", 1),
            ("neg_mean_squared_error", 1024),
        )
    ]
    assert [reg.n_connections_ for reg in chosen] == [chosen[0].n_connections_] * 3
    assert 0.8 < chosen[0].score_unit_ < 1.1
    assert chosen[2].score_unit_ == pytest.approx(1024**2 * chosen[1].score_unit_)
    sizes = [reg.select(max_loss=0.1).n_connections_ for reg in chosen]
    assert sizes == [sizes[0]] * 3


@pytest.mark.parametrize(
    "scoring",
    [
        "neg_mean_absolute_error",
        "explained_variance",
        "neg_root_mean_squared_error",
        lambda reg, X, y: -mean_pinball_loss(y, reg.predict(X), alpha=0.3),
    ],
)
def test_scorers(friedman, scoring):
    reg = short_regressor(scoring=scoring).fit(*friedman)
    assert np.isfinite(reg.validation_score_)
    assert reg.score_unit_ > 0


# ----------------------------------------------------------------- teacher, warm start, others


@pytest.mark.parametrize("teacher", [Ridge(), HistGradientBoostingRegressor(max_iter=30)])
def test_a_teacher_mixes_values(friedman, teacher):
    X, y = friedman
    only = short_regressor(teacher=teacher, teacher_weight=1.0, n_connections=60).fit(X, y)
    taught = clone(teacher).set_params(random_state=0).fit(X, y).predict(X)
    assert r2_score(taught, only.predict(X)) > 0.6
    without = short_regressor(teacher=teacher, teacher_weight=0.0).fit(X, y)
    assert same_network(without, short_regressor().fit(X, y))


def test_a_frozen_teacher_of_several_targets(three_targets):
    X, Y = three_targets
    teacher = FrozenEstimator(LinearRegression().fit(X, Y))
    reg = short_regressor(teacher=teacher, teacher_weight=1.0, n_connections=60).fit(X, Y)
    assert r2_score(teacher.predict(X), reg.predict(X)) > 0.8


def test_a_warm_start_goes_on(friedman):
    X, y = friedman
    reg = short_regressor(n_connections=60, warm_start=True).fit(X, y)
    before = reg.score(X, y)
    reg.set_params(n_connections=30).fit(X, y)
    assert reg.n_connections_ <= 30
    assert reg.score(X, y) > before - 0.1
    with pytest.raises(ValueError, match=r"continues with 1 target\(s\), but y has 2"):
        reg.fit(X, np.column_stack([y, y]))


def test_a_pipeline_in_a_search(friedman):
    X, y = friedman
    pipe = make_pipeline(StandardScaler(), DimReducer("pca", ratio=1.25), short_regressor())
    search = GridSearchCV(
        pipe,
        {"dimreducer__ratio": [1.25, 2], "scannregressor__n_connections": [20, 40]},
        scoring={"r2": "r2", "energy": energy_score},
        refit="r2",
        cv=2,
    ).fit(X, y)
    assert search.best_score_ > 0.3
    assert (search.cv_results_["mean_test_energy"] < 0).all()


def test_algorithm_1(friedman):
    search = CompressionSearchCV(
        Pipeline([("reduce", DimReducer()), ("scann", short_regressor(n_connections=30))]),
        methods=["pca", "factor_analysis"],
        ratios=[1, 2],
        scoring="r2",
        cv=2,
    ).fit(*friedman)
    assert search.best_score_ > 0.3
    assert search.predict(friedman[0]).shape == (500,)


def test_energy_and_size(three_targets):
    X, Y = three_targets
    reg = short_regressor(n_connections=40).fit(X, Y)
    counts = EnergyModel().operations(reg)
    assert counts.macs == reg.n_connections_
    assert counts.comparisons == reg.n_hidden_  # nothing is decided
    assert reg.energy_ == EnergyModel().energy(reg) == -energy_score(reg)
    assert reg.n_bytes_ == n_bytes(reg)
    assert "Outputs (3 values)" in str(reg.summary())
    assert reg.summary().outputs == "3 values"
    assert "SCANNRegressor" in reg._repr_html_()


def test_early_stopping_and_callbacks(friedman, capsys):
    reg = short_regressor(early_stopping=True, verbose=True, n_iter_no_change=1).fit(*friedman)
    assert "round 0" in capsys.readouterr().out
    assert reg.n_iter_ == len(reg.history_)


def test_the_same_seed_gives_the_same_network(three_targets):
    one, other = (short_regressor().fit(*three_targets) for _ in range(2))
    assert same_network(one, other)
    assert same_network(pickle.loads(pickle.dumps(one)), other)


def test_torch_module(three_targets):
    import torch

    X, Y = three_targets
    reg = short_regressor(n_connections=40).fit(X, Y)
    outputs = reg.to_torch()(torch.as_tensor(X)).detach().numpy()
    np.testing.assert_allclose(outputs, reg.predict(X))


def test_nothing_is_worse_than_the_best_constant(diabetes):
    """Even the smallest networks of the path explain something."""
    X, y = diabetes
    reg = SCANNRegressor(random_state=0).fit(X, y)
    constant = mean_squared_error(y, DummyRegressor().fit(X, y).predict(X))
    for point in reg.path_:
        small = reg.select(n_connections=point.n_connections)
        assert mean_squared_error(y, small.predict(X)) < constant


def test_networks_that_overfit_are_no_reason_to_stop(diabetes):
    """Large networks fit these data too well; the best has some ten connections."""
    reg = SCANNRegressor(random_state=0).fit(*diabetes)
    assert reg.path_[0].n_connections < 10
    assert reg.select(n_connections=100).validation_score_ > reg.validation_score_ - 0.1


def test_the_unit_of_an_error_has_the_weights_of_the_score(friedman):
    """Rows of weight zero have no say in it."""
    X, y = friedman
    weight = (np.arange(500) % 2).astype(float)
    spoilt = np.where(weight > 0, y, 1e6)
    reg = short_regressor(scoring="neg_mean_squared_error", n_connections=20)
    reg.fit(X, y, X_val=X, y_val=spoilt, sample_weight_val=weight)
    constant = np.full(250, y.mean())
    gained = mean_squared_error(y[weight > 0], constant) + reg.path_[-1].validation_score
    assert reg.score_unit_ == pytest.approx(gained)
