"""A search that is interrupted keeps what was finished, and goes on as if nothing had happened."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pickle
import signal

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline

from scann_sklearn import DimReducer
from scann_sklearn.inspection import SearchDisplay
from tests.classifier._helpers import short
from tests.model_selection.test_steerage import IRIS, OURS, SPACE, Table, scann, size, table

COUNTED = ("params", *OURS, "mean_test_score")
FITS: list = []
LIMIT: dict = {}


class Interrupted(Table):
    """Is interrupted in its n-th fit, by what Ctrl-C does."""

    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        FITS.append((self.a, self.b))
        if len(FITS) == LIMIT.get("n"):
            signal.raise_signal(signal.SIGINT)
        return self


@pytest.fixture(autouse=True)
def _count():
    FITS.clear()
    LIMIT.clear()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored
    yield
    signal.signal(signal.SIGINT, before)
    LIMIT.clear()


def interrupted(n, **parameters):
    """A search that is interrupted in its n-th fit, of two a candidate."""
    search = table(warm_start=True, **parameters).set_params(estimator=Interrupted())
    LIMIT["n"] = n
    with pytest.raises(KeyboardInterrupt) as raised:
        search.fit(*IRIS)
    return search, raised.value.__notes__


def same(a, b):
    for name in COUNTED:
        np.testing.assert_array_equal(a.cv_results_[name], b.cv_results_[name])
    timeless = [[{**r, "seconds": 0} for r in search.history_] for search in (a, b)]
    assert repr(timeless[0]) == repr(timeless[1])
    return True


# 6 candidates of the first sample, then batches of 5
@pytest.mark.parametrize(
    ("n", "n_kept", "n_single"), [(6, 2, 1), (12, 5, 1), (17, 8, 0), (32, 15, 1)]
)
def test_finished_fits_are_kept_in_the_middle_of_a_batch(n, n_kept, n_single):
    search, notes = interrupted(n)
    assert len(search.cv_results_["params"]) == n_kept
    assert f"{n_single} single fits of other candidates are kept too" in notes[0]
    assert f"cv_results_ keeps the {n_kept} candidates tried before." in notes[1]
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    for missing in ("best_index_", "best_estimator_", "scorer_"):
        assert not hasattr(search, missing)
    with pytest.raises(NotFittedError):
        search.predict(IRIS[0])
    LIMIT.clear()
    search.fit(*IRIS)
    # the one that was interrupted once more, and the refit
    assert len(FITS) == 32 + 1 + 1
    assert same(search, table(random_state=0).fit(*IRIS))


def test_nothing_is_kept_when_the_first_fit_is_interrupted():
    search, _ = interrupted(1)
    assert not hasattr(search, "cv_results_")
    LIMIT.clear()
    assert same(search.fit(*IRIS), table().fit(*IRIS))


def test_an_interrupted_search_survives_a_file():
    search, _ = interrupted(18)
    LIMIT.clear()
    loaded = pickle.loads(pickle.dumps(search)).fit(*IRIS)
    assert same(loaded, table().fit(*IRIS))


def test_a_search_that_has_ended_goes_on_to_more():
    search = table(warm_start=True, n_iter=11, n_initial=6).fit(*IRIS)
    first = search.cv_results_["params"]
    search.set_params(n_iter=16).fit(*IRIS)
    assert search.cv_results_["params"][:11] == first
    assert same(search, table(n_initial=6).fit(*IRIS))
    n_rounds = len(search.history_)
    assert len(search.fit(*IRIS).history_) == n_rounds  # nothing is left to do
    assert len(search.set_params(warm_start=False).fit(*IRIS).history_) == n_rounds
    assert search.cv_results_["params"][:11] == first


def test_local_candidates_are_interrupted_too():
    whole = scann().fit(*IRIS)
    search = scann(warm_start=True)
    network = type(search.estimator[-1])
    LIMIT["n"], fit = 2 * 6 + 3, network.fit

    class Network(network):
        """Is interrupted in the second local candidate."""

        def fit(self, X, y):
            FITS.append(len(X))
            if len(FITS) == LIMIT.get("n"):
                raise KeyboardInterrupt
            return fit(self, X, y)

    clone = Network(**short().get_params(deep=False))
    pipe = Pipeline([("reduce", DimReducer(random_state=0)), ("scann", clone)])
    search.set_params(estimator=pipe)
    with pytest.raises(KeyboardInterrupt):
        search.fit(*IRIS)
    assert search.cv_results_["stage"].tolist()[-2:] == ["evolved", "local"]
    display = SearchDisplay.from_search(search)
    assert display.chosen is None
    LIMIT.clear()
    search.fit(*IRIS)
    assert same(search, whole)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"param_distributions": SPACE | {"bad": [False]}},
            "param_distributions has changed: it is",
        ),
        ({"cost": lambda *args: 1.0}, "but cost has changed"),
        ({"estimator": Table(a=3)}, "but estimator has changed"),
        ({"cv": 3, "scoring": "accuracy"}, "but scoring and cv have changed"),
    ],
)
def test_another_search_is_refused(change, message):
    search = table(warm_start=True, n_iter=4).fit(*IRIS).set_params(**change)
    with pytest.raises(ValueError, match=message):
        search.fit(*IRIS)
    search.set_params(warm_start=False).fit(*IRIS)


def test_other_data_are_refused():
    X, y = IRIS
    search = table(warm_start=True, n_iter=4).fit(X, y)
    search.fit(X.copy(), y.copy())
    with pytest.raises(ValueError, match="but X has changed. Set warm_start=False"):
        search.fit(X + 1, y)
    with pytest.raises(ValueError, match="but y has changed"):
        search.fit(X, 2 - y)
    with pytest.raises(ValueError, match="but X and y have changed"):
        search.fit(X[:100], y[:100])
    with pytest.raises(ValueError, match="but fit parameters has changed"):
        search.fit(X, y, sample_weight=np.ones(150))
    assert size(Table(a=3), 4, 3) == 12


class InterruptedRefit(Table):
    """Is interrupted when it is fitted to all rows, once it has learnt."""

    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        if len(X) == len(IRIS[0]):
            raise KeyboardInterrupt
        return self


def test_an_interrupted_refit():
    search = table(n_iter=4).set_params(estimator=InterruptedRefit())
    with pytest.raises(KeyboardInterrupt) as raised:
        search.fit(*IRIS)
    assert "the search is fitted" in raised.value.__notes__[-1]
    assert search.best_params_ == search.cv_results_["params"][search.best_index_]
    assert search.predict(IRIS[0]).shape == (150,)
