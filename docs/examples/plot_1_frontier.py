"""
Fit once, then choose a size
============================

One fit of :class:`~scann_sklearn.SCANNClassifier` goes through many sizes. It keeps every network
that no other beats in both number of connections and validation score, the *frontier*, and any of
them can be taken afterwards.
"""

# %%
# Handwritten digits: 64 pixels, ten classes. The test part is used at the end only.

# sphinx_gallery_start_ignore
# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
# sphinx_gallery_end_ignore
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from scann_sklearn import SCANNClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.3, stratify=y, random_state=0
)

clf = SCANNClassifier(random_state=0).fit(X_train, y_train)
clf

# %%
# The frontier
# ------------
# Scores are those on the validation rows, which ``fit`` set aside. The energy is that of one
# inference.

for point in clf.path_:
    print(
        f"{point.n_connections:5} connections  "
        f"{point.validation_score:6.1%}  "
        f"{point.energy * 1e9:6.1f} nJ"
    )

# %%
# ``n_connections="auto"`` took the smallest network within ``max_loss`` of the best, here marked
# by a circle.

from scann_sklearn.inspection import ParetoFrontDisplay

display = ParetoFrontDisplay.from_path(clf)
_ = display.plot()

# %%
# Another point of it
# -------------------
# ``select`` takes another network by one of three criteria. Nothing is trained again.

choices = {
    "best": clf.select(max_loss=0),
    "at most 2 points worse": clf.select(max_loss=0.02),
    "at most 200 connections": clf.select(n_connections=200),
    "at least 90 %": clf.select(min_score=0.9),
}
for criterion, chosen in choices.items():
    print(
        f"{criterion:24} {chosen.n_connections_:5} connections, "
        f"{chosen.n_inputs_used_} inputs, "
        f"test accuracy {chosen.score(X_test, y_test):.1%}"
    )

# %%
# What validation promised, and what the test data say
# ----------------------------------------------------
# The validation part has 126 rows, so one row is 0.8 percentage points, and the two curves may well
# be two points apart in either direction. That is enough to choose a network, but not to report its
# accuracy. If you have more data, give ``fit`` a larger ``X_val, y_val``.

display = ParetoFrontDisplay.from_path(clf, name="validation")
ax = display.plot().ax_
sizes = [point.n_connections for point in clf.path_]
scores = [
    clf.select(n_connections=size).score(X_test, y_test) for size in sizes
]
ax.plot(sizes, scores, "s-", color="C1", ms=4, label="test")
_ = ax.legend(loc="lower right")

# %%
# If you know the size, give it: with ``n_connections=300`` the synthesis spends its last rounds at
# this size, which a fit without a bound only passes on its way.

bounded = SCANNClassifier(n_connections=300, random_state=0).fit(
    X_train, y_train
)
passed_by = clf.select(n_connections=300)
for name, model in {
    "with the bound": bounded,
    "from the path": passed_by,
}.items():
    print(
        f"{name:14} {model.n_connections_} connections, "
        f"{model.score(X_test, y_test):.1%}"
    )
