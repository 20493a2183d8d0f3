"""
What was synthesised
====================

Three views of a fitted :class:`~scann_sklearn.SCANNClassifier`: the counts, the network itself, and
how it came about.
"""

# %%
# Thirty measurements of cells, benign or malignant. Scheme A starts with a small network and grows
# neurons too. A larger share for validation makes the scores below less coarse.

# sphinx_gallery_start_ignore
# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
# sphinx_gallery_end_ignore
from sklearn.datasets import load_breast_cancer

from scann_sklearn import SCANNClassifier

data = load_breast_cancer(as_frame=True)
clf = SCANNClassifier(
    "A",
    hidden_layer_sizes=(20,),
    n_connections=40,
    validation_fraction=0.3,
    random_state=0,
)
clf.fit(data.data, data.target)

# %%
# In numbers
# ----------

print(clf.summary())

# %%
# The network
# -----------
# Every line is a connection; its colour is the weight times the standard deviation of what it
# reads. Bars beside the inputs show how many connections read them. Inputs that are not drawn need
# not be measured. Two classes need one output only.

from scann_sklearn.inspection import ArchitectureDisplay

_ = ArchitectureDisplay.from_estimator(clf, data.data).plot()

# %%
# The history
# -----------
# Every phase of training follows an operation, drawn as a vertical line: growth of connections or
# neurons, and pruning. A score is computed at the end of each phase.

from scann_sklearn.inspection import SynthesisHistoryDisplay

_ = SynthesisHistoryDisplay.from_estimator(clf).plot()

# %%
# The records behind the picture are in ``history_``, one per epoch. Here is the last epoch of every
# round in which a neuron was added:

import pandas as pd

history = pd.DataFrame(clf.history_)
grown = (
    history[history["operation"] == "grow neurons"].groupby("round").last()
)
print(
    grown[
        ["n_hidden", "n_connections", "loss", "validation_score"]
    ].to_string()
)

# %%
# Before and after
# ----------------
# The path still has larger networks of the same fit. This is the largest of them, from which the
# one above was pruned.

largest = clf.select(max_loss=0)
print(
    f"{largest.n_connections_} connections, score "
    f"{largest.validation_score_:.3f}"
)
print(
    f"{clf.n_connections_} connections, score {clf.validation_score_:.3f}"
)
_ = ArchitectureDisplay.from_estimator(largest, data.data).plot()
