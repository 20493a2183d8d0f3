"""The torch engine in a child of a fork, as joblib's multiprocessing backend makes them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os

import pytest

from tests.classifier._helpers import run_python

FORK = """
import os, signal, torch, warnings
from sklearn.datasets import load_digits
from scann_sklearn import SCANNClassifier, SchemeB

X, y = (part[:600] for part in load_digits(return_X_y=True))
scheme = SchemeB(initial_epochs=1, epochs=1, iterations=1)
wide = SCANNClassifier(scheme, hidden_layer_sizes=(200,), n_connections=3000, engine="torch")
torch.set_num_threads(2)
wide.fit(X, y)
warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
child = os.fork()
if not child:
    signal.alarm(60)  # ends a child that hangs
    wide.fit(X, y)
    os._exit(torch.get_num_threads())
print(os.waitstatus_to_exitcode(os.wait()[1]), torch.get_num_threads())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="has no fork")
def test_a_fork_after_the_torch_engine():
    # the parent keeps its threads
    assert run_python(FORK).split() == ["1", "2"]
