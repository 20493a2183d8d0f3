"""The picture of a network shows every connection and every node where it belongs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from collections import Counter

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from scann_sklearn import DimReducer, SCANNClassifier
from scann_sklearn.inspection import ArchitectureDisplay
from tests.classifier._helpers import plain_outputs, short

from ._walk import connections, levels


def draw(estimator, *args, ax=None, colorbar=True, **kwargs):
    display = ArchitectureDisplay.from_estimator(estimator, *args, **kwargs)
    display.plot(ax, colorbar=colorbar)
    display.figure_.canvas.draw()
    return display


def test_every_connection_is_drawn_between_its_nodes_in_its_colour(classifier):
    display = draw(classifier)
    drawn = {
        (tuple(segment[0].round(9)), tuple(segment[-1].round(9)), weight)
        for segment, weight in zip(
            display.connections_.get_segments(), display.connections_.get_array()
        )
    }
    place = display.positions.round(9)
    expected = {(tuple(place[s]), tuple(place[t]), w) for s, t, w in connections(classifier)}
    assert len(display.connections_.get_segments()) == classifier.n_connections_
    assert drawn == expected


def test_every_node_stands_at_its_level(classifier):
    display = draw(classifier)
    d, h = classifier.n_features_in_, classifier.n_hidden_
    level = levels(classifier)
    drawn = {name: nodes.get_offsets() for name, nodes in display.nodes_.items()}
    assert {name: len(offsets) for name, offsets in drawn.items()} == {
        "inputs": classifier.n_inputs_used_,
        "hidden": h,
        "outputs": classifier.n_outputs_,
    }
    assert (drawn["inputs"][:, 0] == 0).all()
    assert drawn["hidden"][:, 0].tolist() == level[d : d + h]
    assert (drawn["outputs"][:, 0] == classifier.depth_).all()
    places = {tuple(row) for offsets in drawn.values() for row in np.asarray(offsets)}
    assert len(places) == sum(map(len, drawn.values())), "two nodes at one place"


def test_every_curve_goes_from_left_to_right(classifier):
    segments = np.array(draw(classifier).connections_.get_segments())
    assert (np.diff(segments[..., 0], axis=1) > 0).all()


def test_inputs_show_how_many_connections_read_them(classifier):
    display = draw(classifier)
    d = classifier.n_features_in_
    uses = Counter(s for s, _, _ in connections(classifier) if s < d)
    counts = np.array([uses[i] for i in sorted(uses)])
    lengths = np.array([-bar.get_width() for bar in display.bars_])
    np.testing.assert_allclose(lengths / lengths.max(), counts / counts.max())
    names = getattr(classifier, "feature_names_in_", [f"x{i}" for i in range(d)])
    assert {label.get_text() for label in display.input_labels_} <= {
        f"{names[i]} ({n})" for i, n in uses.items()
    }


def test_note_counts_what_is_not_drawn(sized, layered):
    unused = 64 - sized.n_inputs_used_
    assert f"{unused} of 64 inputs are not connected" in draw(sized).note_.get_text()
    assert "skip" not in draw(layered).note_.get_text()


def test_titles_stay_above_their_own_axes(sized):
    """Two networks beside each other, where one line would run into the next title."""
    axes = plt.figure(figsize=(9, 4)).subplots(1, 2)
    for ax in axes:
        display = draw(sized, ax=ax, colorbar=False)
        box = ax.get_window_extent()
        title, note = display.title_.get_window_extent(), display.note_.get_window_extent()
        assert max(title.width, note.width) <= box.width
        assert display.title_.get_text().startswith(f"SCANNClassifier: {sized.n_connections_:,}")
        text = display.title_.get_text()
        n_empty = len(text) - len(text.rstrip("\n"))  # these stand beside the note
        assert title.y0 + n_empty * title.height / (1 + text.count("\n")) >= note.y1


@pytest.mark.parametrize("size", [None, (5, 3.5), (9, 4)])
def test_labels_do_not_overlap(sized, size):
    ax = None if size is None else plt.figure(figsize=size, layout="constrained").subplots()
    display = draw(sized, ax=ax)
    renderer = display.figure_.canvas.get_renderer()
    assert display.input_labels_
    for labels in (display.input_labels_, display.output_labels_):
        heights = sorted(label.get_window_extent(renderer).intervaly.mean() for label in labels)
        points = np.diff(heights) * 72 / display.figure_.dpi
        assert (points >= 0.9 * labels[0].get_fontsize()).all()


def test_the_most_used_inputs_keep_their_names(digits):
    classifier = short(n_connections=300).fit(*digits)
    ax = plt.figure(figsize=(4, 2.5)).subplots()
    display = draw(classifier, ax=ax)
    uses = display.graph.input_uses
    shown = [int(label.get_text().split()[0][1:]) for label in display.input_labels_]
    assert 0 < len(shown) < classifier.n_inputs_used_
    assert uses[shown].max() == uses.max()


def test_colours_are_centred_on_zero(classifier):
    display = draw(classifier)
    norm = display.connections_.norm
    assert norm.vmin == -norm.vmax
    assert norm(0) == pytest.approx(0.5)
    assert display.colorbar_.mappable is display.connections_


def test_names_of_features_and_classes(flower, tumour, iris):
    display = draw(flower)
    assert [label.get_text() for label in display.output_labels_] == list(flower.classes_)
    assert any("petal width (cm) (" in label.get_text() for label in display.input_labels_)
    named = draw(flower, feature_names=["a", "b", "c", "d"])
    assert {label.get_text()[:3] for label in named.input_labels_} <= {"a (", "b (", "c (", "d ("}
    assert [label.get_text() for label in draw(tumour).output_labels_] == ["1"]


def test_with_data_colours_are_comparable(tumour):
    """Units of a feature change its weights, not what is drawn."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 30)) * np.logspace(-2, 3, 30)
    strength = ArchitectureDisplay.from_estimator(tumour, X).strength
    shift = plain_outputs(tumour, X).std()
    assert np.isfinite(strength).all()
    assert shift > 0
    for (s, _, weight), drawn in zip(connections(tumour), strength):
        if s < 30:
            assert drawn == pytest.approx(weight * X[:, s].std())


def test_pipeline_and_search(digits):
    X, y = digits
    steps = [("reduce", DimReducer(n_components=6)), ("scann", short(n_connections=40))]
    search = GridSearchCV(Pipeline(steps), {"scann__n_connections": [40]}, cv=2).fit(X, y)
    display = draw(search, X)
    best = search.best_estimator_["scann"]
    assert len(display.connections_.get_segments()) == best.n_connections_
    assert display.input_labels_[0].get_text().startswith("dimreducer0 (")


def test_without_hidden_neurons(iris):
    classifier = short(n_connections=3).fit(*iris)
    display = draw(classifier)
    assert classifier.depth_ == 1
    assert len(display.connections_.get_segments()) == 3


def test_draws_on_given_axes(flower):
    fig, (left, right) = plt.subplots(1, 2)
    display = ArchitectureDisplay.from_estimator(flower).plot(right, colorbar=False)
    assert display.ax_ is right
    assert display.figure_ is fig
    assert display.colorbar_ is None
    assert not left.collections


def test_errors(flower, iris):
    with pytest.raises(NotFittedError):
        ArchitectureDisplay.from_estimator(SCANNClassifier())
    other = LogisticRegression(max_iter=500).fit(*iris)
    with pytest.raises(TypeError, match=r"got LogisticRegression: LogisticRegression\("):
        ArchitectureDisplay.from_estimator(other)
    with pytest.raises(ValueError, match=r"2 names for 4 features: \['a', 'b'\]"):
        ArchitectureDisplay.from_estimator(flower, feature_names=["a", "b"])
