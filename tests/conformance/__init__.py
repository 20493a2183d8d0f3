"""Other people's parts around our estimators, each with the estimators that it makes sense for."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
