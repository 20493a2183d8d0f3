"""
========================
Easy samples leave early
========================

A network with three exits on the handwritten digits: most images leave at the first, for a
fraction of the energy, and the hard ones go on.
"""

# %%
# Three exits
# -----------
#
# Each exit takes twice as many connections as the one before it: of 800 the first has about 200.
# The exits learn from the labels alone; ``distillation`` would let the deepest teach the others. A
# third of the training data are for validation, which the thresholds need.

# sphinx_gallery_start_ignore
# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
# sphinx_gallery_end_ignore
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from scann_sklearn import EarlyExitClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.3, stratify=y, random_state=0
)
clf = EarlyExitClassifier(
    n_exits=3,
    n_connections=800,
    validation_fraction=0.3,
    random_state=0,
)
clf.fit(X_train, y_train)
print(
    clf.n_connections_,
    "connections, test accuracy",
    clf.score(X_test, y_test),
)

# %%
# Who leaves where
# ----------------
#
# Left, where the test images leave, and how many of them are predicted right there. Right, what
# all thresholds are worth on the validation data.

from scann_sklearn.inspection import ExitDisplay

ExitDisplay.from_estimator(clf, X_test, y_test).plot()

# %%
# Images that go on are those that a person would look at twice:

import matplotlib.pyplot as plt

exits = clf.predict_exit(X_test)
hard = [i for i in exits.argsort()[::-1] if exits[i] > 0]
easy = [i for i in range(len(exits)) if exits[i] == 0]
figure, axes = plt.subplots(2, 8, figsize=(9, 2.8), layout="constrained")
for ax in axes.flat:
    ax.axis("off")
for row, name, chosen in zip(axes, ("first exit", "later"), (easy, hard)):
    for ax, i in zip(row, chosen):
        ax.imshow(X_test[i].reshape(8, 8), cmap="gray_r")
        ax.set_title(f"{name}: {y_test[i]}", fontsize="small")

# %%
# Less energy, without another fit
# --------------------------------
#
# ``select`` takes other thresholds: those that cost at most a point of accuracy, or the best within
# an energy.

from scann_sklearn import energy_score

whole = clf.exit_energies_[-1]
for name, chosen in (
    ("no loss", clf),
    ("a point", clf.select(exit_loss=0.01)),
    ("first exit", clf.select(energy=clf.thresholds_path_[0].energy)),
):
    mean = -energy_score(chosen, X_test)
    score = chosen.score(X_test, y_test)
    print(
        f"{name:10}: {score:.3f} at {mean / whole:.0%} of the whole network"
    )

# %%
# On a device
# -----------
#
# C code leaves early too. At most so many instructions on a Cortex-M0, up to each exit:

import tempfile
from pathlib import Path

from scann_sklearn.export import to_c

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "digits.h")
    report = to_c(clf, path, dtype="int8", calibration=X_train)
print(
    [cost.instructions for cost in report.exits],
    report.flash_bytes,
    "bytes",
)
