"""Accuracy against size and energy of the methods that a user has today."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
