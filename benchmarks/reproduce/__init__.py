"""The tables of the SCANN paper, on the data sets that the paper uses."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
