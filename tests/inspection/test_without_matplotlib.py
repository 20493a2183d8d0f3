"""Without matplotlib everything but drawing works, and drawing says what to install."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import sys

import pytest

from scann_sklearn.inspection import (
    ArchitectureDisplay,
    ParetoFrontDisplay,
    SynthesisHistoryDisplay,
)
from tests.classifier._helpers import run_python

MAKERS = [
    ArchitectureDisplay.from_estimator,
    ParetoFrontDisplay.from_path,
    SynthesisHistoryDisplay.from_estimator,
]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__self__.__name__)
def test_says_what_is_missing(flower, monkeypatch, make):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    display = make(flower)
    name = type(display).__name__
    with pytest.raises(ImportError, match=f"{name}.plot requires matplotlib. .*pip install"):
        display.plot()


def test_displays_are_made_without_matplotlib():
    code = "import sys; from scann_sklearn.inspection import *; print('matplotlib' in sys.modules)"
    assert run_python(code).strip() == "False"
