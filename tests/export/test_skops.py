"""skops loads estimators and pipelines, trusting a short list, and refuses everything else."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
import io
import pickle
import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from skops.io.exceptions import UntrustedTypesFoundException

from scann_sklearn import DimReducer
from scann_sklearn.export import skops_trusted_types
from scann_sklearn.model_selection import STEERAGESearchCV
from tests.classifier._helpers import same_network, short
from tests.early_exit._helpers import short as short_exits

AFFINE = ["pca", "factor_analysis", "ica", "gaussian_rp", "sparse_rp", "passthrough"]


def test_estimators_and_pipelines(case, tmp_path):
    path = tmp_path / "model.skops"
    skops.io.dump(case.model, path)
    loaded = skops.io.load(path, trusted=skops_trusted_types())
    np.testing.assert_array_equal(loaded.predict_proba(case.X), case.model.predict_proba(case.X))
    classifiers = [m[-1] if hasattr(m, "steps") else m for m in (loaded, case.model)]
    assert same_network(*classifiers)
    assert repr(loaded) == repr(case.model)
    small = classifiers[0].select(max_loss=0.1)
    assert small.n_connections_ <= classifiers[0].n_connections_


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
def test_schemes(scheme):
    X, y = load_iris(return_X_y=True)
    model = short(scheme).fit(X, y)
    loaded = skops.io.loads(skops.io.dumps(model), trusted=skops_trusted_types())
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    loaded.set_params(warm_start=True).fit(X, y)


@pytest.mark.parametrize("method", [*AFFINE, "spectral_embedding"])
def test_reductions(method):
    X, _ = load_iris(return_X_y=True)
    reducer = DimReducer(method, n_components=2, n_landmarks=30, random_state=0).fit(X)
    loaded = skops.io.loads(skops.io.dumps(reducer), trusted=skops_trusted_types())
    np.testing.assert_array_equal(loaded.transform(X), reducer.transform(X))


def test_isomap_needs_two_more():
    X, _ = load_iris(return_X_y=True)
    reducer = DimReducer("isomap", n_components=2, n_landmarks=30, random_state=0).fit(X)
    data = skops.io.dumps(reducer)
    more = set(skops.io.get_untrusted_types(data=data)) - set(skops_trusted_types())
    assert more == {
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.neighbors._ball_tree.BallTree",
    }
    loaded = skops.io.loads(data, trusted=[*skops_trusted_types(), *more])
    np.testing.assert_array_equal(loaded.transform(X), reducer.transform(X))


def test_a_search_needs_its_trees_and_its_scorer():
    X, y = load_iris(return_X_y=True)
    space = {"n_connections": [12, 15, 20, 30]}
    search = STEERAGESearchCV(short(), space, n_iter=4, n_local=1, cv=2, random_state=0)
    data = skops.io.dumps(search.fit(X, y))
    more = set(skops.io.get_untrusted_types(data=data)) - set(skops_trusted_types())
    assert more == {
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.metrics._scorer._PassthroughScorer",
    }
    loaded = skops.io.loads(data, trusted=[*skops_trusted_types(), *more])
    np.testing.assert_array_equal(loaded.predict(X), search.predict(X))
    loaded.set_params(warm_start=True, n_iter=5).fit(X, y)
    assert len(loaded.cv_results_["params"]) == 5


def test_every_name_on_the_list_is_needed(case):
    """And a file that holds a type beyond it is refused before anything is loaded."""
    data = skops.io.dumps(case.model)
    needed = set(skops.io.get_untrusted_types(data=data))
    assert needed <= set(skops_trusted_types())
    for name in needed:
        trusted = [other for other in skops_trusted_types() if other != name]
        with pytest.raises(UntrustedTypesFoundException, match=name.rsplit(".", 1)[1]):
            skops.io.loads(data, trusted=trusted)


def _shout(X):
    print("executed")
    return X


def test_functions_are_not_trusted(capsys):
    X, y = load_iris(return_X_y=True)
    model = make_pipeline(FunctionTransformer(_shout), short()).fit(X, y)
    data = skops.io.dumps(model)
    capsys.readouterr()
    with pytest.raises(UntrustedTypesFoundException, match="_shout"):
        skops.io.loads(data, trusted=skops_trusted_types())
    assert capsys.readouterr().out == ""


def _entries(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_truncated_and_foreign_files(iris_case):
    data = skops.io.dumps(iris_case.model)
    for content in (data[: len(data) // 2], data[:-1], b"", pickle.dumps(1)):
        with pytest.raises(zipfile.BadZipFile):
            skops.io.loads(content, trusted=skops_trusted_types())


@pytest.mark.parametrize("bad", [10**6, -1, 2**32])
def test_changed_indices_are_an_error(iris_case, bad):
    """They would lead the compiled kernels out of their arrays."""
    data, found = skops.io.dumps(iris_case.model), False
    indices = iris_case.model.weights_.indices
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in _entries(data).items():
            if name.endswith(".npz"):  # a sparse matrix
                arrays = dict(np.load(io.BytesIO(content), allow_pickle=False))
                if np.array_equal(arrays["indices"], indices):
                    arrays["indices"] = indices.astype(np.int64)
                    arrays["indices"][0], found = bad, True
                    changed = io.BytesIO()
                    np.savez(changed, **arrays)
                    content = changed.getvalue()
            archive.writestr(name, content)
    assert found
    with pytest.raises(ValueError, match=f"from source {bad} |ind(ex|ices)"):
        skops.io.loads(stream.getvalue(), trusted=skops_trusted_types())


def _to_half_precision(classifier):
    classifier.weights_.data = classifier.weights_.data.astype(np.float16)
    classifier.biases_ = classifier.biases_.astype(np.float16)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.weights_.indices.__setitem__(0, 10**6), "source 1000000"),
        (lambda c: c.weights_.indptr.__setitem__(-1, 10**6), "indptr runs from 0 to 1000000"),
        (lambda c: setattr(c, "biases_", c.biases_[:-1]), "biases for"),
        (lambda c: setattr(c, "biases_", c.biases_.astype(int)), "biases_ of dtype int"),
        (lambda c: setattr(c, "biases_", None), "a csr_array and a NoneType"),
        (lambda c: setattr(c, "weights_", c.weights_.toarray()), "a ndarray and a ndarray"),
        (lambda c: setattr(c, "biases_", c.biases_[:, None]), r"shape \(\d+, 1\)"),
        (_to_half_precision, "biases_ of dtype float16"),
        (lambda c: setattr(c, "n_outputs_", -1), "there are -1 outputs"),
        (lambda c: setattr(c, "n_features_in_", 3), "not allowed|are not a network of 3 features"),
        (lambda c: c.path_[0].weights.indices.__setitem__(0, -9), "source -9"),
        (lambda c: setattr(c, "classes_", c.classes_[:-1]), r"classes_ of shape \(2,\)"),
        (lambda c: setattr(c, "classes_", None), r"classes_ of shape \(\)"),
    ],
)
def test_changed_states_are_errors(iris_case, change, message):
    model = copy.deepcopy(iris_case.model)
    change(model)
    with pytest.raises(ValueError, match=message):
        pickle.loads(pickle.dumps(model))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"thresholds_": np.ones(5)}, "are not those of 3 exits"),
        ({"thresholds_": np.array(["a", "b"])}, "are not those of 3 exits"),
        ({"n_exits_": 0}, "outputs are not those of 0 exits"),
        ({"classes_": np.arange(2)}, r"classes_ of shape \(2,\) are not those of 3 outputs"),
    ],
)
def test_changed_exits_are_errors(change, message):
    model = short_exits().fit(*load_iris(return_X_y=True))
    vars(model).update(change)
    with pytest.raises(ValueError, match=message):
        pickle.loads(pickle.dumps(model))


@pytest.mark.parametrize("fit", [False, True])
@pytest.mark.parametrize("parameter", ["sections", "feature_extractor"])
def test_torch_modules_are_refused(parameter, fit):
    """By an error that says what to use; alone and in a pipeline, which pickle saves."""
    from torch import nn

    X, y = load_iris(return_X_y=True)
    layers = nn.Linear(4, 3), nn.Linear(3, 3)
    if parameter == "sections":
        model = short_exits(n_exits=2, sections=list(layers), hidden_layer_sizes=())
    else:
        model = short("C", feature_extractor=layers[0])
    if fit:
        model.fit(X, y)
    for saved in (model, make_pipeline(model)):
        with pytest.raises(NotImplementedError, match=f"with {parameter}. Use pickle or joblib"):
            skops.io.dumps(saved)
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            again = pickle.loads(pickle.dumps(saved, protocol))
            assert not fit or np.array_equal(again.predict(X), saved.predict(X))
