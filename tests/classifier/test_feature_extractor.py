"""Estimators behind a torch module that makes the features."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
import pickle

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from torch import nn

from scann_sklearn import (
    Conv2d,
    ConvFrontEnd,
    DimReducer,
    SCANNClassifier,
    SCANNRegressor,
    absorb_reduction,
)
from scann_sklearn.export import SparseModel, to_c, to_onnx
from scann_sklearn.inspection import ArchitectureDisplay
from scann_sklearn.metrics import EnergyModel, n_bytes
from scann_sklearn.metrics._stages_of import inference_stages
from scann_sklearn.model._model import model_of

from ._helpers import run_python, same_network, short
from ._modules import (
    FEW,
    X_TEST,
    X_TRAIN,
    Y_TEST,
    Y_TRAIN,
    Calls,
    Counting,
    X,
    convolutions,
    halves,
    images_of,
)


@pytest.fixture(scope="module")
def fitted():
    clf = short("C", feature_extractor=Counting(convolutions()), n_connections=300)
    return clf.fit(images_of(X_TRAIN), Y_TRAIN)


def expected_features(X):
    with torch.no_grad():
        return convolutions().eval()(torch.tensor(images_of(X), dtype=torch.float32)).flatten(1)


def test_digits_are_learnt(fitted):
    assert fitted.score(images_of(X_TEST), Y_TEST) > 0.8
    assert fitted.n_features_in_ == 64
    assert fitted.weights_.shape[1] == 36 + fitted.n_hidden_
    assert fitted.weights_.dtype == np.float32
    assert 100 < fitted.n_connections_ <= 300
    assert fitted.feature_deviations_ == pytest.approx(X_TRAIN.std(axis=0), rel=0.1, abs=0.1)


def test_it_is_the_fit_of_the_features(fitted):
    features = fitted._extractor_.read(X_TRAIN)
    np.testing.assert_allclose(features, expected_features(X_TRAIN), rtol=1e-4, atol=1e-4)
    plain = short("C", n_connections=300).fit(features, Y_TRAIN)
    assert same_network(plain, fitted)
    outputs = plain.predict_proba(expected_features(X_TEST).numpy())
    np.testing.assert_allclose(fitted.predict_proba(X_TEST), outputs, atol=1e-5)
    chosen = fitted.select(n_connections=fitted.path_[0].n_connections)
    assert chosen.feature_extractor_ is fitted.feature_extractor_
    assert chosen.score(X_TEST, Y_TEST) <= fitted.score(X_TEST, Y_TEST) + 0.05


def test_features_are_computed_once_and_the_module_is_left_alone():
    module = Counting(convolutions())
    module.inner[1].eval()
    before, modes = copy.deepcopy(module.state_dict()), [m.training for m in module.modules()]
    X_before = X_TRAIN[:300].copy()
    clf = short("C", feature_extractor=module, n_connections=100, early_stopping=True)
    clf.fit(images_of(X_before), FEW[1])
    assert clf.feature_extractor is module
    assert all(torch.equal(value, module.state_dict()[key]) for key, value in before.items())
    assert [m.training for m in module.modules()] == modes
    assert all(parameter.requires_grad for parameter in module.parameters())
    assert np.array_equal(X_before, X_TRAIN[:300])
    assert clf.feature_extractor_ is not module
    assert not clf.feature_extractor_.training
    assert clf.feature_extractor_.n_samples == 301  # one is tried first
    assert len(clf.history_) > 10


def test_images_and_rows_are_the_same(fitted):
    expected = fitted.predict_proba(images_of(X_TEST))
    assert np.array_equal(fitted.predict_proba(X_TEST), expected)
    assert np.array_equal(fitted.predict_proba(images_of(X_TEST).tolist()), expected)
    assert np.array_equal(fitted.predict_proba(sparse.csr_array(X_TEST)), expected)
    one_by_one = np.concatenate([fitted.predict_proba(row[None]) for row in X_TEST[:5]])
    np.testing.assert_allclose(one_by_one, expected[:5], atol=1e-5)


@pytest.mark.parametrize("X_val", [X_TEST[:50], images_of(X_TEST[:50])])
def test_validation_data_of_either_form(X_val):
    clf = short(feature_extractor=convolutions(), n_connections=100)
    clf.fit(images_of(FEW[0]), FEW[1], X_val=X_val, y_val=Y_TEST[:50])
    assert clf.validation_score_ == pytest.approx(clf.score(X_val, Y_TEST[:50]))


def test_the_module_gets_the_shape_and_the_dtype_of_its_parameters():
    seen = []
    layer = nn.Linear(64, 3, dtype=torch.float64)

    class Watching(nn.Sequential):
        def forward(self, X):
            seen.append((tuple(X.shape), X.dtype, torch.is_grad_enabled()))
            return super().forward(X)

    clf = short(feature_extractor=Watching(layer), n_connections=30).fit(*FEW)
    assert [shape[0] for shape, *_ in seen] == [1, 64, 64, 64, 64, 44]
    assert set(seen[1:-1]) == {((64, 64), torch.float64, False)}
    assert clf.weights_.dtype == np.float64
    assert clf.weights_.shape[1] == 3 + clf.n_hidden_
    with pytest.raises(ValueError, match="X in fit were rows of features"):
        clf.predict(images_of(X_TEST))


def test_rows_with_weights_that_are_sparse_and_folds():
    clf = SCANNClassifier(
        short("C").scheme, feature_extractor=Calls(halves), hidden_layer_sizes=(4,), random_state=0
    )
    X_sparse = sparse.csr_array(X_TRAIN[:120])
    clf.fit(X_sparse, Y_TRAIN[:120] > 4, sample_weight=np.arange(120.0))
    assert np.array_equal(clf.predict(X_TEST), clf.predict(sparse.csr_array(X_TEST)))
    assert clf.weights_.shape[1] == 3 + clf.n_hidden_


def test_a_teacher_and_a_scorer_get_raw_samples():
    asked = []

    def scorer(estimator, X, y):
        asked.append(X.shape)
        same = np.array_equal(estimator.predict(X), estimator.predict(X.copy()))
        return estimator.score(X, y) if same else np.nan

    teacher = GaussianNB()
    clf = short(
        feature_extractor=convolutions(), teacher=teacher, scoring=scorer, n_connections=100
    )
    X_images = images_of(FEW[0] / 16)
    clf.fit(X_images, FEW[1])
    assert set(asked) == {(30, 64)}
    assert clf.score(X_images, FEW[1]) > 0.5


@pytest.mark.parametrize("dump", ["pickle", "deepcopy"])
def test_a_saved_estimator_says_the_same(fitted, dump):
    loaded = pickle.loads(pickle.dumps(fitted)) if dump == "pickle" else copy.deepcopy(fitted)
    assert loaded.feature_extractor_ is not fitted.feature_extractor_
    assert np.array_equal(loaded.predict_proba(X_TEST), fitted.predict_proba(X_TEST))
    assert same_network(loaded, fitted)
    small = loaded.select(n_connections=loaded.path_[0].n_connections)
    assert small.feature_extractor_ is loaded.feature_extractor_
    other = pickle.loads(pickle.dumps(fitted))
    other.__dict__["n_features_in_"] = 63
    with pytest.raises(ValueError, match="takes images of"):
        pickle.loads(pickle.dumps(other))


def test_clones_and_representations(fitted):
    module = nn.Sequential(*(nn.Sequential(nn.Linear(64, 64), nn.ReLU()) for _ in range(200)))
    clf = short(feature_extractor=module)
    other = clone(clf)
    assert other.feature_extractor is not module
    assert torch.equal(other.feature_extractor[0][0].weight, module[0][0].weight)
    assert clf.get_params()["feature_extractor"] is module
    assert len(repr(clf).splitlines()) < 60
    assert clf._repr_html_().count("Linear") < 40
    assert "feature_extractor_" in fitted._repr_html_()
    assert len(repr(fitted.path_[-1]).splitlines()) == 1


def test_a_search_chooses_a_module():
    grid = {"feature_extractor": [Calls(halves), nn.Linear(64, 20), None]}
    clf = short(n_connections=100)
    search = GridSearchCV(clf, grid, cv=2, error_score="raise")
    search.fit(*FEW)
    assert search.best_params_["feature_extractor"] is not grid["feature_extractor"][0]
    assert search.predict(X_TEST).shape == Y_TEST.shape


def test_a_pipeline_ahead_is_counted_in_full():
    clf = short(feature_extractor=Calls(halves), n_connections=20)
    pipe = make_pipeline(MinMaxScaler(), clf).fit(*FEW)
    assert len(inference_stages(pipe[-1:])) == 1
    ahead, _ = inference_stages(pipe)  # what is ahead of a module isn't folded into what is behind
    assert ahead.n_targets == 64
    display = ArchitectureDisplay.from_estimator(pipe, FEW[0])
    assert len(display.strength) == pipe[-1].n_connections_


def test_size_and_energy_are_those_of_the_network(fitted):
    assert n_bytes(fitted) == n_bytes(model_of(fitted)) == fitted.n_bytes_
    assert fitted.energy_ == EnergyModel().energy(model_of(fitted))
    assert EnergyModel().operations(fitted).macs == fitted.weights_.nnz
    assert "of 36" in str(fitted.summary())


def test_nothing_is_said_about_features_that_only_the_module_knows(fitted):
    for name in ("feature_importances_", "get_support", "n_inputs_used_"):
        assert not hasattr(fitted, name)
        with pytest.raises(AttributeError):
            getattr(fitted, name)
    with pytest.raises(AttributeError, match="36 columns of weights_"):
        fitted.feature_importances_  # noqa: B018


@pytest.mark.parametrize("export", [SparseModel.from_estimator, to_c, to_onnx])
def test_a_module_is_not_exported(fitted, export, tmp_path):
    with pytest.raises(NotImplementedError, match="torch module of a SCANNClassifier"):
        export(fitted, *[tmp_path / "model.h"] * (export is to_c))


def test_reductions_are_not_absorbed():
    pipe = make_pipeline(DimReducer("pca", n_components=64), short(feature_extractor=Calls(halves)))
    with pytest.raises(TypeError, match="without front_end or feature_extractor"):
        absorb_reduction(pipe.fit(*FEW), FEW[0])


def test_to_torch(fitted):
    module = fitted.to_torch()
    images = torch.tensor(images_of(X_TEST), dtype=torch.float32)
    outputs = module(images).detach().numpy()
    np.testing.assert_allclose(outputs, fitted.decision_function(X_TEST), atol=1e-3)
    module[0].inner[1].weight.data.zero_()
    assert fitted.feature_extractor_.inner[1].weight.any()


def test_warm_start_goes_on(fitted):
    clf = copy.deepcopy(fitted).set_params(warm_start=True, n_connections=100)
    clf.fit(images_of(X_TRAIN), Y_TRAIN)
    assert clf.n_connections_ <= 100
    assert clf.score(X_TEST, Y_TEST) > 0.6
    clf.set_params(feature_extractor=nn.Flatten())
    with pytest.raises(ValueError, match="reads 36 extracted features, but .* 64 extr"):
        clf.fit(images_of(X_TRAIN), Y_TRAIN)
    assert clf.predict(X_TEST[:3]).shape == (3,)
    clf.set_params(feature_extractor=None)
    with pytest.raises(ValueError, match="reads 36 extracted features, but .* features of X"):
        clf.fit(X_TRAIN, Y_TRAIN)
    clf.set_params(warm_start=False, feature_extractor=None).fit(*FEW)
    assert clf.feature_extractor_ is None
    assert clf.weights_.shape[1] == 64 + clf.n_hidden_


def test_values():
    values = halves(torch.tensor(X)).numpy() @ [1, -1, 3.0]
    reg = SCANNRegressor(
        feature_extractor=Calls(halves), hidden_layer_sizes=(5,), n_connections=20, random_state=0
    ).fit(X_TRAIN[:300], values[:300])
    assert reg.score(X_TEST, values[1200:]) > 0.9


BEHAVIOUR = [
    (Calls(lambda X: X[:, : len(X)]), ValueError, "changes its shape"),
    (Calls(lambda X: X.squeeze()), ValueError, "one row of numbers"),
    (Calls(lambda X: X.mean()), ValueError, "one row of numbers"),
    (Calls(lambda X: X[:, :0]), ValueError, "outputs no numbers"),
    (Calls(lambda X: (X, X)), TypeError, "got tuple"),
    (Calls(lambda X: X.numpy()), TypeError, "got ndarray"),
    (Calls(lambda X: torch.complex(X, X)), TypeError, "got torch.complex64"),
    (Calls(lambda X: X / X), ValueError, "returned nan for sample 0"),
    (Calls(lambda X: torch.where(X > 15, torch.inf, X)), ValueError, "returned inf for sample"),
    (nn.Linear(9, 3), ValueError, "failed on a tensor of shape .1, 64.*RuntimeError"),
    (nn.Linear, ValueError, "must be a torch.nn.Module or None"),
    ("resnet18", ValueError, "must be a torch.nn.Module or None"),
]


@pytest.mark.parametrize(("module", "kind", "message"), BEHAVIOUR)
def test_what_does_not_fit_is_said_before_the_training(module, kind, message):
    clf = short(feature_extractor=module)
    with pytest.raises(kind, match=message):
        clf.fit(*FEW)
    assert not hasattr(clf, "weights_")


def test_other_bad_input(fitted):
    both = short(feature_extractor=convolutions(), front_end=ConvFrontEnd([Conv2d(2, 3)]))
    with pytest.raises(ValueError, match="front_end and feature_extractor"):
        both.fit(images_of(FEW[0]), FEW[1])
    with pytest.raises(ValueError, match=r"images of \(1, 7, 8\)"):
        fitted.predict(np.zeros((3, 1, 7, 8)))
    with pytest.raises(ValueError, match="X has 63 features"):
        fitted.predict(np.zeros((3, 63)))
    clf = short(feature_extractor=Calls(torch.exp), n_connections=40).fit(*FEW)
    with pytest.raises(ValueError, match="feature_extractor returned inf for sample 1"):
        clf.predict(X_TEST[:2] * [[1], [1e3]])
    with pytest.raises(ValueError, match="X contains NaN"):
        fitted.predict(np.full((3, 64), np.nan))


def test_torch_is_not_imported_without_a_module():
    code = (
        "import sys; from sklearn.datasets import load_iris; from scann_sklearn import *\n"
        "s = SchemeC(initial_epochs=1, epochs=1, iterations=1)\n"
        "clf = SCANNClassifier(s, n_connections=30).fit(*load_iris(return_X_y=True))\n"
        "print(clf.feature_extractor_, 'torch' in sys.modules)\n"
        "try: clf.set_params(feature_extractor=3).fit([[0], [1]], [0, 1])\n"
        "except ValueError as error: print(error, 'torch' in sys.modules)"
    )
    printed = run_python(code.replace("import *", "import SCANNClassifier, SchemeC"))
    assert printed.splitlines()[0] == "None False"
    assert "a torch.nn.Module or None. Got 3 instead. False" in printed
