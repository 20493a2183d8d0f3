"""The doctests of the pages are collected, the gallery and what Sphinx writes are not."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

collect_ignore = ["_build", "auto_examples", "conf.py", "examples", "generated", "inventories"]
