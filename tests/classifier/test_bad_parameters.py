"""Errors name the parameter and carry the value that was given."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError

from scann_sklearn import SCANNClassifier, SchemeA, SchemeB, SchemeC, SchemeNeST

from ._helpers import same_network, short


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scheme", "Z"),
        ("scheme", None),
        ("scheme", 3),
        ("n_connections", 0),
        ("n_connections", -5),
        ("n_connections", 0.0),
        ("n_connections", 1.5),
        ("n_connections", "many"),
        ("n_connections", None),
        ("max_loss", -0.1),
        ("input_scaling", "minmax"),
        ("solver", "lbfgs"),
        ("learning_rate", "adaptive"),
        ("learning_rate_init", 0),
        ("weight_decay", -1e-4),
        ("momentum", 1.0),
        ("beta_1", 1.0),
        ("beta_2", -0.1),
        ("epsilon", 0),
        ("batch_size", 0),
        ("max_epoch_samples", 0),
        ("max_epoch_samples", 1.5),
        ("label_smoothing", 1.0),
        ("label_smoothing", -0.1),
        ("class_weight", "heavy"),
        ("scoring", 7),
        ("validation_fraction", 0.0),
        ("validation_fraction", 1.0),
        ("early_stopping", "yes"),
        ("n_iter_no_change", 0),
        ("tol", -1),
        ("warm_start", "yes"),
        ("engine", "numpy"),
        ("device", 0),
        ("random_state", "abc"),
    ],
)
def test_parameter_out_of_range(iris, name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter.*Got {value!r}"):
        SCANNClassifier(**{name: value}).fit(*iris)


@pytest.mark.parametrize(
    "sizes",
    [0, -1, (), [], (10, 0), (10, -3), [[3, 4]], [3, [4]], (2.5,), 2.5, ("a",), "abc", None],
)
def test_hidden_layer_sizes(iris, sizes):
    with pytest.raises(ValueError, match="hidden_layer_sizes") as caught:
        SCANNClassifier(hidden_layer_sizes=sizes).fit(*iris)
    assert repr(sizes) in str(caught.value)


@pytest.mark.parametrize("scheme", [SchemeA, SchemeB, SchemeC, SchemeNeST])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("initial_epochs", -1),
        ("epochs", -1),
        ("epochs", 2.5),
        ("final_epochs", -1),
        ("growth_ratio", 1.1),
        ("growth_ratio", 0),
        ("growth_limit", 0),
        ("growth", "some"),
        ("pruning_ratio", 1.0),
        ("pruning_ratio", -0.1),
        ("pruning_criterion", "luck"),
        ("initial_pruning", 1.0),
        ("iterations", 0),
        ("growth_batch_size", 0),
    ],
)
def test_scheme_parameter_out_of_range(iris, scheme, name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter of Scheme.*Got {value!r}"):
        SCANNClassifier(scheme(**{name: value})).fit(*iris)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("initial_hidden", 0),
        ("initial_hidden", 1.5),
        ("max_hidden", 0),
        ("added_hidden", -1),
        ("noise", -0.1),
        ("growth_iterations", -1),
    ],
)
def test_scheme_a_parameter_out_of_range(iris, name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter of SchemeA.*Got {value!r}"):
        SCANNClassifier(SchemeA(**{name: value})).fit(*iris)


@pytest.mark.parametrize(
    ("scheme", "bound", "least"), [("A", 2, 3), ("B", 1, 3), ("B", 0.005, 3), ("C", 4, 5)]
)
def test_n_connections_too_small_to_reach_every_output(iris, scheme, bound, least):
    classifier = short(scheme, hidden_layer_sizes=(10, 5), n_connections=bound)
    with pytest.raises(ValueError, match=f"n_connections={bound} is too small.* {least} "):
        classifier.fit(*iris)


def test_scheme_class_instead_of_object(iris):
    with pytest.raises(ValueError, match="'scheme' parameter"):
        SCANNClassifier(SchemeB).fit(*iris)


def test_unknown_scoring(iris):
    with pytest.raises(ValueError, match="'best'"):
        short(scoring="best").fit(*iris)


def test_class_weight_that_lacks_every_class(iris):
    with pytest.raises(ValueError, match=r"class_weight|classes"):
        short(class_weight={"setosa": 2}).fit(*iris)


@pytest.mark.parametrize("class_weight", [{0: -1}, {0: 0, 1: 0, 2: 0}])
def test_class_weight_that_is_no_weight(iris, class_weight):
    with pytest.raises(ValueError, match="class_weight"):
        short(class_weight=class_weight).fit(*iris)


def test_scoring_that_gives_no_number(iris):
    with pytest.raises(ValueError, match="(?i)scor.*nan"):
        short(scoring=lambda estimator, X, y: np.nan).fit(*iris)


def test_unknown_device(iris):
    with pytest.raises(ValueError, match="device='quantum'"):
        short(device="quantum").fit(*iris)


def test_cuda_without_one(iris):
    device = f"cuda:{torch.cuda.device_count()}"  # they are counted from 0
    with pytest.raises(ValueError, match=f"device='{device}'"):
        short(device=device).fit(*iris)


def test_compiled_engine_on_another_device(iris):
    with pytest.raises(ValueError, match="engine='compiled'.*device='meta'"):
        short(device="meta", engine="compiled").fit(*iris)


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({}, "exactly one"),
        ({"n_connections": 10, "max_loss": 0.1}, "exactly one.*n_connections.*max_loss"),
        ({"n_connections": 0}, "n_connections=0 is below the smallest"),
        ({"min_score": 1.5}, "min_score=1.5 is above the best"),
        ({"max_loss": -0.1}, "max_loss must not be negative, got -0.1"),
        ({"min_score": np.nan}, "min_score"),
        ({"max_loss": np.nan}, "max_loss"),
        ({"max_loss": 10**400}, "max_loss is beyond the largest float"),
    ],
)
def test_select(fitted_iris, wishes, message):
    with pytest.raises(ValueError, match=message):
        fitted_iris.select(**wishes)


def test_parameters_that_a_scheme_lacks():
    with pytest.raises(ValueError, match="added_hidden"):
        SCANNClassifier(SchemeB()).set_params(scheme__added_hidden=3)
    clf = SCANNClassifier("B")
    with pytest.raises(ValueError, match="added_hidden"):
        clf.set_params(scheme__added_hidden=3)
    assert clf.scheme == "B"
    with pytest.raises(ValueError, match="'scheme__epochs' can't be set, since scheme='D'"):
        SCANNClassifier("D").set_params(scheme__epochs=3)


def test_scoring_that_takes_no_weights(iris):
    def scoring(estimator, X, y):
        return estimator.score(X, y)

    assert short(scoring=scoring).fit(*iris).path_
    with pytest.raises(ValueError, match="scoring=.*must accept sample_weight"):
        short(scoring=scoring, class_weight={0: 1, 1: 2, 2: 3}).fit(*iris)


@pytest.mark.parametrize("wish", ["n_connections", "max_loss", "min_score"])
@pytest.mark.parametrize("value", ["a", True, [3]])
def test_select_takes_numbers(fitted_iris, wish, value):
    with pytest.raises(TypeError, match=f"{wish} must be"):
        fitted_iris.select(**{wish: value})


def test_a_failed_fit_after_a_good_one_leaves_nothing_fitted(iris):
    X, y = iris
    classifier = short().fit(X, y)
    with pytest.raises(ValueError, match="n_connections=1"):
        classifier.set_params(n_connections=1).fit(X, y)
    with pytest.raises(NotFittedError):
        classifier.predict(X)


def test_class_weight_of_classes_that_are_not_there(iris):
    weights = {0: 1, 1: 2, 2: 3, 7: 4, "setosa": 1}
    with pytest.raises(ValueError, match=r"classes that y lacks: \[7, 'setosa'\].*\[0, 1, 2\]"):
        short(class_weight=weights).fit(*iris)
    names = np.array(["a", "b", "c"])[iris[1]]
    with pytest.raises(ValueError, match=r"classes that y lacks: \['d'\].*\['a', 'b', 'c'\]"):
        short(class_weight={"a": 1, "b": 1, "c": 1, "d": 1}).fit(iris[0], names)
    with pytest.raises(ValueError, match=r"classes that y lacks: \[0\]"):
        short(class_weight={0: 1}).fit(iris[0], names)


@pytest.mark.parametrize("weight", ["heavy", None, np.nan, np.inf, True, 10**400, -2])
def test_class_weights_are_finite_numbers(iris, weight):
    with pytest.raises(ValueError, match="class_weight must hold finite numbers") as caught:
        short(class_weight={1: weight}).fit(*iris)
    assert repr({1: weight}) in str(caught.value)


def test_class_weight_by_numbers_of_numpy(iris):
    theirs = short(class_weight={np.int64(1): np.float32(2)}).fit(*iris)
    assert same_network(theirs, short(class_weight={1: 2}).fit(*iris))
