"""
Keep a network: one file for NumPy alone
========================================

A pickle keeps everything and runs whatever it is told to. The file of
:class:`~scann_sklearn.export.SparseModel` keeps the network as plain arrays, which is smaller, safe
to open, and ready sooner: nothing but NumPy has to be imported.
"""

# %%
# A pipeline: scaling, a reduction and a network.

# sphinx_gallery_start_ignore
# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
# sphinx_gallery_end_ignore
import subprocess
import sys
import tempfile
from pathlib import Path

import joblib
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from scann_sklearn import DimReducer, SCANNClassifier
from scann_sklearn.export import SparseModel

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.3, stratify=y, random_state=0
)
pipe = make_pipeline(
    DimReducer("sparse_rp", ratio=2, random_state=0),
    SCANNClassifier(n_connections=300, random_state=0),
).fit(X_train, y_train)
print(f"test accuracy {pipe.score(X_test, y_test):.1%}")

# %%
# Two files
# ---------
# The reduction is a matrix, so it goes into the file with the network.

folder = tempfile.TemporaryDirectory()
arrays, pickled = (
    Path(folder.name, "digits.npz"),
    Path(folder.name, "digits.joblib"),
)
SparseModel.from_estimator(pipe).save(arrays)
joblib.dump(pipe, pickled)

model = SparseModel.load(arrays)
print(
    "same classes: "
    f"{np.mean(model.predict(X_test) == pipe.predict(X_test)):.1%}"
)
difference = abs(
    model.predict_proba(X_test) - pipe.predict_proba(X_test)
).max()
print(f"largest difference of a probability: {difference:.0e}")

# %%
# What is in the file, and nothing else:

with np.load(arrays, allow_pickle=False) as content:
    for name, values in content.items():
        print(f"{name:16} {values.dtype!s:8} {values.shape}")

# %%
# Ready to predict
# ----------------
# A new process opens either file and predicts one sample. Seconds are measured inside it, from
# before the imports; the interpreter's own start is not in them.

MEASURE = """
import time
start = time.perf_counter()
import sys
{load}
model.predict([[0.0] * 64])
print(time.perf_counter() - start)
"""
LOAD = {
    arrays: (
        "from scann_sklearn.export import SparseModel\n"
        "model = SparseModel.load(sys.argv[1])"
    ),
    pickled: "import joblib\nmodel = joblib.load(sys.argv[1])",
}


def seconds_until_ready(path):
    """The better of two: the first may read libraries from the disk."""
    command = [
        sys.executable,
        "-c",
        MEASURE.format(load=LOAD[path]),
        str(path),
    ]
    runs = [
        subprocess.run(command, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    return min(float(run.stdout) for run in runs)


files = {"SparseModel": arrays, "joblib": pickled}
seconds = {name: seconds_until_ready(path) for name, path in files.items()}
for name, path in files.items():
    print(
        f"{name:12} {path.stat().st_size:7,} bytes  {seconds[name]:.2f} s"
    )

# %%
# joblib's file is larger for a reason: it also holds the path with all networks that can still be
# selected, the history, and the scheme for another ``fit``.

import matplotlib.pyplot as plt

fig, axes = plt.subplots(
    1, 2, figsize=(8, 2), layout="constrained", sharey=True
)
for ax, values, label in [
    (
        axes[0],
        [path.stat().st_size / 1024 for path in files.values()],
        "size of the file (KiB)",
    ),
    (axes[1], list(seconds.values()), "until the first prediction (s)"),
]:
    bars = ax.barh(list(files), values, color=["C0", "0.7"])
    ax.bar_label(bars, fmt=" {:.3g}")
    ax.set_xlabel(label)
    ax.margins(x=0.2)
axes[0].invert_yaxis()

# %%
# The temporary folder goes.

folder.cleanup()
