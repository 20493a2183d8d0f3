"""Early exits drawn: shares and accuracies of samples, and the front of the thresholds."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import EarlyExitClassifier, SchemeB, energy_score
from scann_sklearn.inspection import ExitDisplay
from tests.classifier._helpers import short

NAN = np.nan
FRONT = [(1e-9, 0.8), (2e-9, 0.9), (3e-9, 0.95)]


@pytest.fixture(scope="module")
def fitted(digits):
    X, y = digits
    scheme = SchemeB(initial_epochs=10, epochs=3, iterations=2)
    made = EarlyExitClassifier(scheme, n_connections=300, section_ratio=4, random_state=0)
    return made.fit(X[:600], y[:600])


def test_what_is_drawn():
    display = ExitDisplay([0.7, 0.3, 0], [0.99, 0.5, NAN], FRONT, (2e-9, 0.9), (2.5e-9, 0.8)).plot()
    assert [bar.get_height() for bar in display.bars_] == [0.7, 0.3, 0]
    assert [label.get_text() for label in display.labels_] == ["99.0% right", "50.0% right", ""]
    np.testing.assert_array_equal(display.line_.get_xydata(), FRONT)
    np.testing.assert_array_equal(display.chosen_.get_xydata(), [(2e-9, 0.9)])
    np.testing.assert_array_equal(display.seen_.get_xydata(), [(2.5e-9, 0.8)])
    ticks = [text.get_text() for text in display.axes_[0].get_xticklabels()]
    assert ticks == ["exit 1", "exit 2", "exit 3"]


def test_of_a_classifier(fitted, digits):
    X, y = digits[0][600:], digits[1][600:]
    axes = plt.subplots(2)[1]
    display = ExitDisplay.from_estimator(fitted, X, y).plot(axes)
    assert display.axes_[1] is axes[1]
    assert display.shares.sum() == pytest.approx(1)
    counted = np.nan_to_num(display.accuracies) @ display.shares
    assert counted == pytest.approx(fitted.score(X, y))
    assert display.seen == pytest.approx((-energy_score(fitted, X), fitted.score(X, y)))
    assert np.isclose(display.front, display.chosen, rtol=1e-12).all(axis=1).any()


def test_of_a_pipeline_and_of_thresholds_of_one_s_own(digits):
    X, y = digits
    scheme = SchemeB(initial_epochs=5, epochs=2, iterations=1)
    own = EarlyExitClassifier(scheme, thresholds=[0.5, 0.5], n_connections=300, random_state=0)
    pipe = make_pipeline(StandardScaler(), own).fit(X[:300], y[:300])
    display = ExitDisplay.from_estimator(pipe, X[300:500], y[300:500])
    assert display.seen[1] == pytest.approx(pipe.score(X[300:500], y[300:500]))
    drawn = display.plot().chosen_.get_xydata()[0]
    chosen = next(p for p in pipe[-1].path_ if p.n_connections == pipe[-1].n_connections_)
    assert drawn == pytest.approx((pipe[-1].energy_, chosen.exit_point.accuracy))
    assert 0.1 < drawn[1] <= 1


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda X, y: ExitDisplay([1], [1, 2], FRONT, (1, 1), (1, 1)), ValueError, "inconsistent"),
        (lambda X, y: ExitDisplay([1], [1], [1, 2], (1, 1), (1, 1)), ValueError, r"got \(2,\)"),
        (
            lambda X, y: ExitDisplay.from_estimator(short().fit(X[:200], y[:200]), X, y),
            TypeError,
            "Expected a fitted EarlyExitClassifier.*got SCANNClassifier",
        ),
        (
            lambda X, y: ExitDisplay.from_estimator(LogisticRegression(), X, y),
            TypeError,
            "got LogisticRegression",
        ),
        (
            lambda X, y: ExitDisplay.from_estimator(EarlyExitClassifier(), X, y),
            NotFittedError,
            "not fitted",
        ),
    ],
)
def test_bad_arguments(make, error, message, digits):
    with pytest.raises(error, match=message):
        make(*digits)


def test_bad_plots(monkeypatch):
    display = ExitDisplay([1], [1], FRONT, (1, 1), (1, 1))
    with pytest.raises(ValueError, match="must be two axes, got 1"):
        display.plot(plt.subplots()[1])
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="ExitDisplay.plot requires matplotlib"):
        display.plot()
