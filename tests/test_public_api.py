"""Every public name exists, and none is imported before it is used."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import ast
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import scann_sklearn
from scann_sklearn._lazy import attach

from ._public import NAMES, PACKAGES, load

HEAVY = {"matplotlib", "numba", "numpy", "pandas", "scipy", "skorch", "sklearn", "torch"}


def imported_after(code):
    """The heavy packages that a fresh interpreter has imported after ``code``."""
    found = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    ).stdout.split()
    return HEAVY & set(found)


@pytest.mark.parametrize("path", NAMES)
def test_public_name_exists_and_is_cached(path):
    package, name = path.rsplit(".", 1)
    value = load(path)
    assert callable(value)
    assert vars(import_module(package))[name] is value


@pytest.mark.parametrize("path", NAMES)
def test_public_object_knows_its_name_and_home(path):
    value = load(path)
    assert value.__name__ == path.rsplit(".", 1)[1]
    assert value.__module__.startswith("scann_sklearn.")
    assert any(part.startswith("_") for part in value.__module__.split("."))


def test_importing_every_package_imports_nothing_heavy():
    code = "\n".join(f"import {p}; dir({p}); {p}.__all__" for p in PACKAGES)
    assert imported_after(code) == set()


def test_subpackages_are_attributes():
    code = "import scann_sklearn as s; s.datasets, s.metrics, s.model_selection, s.network"
    assert imported_after(code) == set()


def test_a_used_name_imports_what_it_needs():
    assert "sklearn" in imported_after("import scann_sklearn; scann_sklearn.DimReducer")


def test_a_reducer_needs_no_torch():
    assert "torch" not in imported_after("import scann_sklearn; scann_sklearn.DimReducer")


@pytest.mark.parametrize("package", PACKAGES)
def test_dir_lists_the_public_names_only(package):
    module = import_module(package)
    assert set(module.__all__) <= set(dir(module))
    public = {name for name in dir(module) if not name.startswith("_")}
    subpackages = {p.rsplit(".", 1)[1] for p in PACKAGES if p.startswith(f"{package}.")}
    assert public == {name for name in module.__all__ if name != "__version__"} | subpackages


@pytest.mark.parametrize("package", PACKAGES)
def test_unknown_attribute(package):
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        import_module(package).nothing  # noqa: B018


@pytest.mark.parametrize("package", PACKAGES)
def test_type_checkers_see_the_same_names(package):
    """The block under TYPE_CHECKING and the lazy names say the same."""
    module = import_module(package)
    tree = ast.parse(Path(inspect.getfile(module)).read_text(encoding="utf-8"))
    seen = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert seen == set(module.__all__) - {"__version__"}


def test_attach_keeps_only_what_was_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "made_up", type(sys)("made_up"))
    get, listed, names = attach("made_up", {"b": ["Second", "First"]}, subpackages=("room",))
    assert names == ["First", "Second"]
    assert {"First", "Second", "room"} <= set(listed())
    with pytest.raises(ModuleNotFoundError):
        get("room")


def test_version():
    assert scann_sklearn.__version__ == "0.1.0.dev0"
