"""The history shows every epoch and every operation."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from scann_sklearn import SCANNClassifier
from scann_sklearn.inspection import SynthesisHistoryDisplay
from tests.classifier._helpers import short


@pytest.fixture(scope="module", params=["A", "B", "C", "NeST"])
def classifier(request, iris):
    return short(request.param).fit(*iris)


@pytest.fixture
def display(classifier):
    display = SynthesisHistoryDisplay.from_estimator(classifier).plot()
    display.figure_.canvas.draw()
    return display


def test_curves_are_the_history(classifier, display):
    history = classifier.history_
    np.testing.assert_array_equal(display.loss_.get_xdata(), np.arange(1, len(history) + 1))
    np.testing.assert_array_equal(display.loss_.get_ydata(), [r["loss"] for r in history])
    np.testing.assert_array_equal(
        display.connections_.get_data().values, [r["n_connections"] for r in history]
    )
    scored = [(i + 1, r["validation_score"]) for i, r in enumerate(history)]
    expected = [pair for pair in scored if pair[1] is not None]
    np.testing.assert_array_equal(display.score_.get_xydata(), expected)


def test_operations_are_marked_where_they_were_carried_out(classifier, display):
    """Where one phase of training ends and another begins, found by the name and the round."""
    history = classifier.history_
    for name, lines in display.operations_.items():
        starts = [
            i + 1
            for i, record in enumerate(history)
            if record["operation"] == name and record["epoch"] == 1
        ]
        assert display.operations[name].tolist() == starts
        assert len(lines) == len(display.axes_)
        for collection in lines:
            assert [s[0, 0] + 0.5 for s in collection.get_segments()] == starts
    sizes = np.array([r["n_connections"] for r in history])
    marked = np.sort(np.concatenate(list(display.operations.values())))
    assert set(np.flatnonzero(np.diff(sizes)) + 2) <= set(marked.tolist())


def test_panels_share_the_epochs_and_connections_have_their_own(classifier, display):
    assert list(display.axes_) == ["score", "loss", "connections"]
    limits = {panel.get_xlim() for panel in display.axes_.values()}
    assert len(limits) == 1
    assert display.axes_["connections"].get_yscale() == "log"
    assert display.axes_["score"].get_ylabel() == "Validation\naccuracy"
    assert display.chosen_.get_ydata()[0] == classifier.n_connections_


def test_legend_names_every_operation_once(display):
    texts = [text.get_text() for text in display.legend_.get_texts()]
    expected = [f"{name} ({len(epochs)}×)" for name, epochs in display.operations.items()]
    assert sorted(texts[1:]) == sorted(expected)
    assert texts[0].startswith("chosen: ")


def test_legend_stays_inside_the_figure(display):
    """It fits on a default figure, with three kinds of operations too."""
    box = display.legend_.get_window_extent()
    assert box.x1 <= display.figure_.bbox.x1
    assert box.y1 <= display.figure_.bbox.y1


def test_draws_on_given_axes(classifier):
    fig, (left, right) = plt.subplots(1, 2)
    display = SynthesisHistoryDisplay.from_estimator(classifier).plot(ax=right)
    assert display.ax_ is right
    assert display.figure_ is fig
    assert left.child_axes == []


def test_operations_of_own_schemes_get_colours():
    names = ["train", "grow connections", "twist", "turn"]
    history = [
        {"epoch": e, "operation": n, "loss": 1.0, "n_connections": 5, "validation_score": None}
        for n in names
        for e in (1, 2)
    ]
    display = SynthesisHistoryDisplay(history).plot()
    colors = {tuple(c[0].get_colors()[0]) for c in display.operations_.values()}
    assert list(display.operations) == names[1:]
    assert len(colors) == 3
    assert display.chosen_ is None


def test_errors(iris):
    with pytest.raises(NotFittedError):
        SynthesisHistoryDisplay.from_estimator(SCANNClassifier())
    with pytest.raises(TypeError, match="got LogisticRegression"):
        SynthesisHistoryDisplay.from_estimator(LogisticRegression(max_iter=500).fit(*iris))
    with pytest.raises(ValueError, match=r"at least one epoch, got \[\]"):
        SynthesisHistoryDisplay([])
    with pytest.raises(TypeError, match=r"list of records, got SCANN.*\. Use from_estimator"):
        SynthesisHistoryDisplay(SCANNClassifier())
    with pytest.raises(ValueError, match=r"lack \['loss', 'n_connections', 'validation_score'\]"):
        SynthesisHistoryDisplay([{"epoch": 1, "operation": "train"}])
