"""Code in the documentation fits its column in a browser, so that nobody has to scroll."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 76
BUILT = {"_build", "auto_examples", "generated"}
PAGES = [
    ROOT / "README.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.rst") if not BUILT & set(path.parts)),
]
MODULES = sorted((ROOT / "scann_sklearn").rglob("*.py"))
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("plot_*.py"))


def code_of(text):
    """Doctests, code blocks and fenced code of a page or docstring, each line with its number."""
    block, fenced = None, False
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.lstrip()
        indentation = len(line) - len(words)
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or (block is not None and (not words or indentation > block)):
            yield number, line
        else:
            block = indentation if re.match(r"\.\. code-block::", words) else None
            if words.startswith((">>> ", "... ")):
                yield number, line


def too_wide(lines):
    return [f"{number}: {line}" for number, line in lines if len(line) > WIDTH]


def test_what_counts_as_code():
    text = "Text.\n\n>>> f(\n...     1)\n2\n\n.. code-block:: c\n\n    int x;\n\nText.\n"
    assert [n for n, line in code_of(text) if line] == [3, 4, 9]
    assert list(code_of("Text\n```bash\nmake\n```\nText")) == [(3, "make")]
    assert too_wide([(1, "x" * WIDTH), (2, "x" * (WIDTH + 1))]) == [f"2: {'x' * (WIDTH + 1)}"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages(path):
    assert too_wide(code_of(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_docstrings(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef
    for node in ast.walk(tree):
        if isinstance(node, documented):
            assert too_wide(code_of(ast.get_docstring(node) or "")) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_gallery(path):
    """All but the text: the docstring, and comments that begin with ``# %%``."""
    lines = path.read_text(encoding="utf-8").splitlines()
    start = ast.parse("\n".join(lines)).body[0].end_lineno
    code, text = [], False
    for number, line in enumerate(lines[start:], start=start + 1):
        text = line.startswith("#") and (text or line.startswith("# %%"))
        if not text:
            code.append((number, line))
    assert too_wide(code) == []
