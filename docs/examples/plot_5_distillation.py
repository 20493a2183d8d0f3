"""
Learning from a teacher
=======================

A small network learns from a large one: a part of the training targets is what a *teacher* says
about the samples. It doesn't always help; here is how to find out.
"""

# %%
# The teacher
# -----------
# Any classifier with ``predict_proba`` can teach. This perceptron has 50 to 250 times the
# connections of its pupils. Wrapped in :class:`~sklearn.frozen.FrozenEstimator` it is fitted once
# and not with every pupil: on the training rows alone, so that the validation rows stay unseen.

# sphinx_gallery_start_ignore
# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
# sphinx_gallery_end_ignore
import numpy as np
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import SCANNClassifier, SchemeB
from scann_sklearn.metrics import n_connections

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.3, stratify=y, random_state=0
)
X_fit, X_val, y_fit, y_val = train_test_split(
    X_train, y_train, test_size=0.2, stratify=y_train, random_state=0
)
perceptron = MLPClassifier((200,), alpha=0.1, max_iter=400, random_state=0)
teacher = make_pipeline(StandardScaler(), perceptron).fit(X_fit, y_fit)
print(
    f"teacher: {teacher.score(X_test, y_test):.1%}, "
    f"{n_connections(teacher)} connections"
)

# %%
# Pupils
# ------
# With and without the teacher, at three sizes, with four seeds each. The scheme is short, to keep
# the example short. Label smoothing and a teacher have similar effects, so with the teacher it is
# off.

sizes, seeds = [60, 100, 200], range(4)
quick = SchemeB(iterations=3, initial_epochs=10, epochs=5)
ways = {
    "labels": {"label_smoothing": 0},
    "smoothed labels (the default)": {"label_smoothing": 0.1},
    "labels and teacher": {
        "label_smoothing": 0,
        "teacher": FrozenEstimator(teacher),
    },
}
accuracy = {}
for way, parameters in ways.items():
    pupils = [
        [
            SCANNClassifier(
                quick,
                hidden_layer_sizes=(50,),
                n_connections=size,
                random_state=seed,
                **parameters,
            ).fit(X_fit, y_fit, X_val=X_val, y_val=y_val)
            for seed in seeds
        ]
        for size in sizes
    ]
    accuracy[way] = np.array(
        [[pupil.score(X_test, y_test) for pupil in row] for row in pupils]
    )
    means = accuracy[way].mean(axis=1)
    print(
        f"{way:30}",
        *(f"{size}: {mean:.1%} " for size, mean in zip(sizes, means)),
    )

# %%
# What the teacher gained
# -----------------------
# The lines connect the means; each point is one seed. The teacher helps most where the network is
# smallest, and the more the network can do by itself, the less it has to be told. The spread of
# the seeds says how large a difference must be to be real: decide on validation data, with more
# than one seed.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
for i, (way, scores) in enumerate(accuracy.items()):
    ax.plot(sizes, scores.mean(axis=1), color=f"C{i}", label=way)
    ax.plot(sizes, scores, "o", color=f"C{i}", ms=4, alpha=0.6)
ax.axhline(
    teacher.score(X_test, y_test),
    color="gray",
    ls="--",
    label="the teacher itself",
)
ax.set(xlabel="connections", ylabel="test accuracy", xscale="log")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
_ = ax.legend()

# %%
# A teacher needs doubts
# ----------------------------
# What a network learns from a teacher is that a sample is *mostly* a 3 and *a little* an 8. A
# classifier that has memorised its training samples gives probabilities of 1 and 0, which add
# nothing to the labels: fully grown trees without bootstrap, for instance.

from sklearn.ensemble import ExtraTreesClassifier

for model in (
    teacher,
    ExtraTreesClassifier(random_state=0).fit(X_fit, y_fit),
):
    doubts = 1 - model.predict_proba(X_fit).max(axis=1)
    print(
        f"{type(model).__name__:22} mean doubt about a training sample "
        f"{doubts.mean():.4f}"
    )
