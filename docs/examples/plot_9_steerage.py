"""
Search with a learned predictor, and C
======================================

Which reduction, which layers, how many connections?
:class:`~scann_sklearn.model_selection.STEERAGESearchCV` fits a first sample, learns from it which
other candidates are worth a fit, and goes on from the best networks with grow-and-prune. The choice
is written as C.
"""

# %%
# Data
# ----

# sphinx_gallery_start_ignore
# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
# sphinx_gallery_end_ignore
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.3, stratify=y, random_state=0
)

# %%
# The space
# ---------
#
# Two dictionaries: a ratio belongs to a reduction. Short phases of training are enough to compare
# candidates.

from scipy.stats import loguniform, randint
from sklearn.pipeline import Pipeline

from scann_sklearn import DimReducer, SCANNClassifier, SchemeC

scheme = SchemeC(initial_epochs=20, epochs=8, growth_epochs=4, iterations=1)
scann = SCANNClassifier(scheme, validation_fraction=0.15, random_state=0)
pipe = Pipeline([("reduce", DimReducer(random_state=0)), ("scann", scann)])

layers = [(20,), (40,), (80,), (40, 20)]
space = [
    {
        "reduce__method": ["passthrough"],
        "scann__hidden_layer_sizes": layers,
        "scann__n_connections": randint(100, 900),
        "scann__learning_rate_init": loguniform(5e-3, 5e-2),
    },
    {
        "reduce__method": ["pca", "sparse_rp"],
        "reduce__ratio": [2, 4, 8],
        "scann__hidden_layer_sizes": layers,
        "scann__n_connections": randint(100, 500),
        "scann__learning_rate_init": loguniform(5e-3, 5e-2),
    },
]

# %%
# The search
# ----------
#
# One line per round. A candidate costs its connections, those of the reduction included, which is
# known before it is fitted. Some are too small: that the search finds out by itself.

import warnings

from scann_sklearn.model_selection import (
    SmallestWithinOneSE,
    STEERAGESearchCV,
)

warnings.filterwarnings(
    "ignore", "n_connections=.* is tight for these data"
)
warnings.filterwarnings("ignore", "The chosen network of .* never predicts")

search = STEERAGESearchCV(
    pipe,
    space,
    n_iter=18,
    batch_size=4,
    n_local=4,
    cv=2,
    refit=SmallestWithinOneSE("score", "cost"),
    verbose=1,
    random_state=0,
)
search.fit(X_train, y_train)

# %%
# What was tried
# --------------
#
# On the left every candidate, and the front of those that none beats; on the right what the trees
# said before the fits.

from scann_sklearn.inspection import SearchDisplay

SearchDisplay.from_search(search).plot()

# %%
# Candidates of the front, from the cheapest:

from scann_sklearn.model_selection import pareto_front

results = search.cv_results_
for i in pareto_front(results, score="score", cost="cost"):
    cost, score = results["cost"][i], results["mean_test_score"][i]
    print(f"{cost:4.0f} connections: {score:.3f}, {results['stage'][i]}")

# %%
# To C
# ----
#
# The smallest within one standard error of the best has been fitted to all training data.

import tempfile
from pathlib import Path

from scann_sklearn.export import to_c

best = search.best_estimator_
with tempfile.TemporaryDirectory() as folder:
    report = to_c(
        best, Path(folder, "digits.h"), dtype="int8", calibration=X_train
    )
print(search.best_params_)
print(f"test accuracy {best.score(X_test, y_test):.3f}")
print(f"{report.flash_bytes} bytes of flash, {report.ram_bytes} of RAM")
print(f"test accuracy in C {(report.predict(X_test) == y_test).mean():.3f}")
