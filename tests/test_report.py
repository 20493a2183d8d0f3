"""The tables in README and docs are those of the committed result files."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import subprocess
import sys
from pathlib import Path


def test_tables_are_up_to_date():
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.report", "--check"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
