"""scikit-learn's own checks of the estimators, over their configurations."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pytest
import torch
from sklearn.utils.estimator_checks import parametrize_with_checks

from scann_sklearn import (
    AvgPool2d,
    Conv2d,
    ConvFrontEnd,
    EarlyExitClassifier,
    SCANNClassifier,
    SCANNRegressor,
    SchemeA,
    SchemeB,
    SchemeC,
    SchemeNeST,
)

# The checks fit about 80 networks each: few epochs and one validation part are enough for all
# configurations but the classifier's defaults. Folds are six fits in one; what else has them, and
# torch where it repeats what another configuration has shown, is a slow test.
FEW = {"initial_epochs": 12, "epochs": 4, "iterations": 1}
ONE_PART = {"validation_fraction": 0.2, "random_state": 0}
SMALL = {"hidden_layer_sizes": (8,), "learning_rate_init": 0.03, **ONE_PART}
EXITS = {"n_exits": 2, "n_connections": 40, **ONE_PART}
SCHEMES = {
    "A": SchemeA(growth_iterations=1, initial_hidden=1.0, initial_pruning=0.3, **FEW),
    "B": SchemeB(path_iterations=1, **FEW),
    "C": SchemeC(path_iterations=1, **FEW),
    "NeST": SchemeNeST(growth_iterations=1, growth_epochs=4, **FEW),
}


def configurations():
    """Every scheme with every engine, and every parameter that takes another path."""
    yield SCANNClassifier(random_state=0)
    for letter, n_connections in zip(SCHEMES, (40, 30, "auto", 40), strict=True):
        scheme, layers = SCHEMES[letter], (10, 5)
        yield SCANNClassifier(scheme, n_connections=n_connections, **ONE_PART)
        compiled = {"engine": "compiled", "hidden_layer_sizes": layers, "n_connections": 40}
        yield SCANNClassifier(letter, **compiled, **ONE_PART)
        yield SCANNClassifier(scheme, engine="torch", n_connections=0.8, **SMALL)
    b, small = SCHEMES["B"], SMALL | {"hidden_layer_sizes": (20,)}
    yield SCANNClassifier(b, solver="sgd", input_scaling="robust", **small)
    yield SCANNClassifier(b, solver="adamw", input_scaling="range", n_connections=0.5, **small)
    yield SCANNClassifier(b, early_stopping=True, input_scaling=None, **small)
    yield SCANNClassifier(b, class_weight="balanced", scoring="neg_log_loss", **small)
    yield SCANNClassifier(batch_size=1000, shuffle=False, label_smoothing=0, n_connections=0.3)
    for scheme, bound in ((SchemeA, "auto"), (SchemeB, 0.3), (SchemeC, 30)):
        published = scheme.as_published(epochs=2, iterations=1).set_params(**FEW)
        yield SCANNClassifier(published, n_connections=bound, **small)
    # rows of any number of features are images of one row
    for letter, maps in (("C", (2, 2)), ("NeST", (5, 6))):
        layers = [Conv2d(maps[0], 3, padding=1), AvgPool2d(1), Conv2d(maps[1], 1)]
        padded = ConvFrontEnd(layers)
        yield SCANNClassifier(SCHEMES[letter], front_end=padded, n_connections=60, **small)
    yield EarlyExitClassifier(**ONE_PART)
    yield EarlyExitClassifier(SCHEMES["A"], exit_loss=0.1, **EXITS)
    layers = {"hidden_layer_sizes": (8, 6, 4), "distillation": 0.5}
    yield EarlyExitClassifier(SCHEMES["C"], **layers, **ONE_PART)
    yield EarlyExitClassifier(SCHEMES["NeST"], hidden_layer_sizes=(12,), **EXITS)


def long_ones():
    """Classifiers with folds and another path of the code, and exits with torch."""
    yield SCANNClassifier(SCHEMES["B"], random_state=0)
    yield EarlyExitClassifier(random_state=0)
    small = SMALL | {"hidden_layer_sizes": (20,)}
    yield EarlyExitClassifier(SCHEMES["B"], engine="torch", thresholds=[0.8], **small | EXITS)
    with torch.device("meta"):  # torch would draw weights from its global stream
        second = torch.nn.Linear(6, 5, dtype=torch.float64)
    second = second.to_empty(device="cpu")
    for number, weight in enumerate(second.parameters(), start=1):
        weight.data.copy_(torch.linspace(-1, number, weight.numel()).view_as(weight))
    # rows of any number of features are pooled to six
    sections = [torch.nn.AdaptiveAvgPool1d(6), torch.nn.Sequential(second, torch.nn.ReLU())]
    yield EarlyExitClassifier(SCHEMES["C"], sections=sections, **SMALL | EXITS)


# The infinite y of one check is cast to integers by scikit-learn itself before it is refused.
# scikit-learn's log loss takes indicators of labels for those of classes, and says so.
pytestmark = [
    pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:The y_prob values do not sum to one:UserWarning"),
]


@parametrize_with_checks(list(configurations()))
def test_scikit_learn_s_checks(estimator, check):
    check(estimator)


def not_for_modules(estimator):
    """Checks that torch modules fail, whatever the estimator."""
    if not getattr(estimator, "sections", None):
        return {}
    reason = "joblib's hash of a torch module is another one after a deep copy"
    return {"check_estimators_overwrite_params": reason}


@pytest.mark.slow
@parametrize_with_checks(list(long_ones()), expected_failed_checks=not_for_modules)
def test_scikit_learn_s_checks_of_long_ones(estimator, check):
    check(estimator)


def regressors():
    """Every scheme with every engine or loss, and parameters that take another path."""
    yield SCANNRegressor(**ONE_PART)
    b, small = SCHEMES["B"], SMALL | {"hidden_layer_sizes": (20,)}
    losses = ("squared_error", "absolute_error", "huber")
    for letter, scheme in SCHEMES.items():
        for loss in losses:
            bound = "auto" if (letter, loss) == ("C", "huber") else 40
            yield SCANNRegressor(scheme, loss=loss, engine="compiled", n_connections=bound, **small)
    yield SCANNRegressor(b, engine="torch", batch_size=200, **small)
    yield SCANNRegressor(b, solver="sgd", input_scaling="robust", **small)
    yield SCANNRegressor(b, early_stopping=True, scoring="neg_mean_absolute_error", **small)
    front_end = ConvFrontEnd([Conv2d(3, 1)])
    yield SCANNRegressor(SCHEMES["A"], front_end=front_end, n_connections=60, **SMALL)


def long_regressors():
    """Folds, and every scheme and every loss with torch: not all pairs of them."""
    yield SCANNRegressor(random_state=0)
    small = SMALL | {"hidden_layer_sizes": (20,)}
    losses = ("squared_error", "absolute_error", "huber", "squared_error")
    for scheme, loss in zip(SCHEMES.values(), losses, strict=True):
        yield SCANNRegressor(scheme, loss=loss, engine="torch", n_connections=40, **small)


@parametrize_with_checks(list(regressors()))
def test_scikit_learn_s_checks_of_regressors(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(list(long_regressors()))
def test_scikit_learn_s_checks_of_long_regressors(estimator, check):
    check(estimator)
