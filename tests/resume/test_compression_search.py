"""CompressionSearchCV goes on from the fits that had ended, as STEERAGESearchCV does."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.model_selection import ShuffleSplit
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline

from scann_sklearn import DimReducer
from scann_sklearn.model_selection import CompressionSearchCV
from scann_sklearn.resume import _pace
from tests.classifier._helpers import ROOT, same_network, short

from ._left import changed

WINE = load_wine(return_X_y=True)
N_FITS = 21  # of three splits each: two methods and no reduction at ratio 1, then two at two ratios
FITS: list = []
STOP_AT: list = []


class Counted(GaussianNB):
    """Has the parameter of a network, counts its fits, and at some of them presses Ctrl-C."""

    def __init__(self, hidden_layer_sizes=(12,), priors=None, var_smoothing=1e-9):
        super().__init__(priors=priors, var_smoothing=var_smoothing)
        self.hidden_layer_sizes = hidden_layer_sizes

    def fit(self, X, y, sample_weight=None):
        FITS.append(self.hidden_layer_sizes)
        if len(FITS) in STOP_AT:
            raise KeyboardInterrupt
        return super().fit(X, y, sample_weight)


@pytest.fixture(autouse=True)
def _forget():
    FITS.clear()
    STOP_AT.clear()


def compression(classifier, **parameters):
    pipe = Pipeline([("reduce", DimReducer(random_state=0)), ("scann", classifier)])
    given = {"methods": ["pca", "sparse_rp"], "ratios": range(1, 4), "max_gap": None, "cv": 3}
    return CompressionSearchCV(pipe, **given | {"max_drop": None} | parameters)


def counted(**parameters):
    return compression(Counted(), **parameters)


def same(a, b):
    for name in a.cv_results_.keys() | b.cv_results_.keys():
        if not name.endswith("_time"):
            np.testing.assert_array_equal(a.cv_results_[name], b.cv_results_[name])
    np.testing.assert_array_equal(a.predict(WINE[0]), b.predict(WINE[0]))
    return (a.best_params_, a.stopped_) == (b.best_params_, b.stopped_)


@pytest.mark.parametrize("n", [1, 5, 10, 21, 22])  # the last one is the refit
@pytest.mark.parametrize("scoring", [None, ["accuracy", "neg_log_loss"]])
def test_interrupted_in_any_round(tmp_path, n, scoring):
    more = {"scoring": scoring, "refit": "accuracy" if scoring else True}
    more["return_train_score"] = scoring is not None
    whole = counted(**more).fit(*WINE)
    assert len(FITS) == N_FITS + 1
    FITS.clear()
    STOP_AT.append(n)
    with pytest.raises(KeyboardInterrupt):
        counted(checkpoint=tmp_path, **more).fit(*WINE)
    assert len(list(tmp_path.iterdir())) == (n > 1)
    STOP_AT.clear()
    search = counted(checkpoint=tmp_path, **more).fit(*WINE)
    assert len(FITS) == N_FITS + 2  # the one that was interrupted
    assert same(search, whole)
    assert list(tmp_path.iterdir()) == []


def test_methods_are_stopped_by_kept_scores(tmp_path):
    whole = counted(max_gap=0.02, max_drop=0.01).fit(*WINE)
    assert whole.stopped_
    n_fits = len(FITS)
    FITS.clear()
    STOP_AT.extend([4, n_fits - 1])
    for _ in STOP_AT:
        with pytest.raises(KeyboardInterrupt):
            counted(max_gap=0.02, max_drop=0.01, checkpoint=tmp_path).fit(*WINE)
    search = counted(max_gap=0.02, max_drop=0.01, checkpoint=tmp_path).fit(*WINE)
    assert len(FITS) == n_fits + 2
    assert same(search, whole)


def test_splits_are_kept(tmp_path):
    STOP_AT.append(12)
    given = {"cv": ShuffleSplit(3), "checkpoint": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        counted(**given).fit(*WINE)
    (path,) = tmp_path.iterdir()
    content = {}
    changed(path, lambda tree: content.update(tree["content"]))
    scores = [out["test_scores"] for _, out in content["fits"].values()]
    assert len(scores) == 11
    search = counted(**given).fit(*WINE)
    found = np.transpose([search.cv_results_[f"split{number}_test_score"] for number in range(3)])
    assert found.ravel()[:11].tolist() == scores
    again = counted(cv=content["splits"]).fit(*WINE)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], again.cv_results_["mean_test_score"]
    )


def test_other_data_begin_anew_and_foreign_files_stay(tmp_path):
    STOP_AT.append(10)
    with pytest.raises(KeyboardInterrupt):
        counted(checkpoint=tmp_path).fit(*WINE)
    FITS.clear()
    STOP_AT.clear()
    counted(checkpoint=tmp_path).fit(WINE[0] + 1, WINE[1])
    assert len(FITS) == N_FITS + 1
    (path,) = tmp_path.iterdir()
    with pytest.raises(ValueError, match=r"max_drop was None and is 0\.5"):
        counted(checkpoint=path, max_drop=0.5).fit(*WINE)
    path.write_bytes(b"foreign")
    with pytest.raises(ValueError, match="is no checkpoint"):
        counted(checkpoint=tmp_path).fit(*WINE)
    assert path.read_bytes() == b"foreign"


def test_a_lambda_is_refused_by_name(tmp_path):
    with pytest.raises(TypeError, match="scoring is a lambda"):
        counted(checkpoint=tmp_path, scoring=lambda *args: 0.0).fit(*WINE)
    assert list(tmp_path.iterdir()) == []


def test_a_search_of_an_older_version_has_no_checkpoint():
    search = counted()
    state = search.__getstate__()
    del state["checkpoint"]
    search.__setstate__(state)
    assert pickle.loads(pickle.dumps(search)).fit(*WINE).score(*WINE) > 0.8


CHILD = """
import sys
from scann_sklearn.resume import _pace
from tests.resume._halting import Halting
from tests.resume.test_compression_search import WINE, networks

_pace._TIMES = 0
sys.stdout = Halting(sys.stdout, 1)
networks(checkpoint=sys.argv[1], estimator__scann__checkpoint=sys.argv[1], verbose=1).fit(*WINE)
"""


def networks(**parameters):
    return compression(short(), ratios=[2, 4], cv=2).set_params(**parameters)


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_killed_process(tmp_path, capsys, monkeypatch):
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline().startswith("ratio 2")
        process.kill()
        process.communicate()
    (path,) = tmp_path.glob("*.npz")
    monkeypatch.setattr(_pace, "_TIMES", 0)
    both = {"checkpoint": tmp_path, "estimator__scann__checkpoint": tmp_path}
    search = networks(verbose=1, **both).fit(*WINE)
    assert f"4 fits: resumed from {path}" in capsys.readouterr().out
    whole = networks().fit(*WINE)
    assert same(search, whole)
    assert same_network(search.best_estimator_[-1], whole.best_estimator_[-1])
    assert list(tmp_path.iterdir()) == []
