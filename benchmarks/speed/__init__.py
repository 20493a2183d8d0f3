"""Speed as ratios against peers, measured in the same run."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
