"""Interpreters that are started in unusual ways."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import subprocess
import sys

import pytest

from ._helpers import ROOT, short

WHOLE = """
from pathlib import Path
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from scann_sklearn import DimReducer, SCANNClassifier, SchemeB
from scann_sklearn.export import SparseModel, to_c

assert __doc__ is None
X, y = load_iris(return_X_y=True)
scheme = SchemeB(initial_epochs=3, epochs=2, iterations=1)
classifier = SCANNClassifier(scheme, hidden_layer_sizes=(5,), engine="torch", random_state=0)
pipe = make_pipeline(DimReducer("pca"), classifier).fit(X, y)
classifier.set_params(engine="compiled").fit(X, y)
path = to_c(pipe, sys.argv[1])
print(pipe.predict(X[:1]), SparseModel.from_estimator(pipe).predict(X[:1]))
"""


@pytest.mark.slow  # such code of torch isn't compiled yet, nor are the kernels
def test_without_docstrings(tmp_path):
    code = "import sys\n" + WHOLE
    done = subprocess.run(
        [sys.executable, "-OO", "-c", code, str(tmp_path / "model.h")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["[0]", "[0]"]
    assert (tmp_path / "model.h").stat().st_size > 0


@pytest.mark.parametrize(
    "device", ["privateuseone", "", "cuda:99", "meta", "hpu", "fpga", "cpu:-1"]
)
def test_a_device_that_is_not_there(iris, device):
    with pytest.raises(ValueError, match=f"device='{device}' can't be used here: ."):
        short(device=device).fit(*iris)
