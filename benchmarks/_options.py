"""Options that several benchmarks have."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse

from benchmarks._data import PARTIAL


def add_into(parser, what="the records"):
    """Add ``--into FOLDER``: where the results of a run go, so that the committed ones stay."""
    text = f"folder for {what} (default: benchmarks/results, with the committed ones)"
    parser.add_argument("--into", metavar="FOLDER", help=text)


def add_files(parser):
    """Add ``--file NAME=PATH``: partial files by data set, a list of pairs."""
    text = f"a partial file of a data set ({', '.join(PARTIAL)}); can be given several times"
    parser.add_argument(
        "--file", action="append", default=[], type=_pair, metavar="NAME=PATH", help=text
    )


def _pair(text):
    name, _, path = text.partition("=")
    if name not in PARTIAL or not path:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=PATH with {' or '.join(PARTIAL)}")
    return name, path
