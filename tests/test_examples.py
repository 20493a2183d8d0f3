"""The examples of the gallery run, without a warning."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("plot_*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(path, tmp_path):
    environment = os.environ | {"MPLBACKEND": "Agg", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []  # nothing is left behind


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_licence_is_not_shown_in_the_gallery(path):
    shown, _, rest = path.read_text(encoding="utf-8").partition("# sphinx_gallery_start_ignore\n")
    hidden, _, after = rest.partition("# sphinx_gallery_end_ignore\n")
    assert "SPDX-License-Identifier" in hidden
    assert "SPDX-License-Identifier" not in shown + after
