"""What one default fit gives: accuracy by size, awkward data, probabilities, time."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
