"""Short fits."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from scann_sklearn import EarlyExitClassifier
from tests.classifier._helpers import short_scheme


def short(scheme="C", **parameters):
    """Classifier with exits whose fit takes a fraction of a second; not an accurate one."""
    defaults = {"hidden_layer_sizes": (20,), "n_connections": 400, "random_state": 0}
    defaults |= {"learning_rate_init": 0.03, "validation_fraction": 0.2}
    return EarlyExitClassifier(short_scheme(scheme), **defaults | parameters)
