"""Searches on clusters: a demonstration, workers that are killed, threads against processes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
