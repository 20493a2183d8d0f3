"""Compiled code on disk: damaged files, full disks and read-only folders break nothing."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import importlib.util
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numba import config

from scann_sklearn.network import _compile_cache

ROOT = Path(__file__).resolve().parents[2]
SOURCE = """
from scann_sklearn.network._compile import kernel
{imports}

@kernel
def twice(values):
    return {expression}

@kernel
def more(values):
    return twice(values), 1.0
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Folder of the cache; compiled code that isn't kept is an error, as all warnings."""
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(_compile_cache, "_warned", [])
    return tmp_path


def load(folder, name="kernels", imports="", expression="2 * values"):
    """Kernels of a module, as a new process sees them."""
    path = folder / f"{name}.py"
    text = SOURCE.format(imports=imports, expression=expression)
    if not path.exists() or path.read_text() != text:  # older numba looks at its time
        path.write_text(text)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cached(folder, suffix):
    return sorted((folder / "cache").rglob(f"*.{suffix}"))


def call(module):
    """Call `more` and say whether its code came from the cache."""
    result, _ = module.more(np.arange(3.0))
    hits = sum(module.more._cache_hits.values())
    return result.tolist(), hits > 0


def test_the_second_process_finds_the_code(folder):
    assert call(load(folder)) == ([0, 2, 4], False)
    assert call(load(folder)) == ([0, 2, 4], True)


def halve(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path):
    data = bytearray(path.read_bytes())
    data[-len(data) // 3] ^= 0xFF
    path.write_bytes(bytes(data))


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "half": halve,
    "a byte changed": flip,
    "garbage": lambda path: path.write_bytes(b"\x80\x04garbage" * 100),
    "text": lambda path: path.write_text("foreign"),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_damaged_files_are_replaced(folder, suffix, damage):
    call(load(folder))
    for path in cached(folder, suffix):
        DAMAGES[damage](path)
    assert call(load(folder)) == ([0, 2, 4], False)
    assert call(load(folder)) == ([0, 2, 4], True)


def test_code_of_another_function_is_refused(folder):
    call(load(folder))
    more, twice = cached(folder, "nbc")
    assert "twice" in twice.name
    shutil.copy(twice, more)
    assert call(load(folder)) == ([0, 2, 4], False)


def test_code_for_other_types_is_refused(folder):
    # as left by two processes that write the first file at once
    module = load(folder)
    call(module)
    module.more(np.arange(3, dtype=np.float32))
    double, single = cached(folder, "nbc")[:2]
    assert {double.name.split(".")[-2], single.name.split(".")[-2]} == {"1", "2"}
    shutil.copy(single, double)
    assert call(load(folder)) == ([0, 2, 4], False)


def test_a_change_in_a_called_module_is_noticed(folder, monkeypatch):
    monkeypatch.syspath_prepend(folder)
    caller = {"name": "caller", "imports": "from called import twice as double"}
    caller["expression"] = "double(values)"

    def both(expression):
        sys.modules.pop("called", None)
        sys.modules["called"] = load(folder, "called", expression=expression)
        return call(load(folder, **caller))

    assert both("2 * values") == ([0, 2, 4], False)
    assert both("2 * values") == ([0, 2, 4], True)
    assert both("3 * values + 1") == ([1, 4, 7], False)
    sys.modules.pop("called")


def test_code_without_checks_of_indices_is_no_code_with_them(folder, monkeypatch):
    assert call(load(folder)) == ([0, 2, 4], False)
    monkeypatch.setattr(config, "BOUNDSCHECK", 1)
    assert call(load(folder)) == ([0, 2, 4], False)
    assert call(load(folder)) == ([0, 2, 4], True)


def test_a_changed_constant_of_another_module_is_noticed(folder, monkeypatch):
    def with_factor(factor):
        constants = ModuleType("constants")
        constants.FACTOR = factor
        monkeypatch.setitem(sys.modules, "constants", constants)
        using = {"imports": "from constants import FACTOR", "expression": "FACTOR * values"}
        module = load(folder, **using)
        return call(module)

    assert with_factor(2)[0] == [0, 2, 4]
    assert with_factor(2) == ([0, 2, 4], True)
    assert with_factor(3) == ([0, 3, 6], False)


WALK = """
import warnings
import numpy as np
from scann_sklearn.network import _walks
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    assert _walks.used_inputs(3, np.array([1, 4])).tolist() == [1]
    assert _walks.levels(3, np.array([0, 2]), np.array([0, 1])).tolist() == [1]
print(*[str(w.message) for w in caught], sep="\\n")
"""
FULL_DISK = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
"""


def run(code, cwd, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(cwd), "PYTHONDONTWRITEBYTECODE": "1"} | environment,
        capture_output=True,
        text=True,
        timeout=600,  # first it may have to compile
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits of this kind")
def test_a_full_disk(tmp_path):
    (message,) = run(FULL_DISK + WALK, ROOT, NUMBA_CACHE_DIR=str(tmp_path))
    assert "can't be cached on disk" in message
    assert "NUMBA_CACHE_DIR" in message


@pytest.mark.skipif(sys.platform == "win32", reason="looks for folders elsewhere")
def test_no_folder_can_be_written_to(tmp_path):
    package = tmp_path / "scann_sklearn"
    shutil.copytree(
        ROOT / "scann_sklearn", package, ignore=shutil.ignore_patterns("__pycache__", "*.nb?")
    )
    (package / "network/__pycache__").write_text("a file in the place of the folder")
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    everywhere = {"HOME": str(blocked), "XDG_CACHE_HOME": str(blocked)}
    (message,) = run(WALK, tmp_path, NUMBA_CACHE_DIR=str(blocked), **everywhere)
    assert "no locator available" in message
    assert "NUMBA_CACHE_DIR" in message


def test_the_warning_comes_once(folder):
    with pytest.warns(RuntimeWarning, match=r"\(broken\).*NUMBA_CACHE_DIR"):
        _compile_cache.warn_once(OSError("broken"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _compile_cache.warn_once(OSError("broken"))
