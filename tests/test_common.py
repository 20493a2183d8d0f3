"""scikit-learn's own checks of the classifier, over its configurations."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from scann_sklearn import SCANNClassifier, SchemeA, SchemeB, SchemeC

# The torch engine takes its time for every level of a network, the checks fit about 80 of them.
FEW = {"initial_epochs": 12, "epochs": 4, "iterations": 1}
SMALL = {"hidden_layer_sizes": (8,), "learning_rate_init": 0.03, "random_state": 0}


def configurations():
    """Every scheme with every engine, and every parameter that takes another path."""
    for letter in "ABC":
        yield SCANNClassifier(letter, random_state=0)
        yield SCANNClassifier(
            letter, engine="compiled", hidden_layer_sizes=(10, 5), n_connections=40, random_state=0
        )
    a = SchemeA(growth_iterations=1, initial_hidden=1.0, initial_pruning=0.3, **FEW)
    for scheme in (a, SchemeB(**FEW), SchemeC(**FEW)):
        yield SCANNClassifier(scheme, engine="torch", n_connections=0.8, **SMALL)
    small = SMALL | {"hidden_layer_sizes": (20,)}
    yield SCANNClassifier(solver="sgd", input_scaling="robust", **small)
    yield SCANNClassifier(solver="adamw", input_scaling="range", n_connections=0.5, **small)
    yield SCANNClassifier(early_stopping=True, input_scaling=None, **small)
    yield SCANNClassifier(class_weight="balanced", scoring="neg_log_loss", **small)
    yield SCANNClassifier(batch_size=1000, shuffle=False, label_smoothing=0, n_connections=0.3)
    paper = {"pruning_ratio": None, "growth_limit": None, "pruning_criterion": "magnitude"}
    yield SCANNClassifier(SchemeB(**paper), n_connections=0.3, **small)
    yield SCANNClassifier(SchemeC(growth="full", **paper), n_connections=30, random_state=0)


# The infinite y of one check is cast to integers by scikit-learn itself before it is refused.
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@parametrize_with_checks(list(configurations()))
def test_scikit_learn_s_checks(estimator, check):
    check(estimator)
