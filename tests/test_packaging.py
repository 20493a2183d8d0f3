"""Wheel and sdist build, and install into an empty environment."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import scann_sklearn

from ._optional import need

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.slow


def _call(*command, cwd=None):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sdist, and the wheel that is built from it."""
    need("build")
    folder = tmp_path_factory.mktemp("dist")
    _call(sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT))
    (sdist,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    return sdist, wheel


def _library_files():
    library = ROOT / "scann_sklearn"
    return {str(path.relative_to(ROOT)) for path in library.rglob("*.py")} | {
        "scann_sklearn/py.typed"
    }


def test_wheel_holds_the_library_and_nothing_else(built):
    names = {name for name in zipfile.ZipFile(built[1]).namelist() if ".dist-info/" not in name}
    assert names == _library_files()


def test_wheel_states_licence_and_extras(built):
    wheel = zipfile.ZipFile(built[1])
    (metadata,) = (name for name in wheel.namelist() if name.endswith("METADATA"))
    text = wheel.read(metadata).decode()
    assert "License-Expression: BSD-3-Clause" in text
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
    for extra in ("plot", "export", "datasets", "bench", "test", "docs", "dev"):
        assert f"Provides-Extra: {extra}\n" in text


def test_long_description_renders(built):
    need("readme-renderer", "twine")
    _call(sys.executable, "-m", "twine", "check", "--strict", *map(str, built))


def test_sdist_holds_library_and_tests(built):
    with tarfile.open(built[0]) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert _library_files() <= names
    assert {"LICENSE", "README.md", "pyproject.toml", "tests/test_packaging.py"} <= names
    assert not [name for name in names if name.startswith((".venv", ".git/", "docs/_build"))]


@pytest.mark.parametrize("kind", [0, 1], ids=["sdist", "wheel"])
def test_installs_into_an_empty_environment(built, kind, tmp_path):
    _call(sys.executable, "-m", "venv", str(tmp_path / "venv"))
    python = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    # Without dependencies: quick, and the package itself has to import without them.
    _call(str(python), "-m", "pip", "install", "--no-deps", str(built[kind]))
    code = "import scann_sklearn as s; print(s.__version__, s.__file__)"
    version, file = _call(str(python), "-c", code, cwd=tmp_path).split(maxsplit=1)
    assert version == scann_sklearn.__version__
    assert str(tmp_path) in file
