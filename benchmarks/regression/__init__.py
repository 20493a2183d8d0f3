"""R² against size of networks, linear models and trees that predict values."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
