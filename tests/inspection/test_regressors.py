"""Displays and summaries of regressors, and of classifiers of several labels."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.datasets import make_friedman1, make_multilabel_classification
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import energy_score
from scann_sklearn.inspection import (
    ArchitectureDisplay,
    ParetoFrontDisplay,
    SynthesisHistoryDisplay,
)
from tests.classifier._helpers import short
from tests.regressor._helpers import short_regressor

X, y = make_friedman1(300, random_state=0)


@pytest.fixture(scope="module")
def reg():
    return short_regressor(n_connections=30).fit(X, np.column_stack([y, -y]))


def test_the_architecture(reg):
    display = ArchitectureDisplay.from_estimator(reg, X).plot()
    assert [label.get_text() for label in display.output_labels_] == ["y0", "y1"]
    alone = ArchitectureDisplay.from_estimator(short_regressor(n_connections=9).fit(X, y)).plot()
    assert [label.get_text() for label in alone.output_labels_] == ["y"]
    clf = short(n_connections=30).fit(*make_multilabel_classification(200, n_classes=3))
    labels = ArchitectureDisplay.from_estimator(clf).plot().output_labels_
    assert [label.get_text() for label in labels] == ["0", "1", "2"]


def test_the_frontier_and_the_history(reg):
    front = ParetoFrontDisplay.from_path(reg).plot()
    assert front.ax_.get_ylabel().lower().startswith("validation r2")
    history = SynthesisHistoryDisplay.from_estimator(make_pipeline(StandardScaler(), reg)).plot()
    assert history.figure_ is not None


def test_a_search():
    search = GridSearchCV(
        short_regressor(),
        {"n_connections": [10, 30]},
        scoring={"r2": "r2", "energy": energy_score},
        refit="r2",
        cv=2,
    ).fit(X, y)
    display = ParetoFrontDisplay.from_search(search, score="r2").plot()
    assert "SCANNRegressor" in display.ax_.get_legend_handles_labels()[1][0]


def test_another_estimator_is_refused():
    with pytest.raises(TypeError, match="Expected a fitted SCANNClassifier or SCANNRegressor"):
        ArchitectureDisplay.from_estimator(StandardScaler())
