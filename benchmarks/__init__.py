"""Measurements behind the figures in README and docs; results are committed as JSON."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
