"""The summary counts what exists, and the HTML representation shows the figures of merit."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import re
from collections import Counter

import pytest
from sklearn.exceptions import NotFittedError

from scann_sklearn import SCANNClassifier, energy_score
from scann_sklearn.metrics import flops, n_bytes, n_parameters
from tests.classifier._helpers import short

from ._walk import connections, levels

MERITS = (
    "n_connections_", "n_hidden_", "depth_", "n_inputs_used_", "n_bytes_", "energy_",
    "validation_score_",
)  # fmt: skip


def test_counts(classifier):
    summary = classifier.summary()
    d, h = classifier.n_features_in_, classifier.n_hidden_
    edges, level = connections(classifier), levels(classifier)

    def kind(node):
        return "input" if node < d else "hidden" if node < d + h else "output"

    expected = Counter(f"{kind(s)} → {kind(t)}" for s, t, _ in edges)
    assert summary.connections_by_kind == {k: expected[k] for k in summary.connections_by_kind}
    assert summary.n_connections == len(edges) == classifier.n_connections_
    assert summary.n_skip == sum(level[t] - level[s] > 1 for s, t, _ in edges)
    assert summary.n_inputs_used == len({s for s, _, _ in edges if s < d})
    hidden = Counter(level[d : d + h])
    assert summary.hidden_by_level == tuple(hidden[i] for i in range(1, classifier.depth_))
    assert (summary.n_hidden, summary.depth) == (h, classifier.depth_)


def test_costs_are_those_of_the_meters(classifier):
    summary = classifier.summary()
    assert summary.n_parameters == n_parameters(classifier)
    assert summary.n_bytes == n_bytes(classifier) == classifier.n_bytes_
    assert summary.flops == flops(classifier) == 2 * classifier.n_connections_
    assert summary.energy == -energy_score(classifier) == pytest.approx(classifier.energy_)


def test_text_has_every_figure(classifier):
    lines = str(classifier.summary()).splitlines()
    assert len({len(line) for line in lines[1:]}) == 1  # a table, its first line the name
    words = [line.split() for line in lines]
    assert ["Connections", f"{classifier.n_connections_:,}"] in words
    assert ["Depth", f"{classifier.depth_}"] in words
    assert sum(line.startswith("  level") for line in lines) == classifier.depth_ - 1
    assert f"{classifier.n_inputs_used_} of {classifier.n_features_in_}" in lines[2]


def test_a_perceptron_has_no_skip_connection(layered):
    assert layered.summary().n_skip == 0
    assert layered.summary().connections_by_kind["input → output"] == 0


def test_one_logistic_output_is_said(tumour, flower):
    assert "2 classes, one logistic output" in str(tumour.summary())
    assert "Outputs (3 classes)" in str(flower.summary())


def test_html_shows_the_figures_of_merit(classifier):
    html = classifier._repr_html_()
    table = html[html.index("Fitted attributes") :]
    cells = [re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", row)) for row in table.split("</tr>")]
    for name in MERITS:
        (row,) = [cell for cell in cells if cell.split()[:1] == [name]]
        value = getattr(classifier, name)
        assert (f" {value:.4g} " if isinstance(value, float) else f" {value} ") in row


def test_html_of_an_unfitted_classifier_has_no_figures():
    assert "n_bytes_" not in SCANNClassifier()._repr_html_()


@pytest.mark.parametrize("name", ["n_inputs_used_", "n_bytes_", "energy_", "validation_score_"])
def test_unfitted_classifier_lacks_the_attributes(name):
    assert not hasattr(SCANNClassifier(), name)


class Summaries:
    """Callback that sums up the network at the end of every round."""

    def __init__(self):
        self.made = []

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        if context.task_name == "round":
            self.made.append(fitted_estimator.summary())


def test_during_a_fit_there_is_no_score_yet(iris):
    callback = Summaries()
    classifier = short(n_connections=15).set_callbacks(callback).fit(*iris)
    sizes = [r["n_connections"] for r in classifier.history_]
    assert callback.made[0].n_connections == sizes[0]
    assert callback.made[-1].n_connections == sizes[-1]
    assert callback.made[0].validation_score is None
    assert "Validation" not in str(callback.made[0])


def test_unfitted():
    with pytest.raises(NotFittedError, match="SCANNClassifier"):
        SCANNClassifier().summary()


def test_selected_network_has_its_own_figures(flower):
    for point in flower.path_:
        chosen = flower.select(n_connections=point.n_connections)
        assert chosen.validation_score_ == point.validation_score
        assert chosen.energy_ == point.energy
        assert chosen.summary().n_connections == point.n_connections
