"""
A scheme of one's own
=====================

A scheme says where a network starts and which steps follow. To write one, derive from
:class:`~scann_sklearn.synthesis.Scheme` and define three methods; training, scoring and the
frontier are the loop's work.
"""

# %%
# Halve again and again
# ---------------------
# This one starts with all connections and drops half of them in each round, by magnitude: the
# iterative pruning that many begin with. Nothing grows back.

# sphinx_gallery_start_ignore
# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
# sphinx_gallery_end_ignore
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from scann_sklearn import SCANNClassifier, SchemeB
from scann_sklearn.network import Topology
from scann_sklearn.synthesis import (
    GrowConnections,
    PruneConnections,
    Scheme,
    Train,
)


class Halving(Scheme):
    """Prune to half the connections, train, and repeat."""

    def __init__(self, *, epochs=10):
        self.epochs = epochs

    def largest(self, n_inputs, n_outputs, hidden_layer_sizes):
        return Topology.dense(
            n_inputs, n_outputs, n_hidden=sum(hidden_layer_sizes)
        )

    def start(self, n_inputs, n_outputs, hidden_layer_sizes, rng):
        return self.largest(n_inputs, n_outputs, hidden_layer_sizes)

    def next_round(self, view, goal):
        if view.number == 0:
            return [Train(self.epochs)]
        lowest = max(
            goal.n_connections or 0,
            view.network.topology.minimum_connections,
        )
        if view.network.n_connections <= lowest:
            return None
        target = max(view.network.n_connections // 2, lowest)
        return [PruneConnections(target, "magnitude", self.epochs)]


# %%
# Parameters that ``__init__`` stores are the scheme's parameters, and those of the classifier as
# ``scheme__epochs``: a search can vary them.

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.3, stratify=y, random_state=0
)

halving = SCANNClassifier(
    Halving(), hidden_layer_sizes=(50,), n_connections=60, random_state=0
)
halving.set_params(scheme__epochs=20).fit(X_train, y_train)
print([point.n_connections for point in halving.path_])

# %%
# With regrowth
# -------------
# A round may have several steps. Here the connections with the largest gradients come back before
# every pruning, half as many as will stay.


class HalvingWithRegrowth(Halving):
    """The same, with connection growth before each pruning."""

    def next_round(self, view, goal):
        steps = super().next_round(view, goal)
        if steps and isinstance(steps[0], PruneConnections):
            # the network after the steps of the last round
            more = view.network.n_connections + steps[0].n_connections // 2
            more = min(more, view.network.topology.n_allowed)
            steps.insert(0, GrowConnections(more, self.epochs))
        return steps


regrowing = SCANNClassifier(
    HalvingWithRegrowth(),
    hidden_layer_sizes=(50,),
    n_connections=60,
    random_state=0,
).fit(X_train, y_train)

# %%
# Against scheme B
# ----------------
# The two schemes from above take about the same number of epochs; scheme B takes smaller steps and
# spends more time at the bound.

scheme_b = SCANNClassifier(
    SchemeB(), hidden_layer_sizes=(50,), n_connections=60, random_state=0
).fit(X_train, y_train)

models = {
    "halving": halving,
    "halving with regrowth": regrowing,
    "scheme B": scheme_b,
}
for name, model in models.items():
    print(
        f"{name:22} {model.n_iter_} epochs, {model.n_connections_} "
        "connections, "
        f"test accuracy {model.score(X_test, y_test):.1%}"
    )

# %%

from scann_sklearn.inspection import ParetoFrontDisplay

ax = None
for name, model in models.items():
    ax = ParetoFrontDisplay.from_path(model, name=name).plot(ax=ax).ax_
ax.set_xlim(right=2000)
_ = ax.set_ylim(bottom=0.5)
