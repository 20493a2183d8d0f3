"""
Reduction and network in one search
===================================

DR+SCANN is a pipeline: :class:`~scann_sklearn.DimReducer`, then
:class:`~scann_sklearn.SCANNClassifier`. Which reduction, and how much of it, is a question for
:class:`~sklearn.model_selection.GridSearchCV`, which sees accuracy and energy.
"""

# %%
# The search
# ----------
# :func:`~scann_sklearn.model_selection.dr_scann_grid` divides the hidden layers by the same ratio
# as the features. A scheme with few epochs keeps this example short; leave it out for better
# networks.

# sphinx_gallery_start_ignore
# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
# sphinx_gallery_end_ignore
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline

from scann_sklearn import DimReducer, SCANNClassifier, SchemeB, energy_score
from scann_sklearn.metrics import EnergyModel
from scann_sklearn.model_selection import (
    SmallestWithinOneSE,
    dr_scann_grid,
    pareto_front,
)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.3, stratify=y, random_state=0
)

quick = SchemeB(iterations=1, initial_epochs=8, epochs=3, final_epochs=10)
pipe = Pipeline(
    [
        ("reduce", DimReducer(random_state=0)),
        ("scann", SCANNClassifier(quick, random_state=0)),
    ]
)
grid = dr_scann_grid(
    methods=["pca", "sparse_rp"],
    ratios=[2, 4],
    hidden_layer_sizes=(60,),
    n_features=64,
)
grid.append(
    {
        "reduce__method": ["passthrough"],
        "scann__hidden_layer_sizes": [(60,)],
    }
)
grid = [part | {"scann__n_connections": [100, 200, 400]} for part in grid]
network_only = EnergyModel(include_reduction=False)
search = GridSearchCV(
    pipe,
    grid,
    scoring={
        "accuracy": "accuracy",
        "energy": energy_score,
        "network_energy": network_only.score,
    },
    refit=SmallestWithinOneSE(),
    cv=3,
).fit(X_train, y_train)

# %%
# What it found
# -------------
# The energy score is minus the joules of one inference, including the reduction, which is most of
# it if the reduction is dense. ``passthrough`` reduces nothing, and its network reads the pixels
# that it needs.

results = search.cv_results_
front = pareto_front(results)
for i, parameters in enumerate(results["params"]):
    print(
        f"{parameters['reduce__method']:11} "
        f"÷{parameters.get('reduce__ratio', 1):.0f} "
        f"≤ {parameters['scann__n_connections']}  "
        f"{results['mean_test_accuracy'][i]:.1%} "
        f"{-results['mean_test_energy'][i] * 1e9:6.1f} nJ"
        + ("  on the front" * (i in front))
    )

# %%
# The cheapest candidate within one standard error of the best was fitted again, on all training
# data.

best = search.best_estimator_
print(search.best_params_)
print(
    f"test accuracy {best.score(X_test, y_test):.1%}, "
    f"{-energy_score(best) * 1e9:.1f} nJ"
)

# %%
# With the reduction, and without
# -------------------------------
# The paper leaves out the energy of the reduction. If the sensor or another processor computes the
# reduction, you can leave it out too: the second picture. On these data, pixels of which many are
# always empty, it is better not to reduce at all, by either count: a synthesised network that
# reads few inputs is a reduction too.

import matplotlib.pyplot as plt

from scann_sklearn.inspection import ParetoFrontDisplay

fig, axes = plt.subplots(
    1, 2, figsize=(10, 4), sharey=True, layout="constrained"
)
ParetoFrontDisplay.from_search(search, name="reduction and network").plot(
    ax=axes[0]
)
joules, accuracy = (
    -results["mean_test_network_energy"],
    results["mean_test_accuracy"],
)
display = ParetoFrontDisplay(
    joules,
    accuracy,
    cost_name="energy",
    score_name="validation accuracy",
    name="the network alone",
)
_ = display.plot(ax=axes[1])
