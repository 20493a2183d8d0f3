"""What the tests of the regressor share."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from scann_sklearn import SCANNRegressor
from tests.classifier._helpers import short_scheme


def short_regressor(scheme="B", **parameters):
    """Regressor whose fit takes a fraction of a second; not an accurate one."""
    defaults = {"hidden_layer_sizes": (10,), "learning_rate_init": 0.03, "random_state": 0}
    return SCANNRegressor(short_scheme(scheme), **defaults | parameters)
