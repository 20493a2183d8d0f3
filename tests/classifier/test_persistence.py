"""A fitted classifier is plain arrays: small pickles, and no torch to predict with."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
import pickle

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import SCANNClassifier, SchemeB

from ._helpers import run_python, same_network, short

PREDICT = """
import sys
import joblib
import numpy as np
classifier, X, y, expected = joblib.load(sys.argv[1])
assert np.array_equal(classifier.predict_proba(X), expected)
classifier.predict(X), classifier.predict_log_proba(X), classifier.score(X, y)
small = classifier.select(n_connections=classifier.path_[0].n_connections)
small.predict(X), small.get_support()
assert "SCANNClassifier" in repr(classifier)
assert "SCANNClassifier" in classifier._repr_html_()
from scann_sklearn import energy_score
assert energy_score(small) >= energy_score(classifier)
print(sorted({"torch", "skorch"} & set(sys.modules)))
"""


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_prediction_in_a_fresh_process_imports_no_torch(digits, tmp_path, dtype):
    X, y = digits[0].astype(dtype), digits[1]
    classifier = short(hidden_layer_sizes=(20,)).fit(X, y)
    path = tmp_path / "classifier.joblib"
    joblib.dump((classifier, X, y, classifier.predict_proba(X)), path)
    assert run_python(PREDICT, path).strip() == "[]"


FIT = """
import gc, sys
from sklearn.datasets import load_iris
from scann_sklearn import SCANNClassifier, SchemeC
from scann_sklearn.network._compile import Kernel
scheme = SchemeC(initial_epochs=2, epochs=1, iterations=1)
X, y = load_iris(return_X_y=True)
for n_connections in (20, "auto"):
    SCANNClassifier(scheme, n_connections=n_connections, hidden_layer_sizes=(9,)).fit(X, y)
print(sorted({"torch", "skorch"} & set(sys.modules)))
kernels = [found for found in gc.get_objects() if isinstance(found, Kernel)]
print(len(kernels) > 10, sum(sum(kernel.stats.cache_misses.values()) for kernel in kernels))
"""


def test_a_compiled_fit_imports_no_torch_and_compiles_once():
    first, second = (run_python(FIT).splitlines() for _ in range(2))
    assert first[0] == second[0] == "[]"
    assert second[1] == "True 0"


def test_an_unfitted_classifier_imports_no_torch():
    code = (
        "import sys; from scann_sklearn import SCANNClassifier, SchemeB; "
        "c = SCANNClassifier(SchemeB()); repr(c); c._repr_html_(); c.get_params(); "
        "print(sorted({'torch', 'skorch'} & set(sys.modules)))"
    )
    assert run_python(code).strip() == "[]"


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
def test_pickle(wine, scheme):
    X, y = wine
    classifier = short(scheme).fit(X, y)
    loaded = pickle.loads(pickle.dumps(classifier))
    assert same_network(loaded, classifier)
    assert repr(loaded) == repr(classifier)
    np.testing.assert_array_equal(loaded.predict_proba(X), classifier.predict_proba(X))
    assert loaded.select(max_loss=0).n_connections_ == classifier.path_[-1].n_connections


def test_pickles_are_small(digits):
    X, y = digits
    classifier = short(hidden_layer_sizes=(50,)).fit(X, y)
    size = len(pickle.dumps(classifier))
    on_path = sum(12 * p.n_connections + 12 * (p.n_hidden + 11) + 1500 for p in classifier.path_)
    assert size < on_path + 200 * classifier.n_iter_ + 5000
    assert size < X.nbytes


def test_the_training_data_are_not_kept(digits):
    X, y = digits
    classifier = short(n_connections=50).fit(X, y)
    few = short(n_connections=50).fit(X[:300], y[:300])
    sizes = [len(pickle.dumps(c)) for c in (classifier, few)]
    assert abs(sizes[0] - sizes[1]) < X.nbytes / 10


@pytest.mark.parametrize("memory_map", [None, "r"])
def test_joblib_with_memory_map(digits, tmp_path, memory_map):
    X, y = digits
    classifier = short().fit(X, y)
    joblib.dump(classifier, tmp_path / "classifier")
    loaded = joblib.load(tmp_path / "classifier", mmap_mode=memory_map)
    np.testing.assert_array_equal(loaded.predict_proba(X), classifier.predict_proba(X))
    loaded.to_torch()
    loaded.set_params(warm_start=True).fit(X, y)


def test_deep_copy(iris):
    classifier = short().fit(*iris)
    other = copy.deepcopy(classifier)
    other.weights_.data[:] = 0
    assert same_network(classifier, short().fit(*iris))
    assert (classifier.weights_.data != 0).any()


def test_clone(iris):
    scheme = SchemeB(epochs=3, initial_epochs=4)
    classifier = SCANNClassifier(scheme, n_connections=20, random_state=3).fit(*iris)
    copied = clone(classifier)
    with pytest.raises(NotFittedError):
        copied.predict(iris[0])
    assert copied.scheme is not scheme
    assert copied.scheme.get_params() == scheme.get_params()
    assert repr(copied) == repr(classifier)
    assert copied.get_params()["scheme__epochs"] == 3


def test_fit_leaves_parameters_alone(iris):
    classifier = SCANNClassifier("B", hidden_layer_sizes=[5], n_connections=0.5)
    before = classifier.get_params()
    classifier.fit(*iris)
    assert classifier.get_params() == before
    assert classifier.scheme == "B"
    assert classifier.hidden_layer_sizes == [5]
    # everything else has a name with an underscore at its end, or is scikit-learn's
    learned = set(vars(classifier)) - set(before)
    assert {name for name in learned if not name.endswith("_")} == set()


def test_representations(iris):
    classifier = short().fit(*iris)
    assert "SchemeB" in repr(classifier)
    html = make_pipeline(StandardScaler(), classifier)._repr_html_()
    assert "SCANNClassifier" in html
