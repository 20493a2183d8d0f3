"""Torch modules that are trained together with the network behind them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
import pickle

import numpy as np
import pytest
import torch
from scipy import sparse
from torch import nn

from scann_sklearn import SCANNClassifier, SCANNRegressor

from ._callbacks import Callback, Interrupt
from ._helpers import short
from ._modules import (
    FEW,
    X_TEST,
    X_TRAIN,
    Y_TEST,
    Y_TRAIN,
    Calls,
    X,
    convolutions,
    halves,
    images_of,
)


@pytest.fixture(scope="module")
def joint():
    module = nn.Sequential(*list(convolutions())[1:4], nn.MaxPool2d(2))
    module[1].bias.requires_grad_(False)
    clf = short("C", feature_extractor=module, extractor_training="joint", batch_size=64)
    clf.set_params(n_connections=150, learning_rate_init=0.01)
    return clf.fit(images_of(FEW[0]), FEW[1], X_val=X_TEST[:100], y_val=Y_TEST[:100])


def test_a_module_is_trained_with_the_network(joint):
    given, trained = joint.feature_extractor, joint.feature_extractor_
    assert torch.equal(given[0].weight, convolutions()[1].weight)
    assert given[1].num_batches_tracked == 0
    assert given.training
    assert not torch.equal(trained[0].weight, given[0].weight)
    assert torch.equal(trained[1].bias, given[1].bias)  # asks for no gradient
    assert trained[1].num_batches_tracked > 10
    assert not trained.training
    assert joint.n_connections_ <= 150
    assert joint.score(X_TEST, Y_TEST) > 0.3  # batch normalisation hasn't seen many batches


def test_every_network_of_the_path_has_a_module_of_its_own(joint):
    held = X_TEST[:100], Y_TEST[:100]
    for point in joint.path_:
        chosen = joint.select(n_connections=point.n_connections)
        assert chosen.feature_extractor_ is point.feature_extractor.module
        assert chosen.score(*held) == pytest.approx(point.validation_score)
    if len(joint.path_) > 1:
        first, last = (joint.path_[i].feature_extractor.module[0].weight for i in (0, -1))
        assert not torch.equal(first, last)


def test_a_joint_fit_is_saved_repeated_and_continued(joint):
    loaded = pickle.loads(pickle.dumps(joint))
    assert np.array_equal(loaded.predict_proba(X_TEST), joint.predict_proba(X_TEST))
    outputs = joint.to_torch()(torch.tensor(images_of(X_TEST), dtype=torch.float32))
    expected = joint.decision_function(X_TEST)
    np.testing.assert_allclose(outputs.detach().numpy(), expected, rtol=1e-3, atol=1e-2)
    before = copy.deepcopy(joint.feature_extractor_.state_dict())
    loaded.set_params(warm_start=True, n_connections=100, early_stopping=True)
    loaded.fit(images_of(FEW[0]), FEW[1])
    assert loaded.n_connections_ <= 100
    assert loaded.score(*FEW) > 0.3
    after = joint.feature_extractor_.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


@pytest.mark.parametrize("solver", ["sgd", "adamw"])
def test_joint_values_and_solvers(solver):
    values = halves(torch.tensor(X)).numpy() @ [1, -1, 3.0]
    scheme = short("B").scheme
    reg = SCANNRegressor(
        scheme,
        feature_extractor=nn.Linear(64, 8),
        extractor_training="joint",
        hidden_layer_sizes=(5,),
        n_connections=30,
        solver=solver,
        learning_rate_init=0.003,
        random_state=0,
    ).fit(sparse.csr_array(X_TRAIN[:300] / 16), values[:300])
    assert reg.score(X_TEST / 16, values[1200:]) > 0.5
    assert reg.weights_.shape[1] == 8 + reg.n_hidden_


class Reader(Callback):
    """Asks what there is at the end of every epoch, and remembers the shares that are right."""

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
        """Predict the training data."""
        if context.task_name == "epoch":
            self.ended.append(fitted_estimator.score(X, y))


@pytest.mark.parametrize("training", ["frozen", "joint"])
def test_callbacks_and_interruptions(training):
    parameters = {"feature_extractor": convolutions()[1], "extractor_training": training}
    clf = short("C", n_connections=100, **parameters)
    reader = Reader()
    with pytest.raises(KeyboardInterrupt):
        clf.set_callbacks(reader, Interrupt(12)).fit(images_of(FEW[0]), FEW[1])
    assert len(reader.ended) == 12
    assert max(reader.ended[6:]) > 0.3
    assert clf.n_connections_ <= 100
    assert clf.predict(X_TEST).shape == Y_TEST.shape
    changed = not torch.equal(clf.feature_extractor_.weight, clf.feature_extractor.weight)
    assert changed == (training == "joint")


def test_a_joint_fit_with_folds():
    scheme = short("C").scheme.set_params(initial_epochs=2, epochs=1, growth_epochs=1)
    clf = SCANNClassifier(scheme, feature_extractor=nn.Linear(64, 4), extractor_training="joint")
    clf.set_params(hidden_layer_sizes=(4,), random_state=0).fit(X_TRAIN[:60], Y_TRAIN[:60] > 4)
    assert clf.predict(X_TEST).shape == Y_TEST.shape


def test_joint_training_takes_torch():
    clf = short(feature_extractor=nn.Flatten(), extractor_training="joint", engine="compiled")
    with pytest.raises(ValueError, match="needs the torch engine"):
        clf.fit(*FEW)


class Growing(nn.Linear):
    """Makes more numbers in training."""

    def forward(self, X):
        made = super().forward(X)
        return torch.cat([made, made], 1) if self.training else made


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (Growing(64, 3), "changes its shape: 6 numbers per sample in training, but 3 before"),
        # the last batch has one sample
        (nn.Sequential(nn.Linear(64, 3), nn.BatchNorm1d(3)), r"failed in training, .*\(1, 64\)"),
    ],
)
def test_modules_that_do_something_else_in_training(module, message):
    clf = short(feature_extractor=module, extractor_training="joint", batch_size=64)
    with pytest.raises(ValueError, match=message):
        clf.fit(X_TRAIN[:129], Y_TRAIN[:129], X_val=X_TEST, y_val=Y_TEST)


def test_a_module_without_parameters():
    clf = short(feature_extractor=Calls(halves), extractor_training="joint", n_connections=40)
    assert clf.fit(*FEW).predict(X_TEST).shape == Y_TEST.shape
