"""The paper's data sets again, every family of methods with the same trainer and effort."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
