"""
Regression
==========

How large must a network be to predict a number? One fit of
:class:`~scann_sklearn.SCANNRegressor` answers for all sizes.
"""

# %%
# R² against connections
# ----------------------
# Friedman's first problem: five of ten features count, three of them not linearly. The noise has a
# standard deviation of 1, that of the target is about 5.

# sphinx_gallery_start_ignore
# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
# sphinx_gallery_end_ignore
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import SCANNRegressor
from scann_sklearn.inspection import ArchitectureDisplay
from scann_sklearn.metrics import n_connections

X, y = make_friedman1(n_samples=1500, noise=1.0, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
reg = SCANNRegressor(random_state=0).fit(X_train, y_train)
networks = [
    reg.select(n_connections=point.n_connections) for point in reg.path_
]
ladder = [
    make_pipeline(
        StandardScaler(),
        MLPRegressor(
            hidden_layer_sizes=(width,),
            learning_rate_init=0.01,
            max_iter=1000,
            random_state=0,
        ),
    ).fit(X_train, y_train)
    for width in (2, 5, 10, 20, 50, 100)
]
fig, ax = plt.subplots(layout="constrained")
for name, models in (
    ("MLPRegressor, one layer", ladder),
    ("SCANNRegressor, one fit", networks),
):
    ax.plot(
        [n_connections(model) for model in models],
        [model.score(X_test, y_test) for model in models],
        marker="o",
        label=name,
    )
ax.set(xscale="log", xlabel="connections", ylabel="R² on the test data")
ax.plot(
    reg.n_connections_,
    reg.score(X_test, y_test),
    "k*",
    markersize=14,
    label="chosen",
)
ax.legend()
plt.show()

# %%
# The chosen network
# ------------------
# It reads the features that matter; the stronger a line, the larger its weighted input.

names = [f"feature {i}" for i in range(10)]
_ = ArchitectureDisplay.from_estimator(
    reg, X_train, feature_names=names
).plot()
plt.show()

# %%
# Losses and outliers
# -------------------
# Every twentieth target is off by 50. The squared error follows them; the absolute error and
# Huber's loss don't.

spoilt = y_train.copy()
spoilt[::20] += 50
for loss in ("squared_error", "absolute_error", "huber"):
    robust = SCANNRegressor(
        loss=loss,
        huber_delta=0.2,
        scoring="neg_median_absolute_error",
        random_state=0,
    ).fit(X_train, spoilt)
    error = np.median(np.abs(robust.predict(X_test) - y_test))
    print(
        f"{loss:15} median error {error:.2f}, R² "
        f"{robust.score(X_test, y_test):.3f}"
    )
