"""
Four schemes on one data set
============================

Networks come about in different ways: schemes A, B and C of SCANN, and NeST, which grows neurons by
bridging gradients. Another name is all that it takes to compare them.
"""

# %%
# One step of growth
# ------------------
# A perceptron is pruned to a tenth of its connections. The bridging gradients over its hidden layer
# say which digits would profit from which pixels; a new neuron connects the pairs with the largest
# gradients.

# sphinx_gallery_start_ignore
# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
# sphinx_gallery_end_ignore
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from scann_sklearn.network import Network, Topology
from scann_sklearn.synthesis import (
    bridging_gradients,
    grow_bridging_neurons,
    prune_connections,
)

X, y = load_digits(return_X_y=True)
Z = X / 8 - 1
network = Network.initialize(Topology.dense(64, 10, layer_sizes=(12,)), 0)
network = prune_connections(network, 90)
layer_size = network.topology.layer_sizes[0]
B = bridging_gradients(network, Z, y, layer=0)
grown = grow_bridging_neurons(
    network, Z, y, 1, layer=0, bridge_share=0.05, random_state=0
)

largest = np.sort(np.abs(B), axis=None)[-round(0.05 * B.size)]
weights = grown.topology.to_mask().astype(float)
weights[grown.topology.targets, grown.topology.indices] = grown.weight
incoming, outgoing = (
    weights[layer_size, :64],
    weights[-10:, 64 + layer_size],
)

fig, axes = plt.subplots(3, 1, figsize=(9, 6), layout="constrained")
pictures = {
    "bridging gradients": B.T,
    "the largest twentieth": np.where(np.abs(B) >= largest, B, 0).T,
    "weights in times weights out of the new neuron": np.outer(
        outgoing, incoming
    ),
}
for ax, (title, picture) in zip(axes, pictures.items()):
    limit = np.abs(picture).max()
    ax.imshow(
        picture, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto"
    )
    ax.set(title=title, ylabel="digit", yticks=range(10))
_ = axes[-1].set_xlabel("pixel")

# %%
# Its weights are half as large as those around it. The weights match the gradients only in the mean
# over many new neurons; with a single one, as here, the products of other pairs are visible too.

print(
    f"{network.n_connections} connections before, {grown.n_connections} "
    "after"
)
print(
    f"{np.count_nonzero(incoming)} pixels, {np.count_nonzero(outgoing)} "
    "digits"
)

# %%
# Whole fits
# ----------
# All have 40 hidden neurons at most: A and B of any depth, C and NeST in one layer.

from scann_sklearn import SCANNClassifier
from scann_sklearn.inspection import ParetoFrontDisplay

X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.3, stratify=y, random_state=0
)
fits = {
    name: SCANNClassifier(
        name, hidden_layer_sizes=(40,), random_state=0
    ).fit(X_train, y_train)
    for name in ("A", "B", "C", "NeST")
}
ax = None
for name, clf in fits.items():
    ax = ParetoFrontDisplay.from_path(clf, name=name).plot(ax=ax).ax_
_ = ax.set_ylim(bottom=0.8)

# %%
# How they got there
# ------------------
# A and NeST start small, B and C large.

fig, ax = plt.subplots(layout="constrained")
for name, clf in fits.items():
    ax.plot(
        [record["n_connections"] for record in clf.history_], label=name
    )
ax.set(xlabel="epoch", ylabel="connections", yscale="log")
_ = ax.legend()

# %%
# On the test data, with at most 150 connections each. One data set and one seed say little about
# which scheme is better: half a point of accuracy is two or three of these samples.

for name, clf in fits.items():
    small = clf.select(n_connections=150)
    print(
        f"{name:4} {small.n_connections_:4} connections, "
        f"{small.score(X_test, y_test):.1%}"
    )
