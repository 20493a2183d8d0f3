"""Fits that go on from a file after they were killed."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
