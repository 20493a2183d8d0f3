"""Rules of the house that no linter knows."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(
    path
    for room in ("scann_sklearn", "tests", "benchmarks", "docs")
    for path in (ROOT / room).rglob("*.py")
    if not {"_build", "auto_examples", "generated"} & set(path.parts)
)
LIBRARY = [path for path in FILES if path.is_relative_to(ROOT / "scann_sklearn")]
HEADER = "# Authors: The scann-sklearn developers\n# SPDX-License-Identifier: BSD-3-Clause\n"


def _id(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=_id)
def test_header(path):
    assert HEADER in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=_id)
def test_length(path):
    assert path.read_text(encoding="utf-8").count("\n") <= 450


def _function_lengths(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            documentation = len((ast.get_docstring(node) or "").splitlines())
            yield node.name, node.end_lineno - node.lineno - documentation


@pytest.mark.parametrize("path", FILES, ids=_id)
def test_functions_fit_a_screen(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [found for found in _function_lengths(tree) if found[1] > 60] == []


def _imports(tree):
    """Module and name of every import: ``from a.b import c`` gives ('a.b', 'c')."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


@pytest.mark.parametrize("path", LIBRARY, ids=_id)
def test_private_scikit_learn_is_imported_in_one_module(path):
    if _id(path) == "scann_sklearn/_sklearn.py":
        return
    unwanted = [
        f"{module}.{name}"
        for module, name in _imports(ast.parse(path.read_text(encoding="utf-8")))
        if re.match(r"sklearn(\.|$)", module)
        and (re.search(r"\._|\.callback|\.experimental", f".{module}.{name}"))
    ]
    assert unwanted == [], "import it from scann_sklearn._sklearn"


GLOBAL_STATE = re.compile(
    r"np\.random\.seed|torch\.manual_seed|torch\.random\.manual_seed|fork_rng"
    r"|torch\.set_num_threads|numba\.set_num_threads|^\s*random\.seed",
    re.MULTILINE,
)


@pytest.mark.parametrize("path", LIBRARY, ids=_id)
def test_global_random_streams_and_threads_are_left_alone(path):
    if _id(path) == "scann_sklearn/training/_fork.py":
        return  # in the child of a fork, where the threads are gone
    assert GLOBAL_STATE.findall(path.read_text(encoding="utf-8")) == []
