"""The estimators: parameters, `fit` and what a fitted network answers."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
