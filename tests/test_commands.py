"""Commands that the docs, the README and the Makefile show are understood by their modules."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import argparse
import ast
import importlib.util
import re
import runpy
import shlex
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLACES = [
    ROOT / "README.md",
    ROOT / "Makefile",
    *sorted((ROOT / "docs").glob("*/*.rst")),
    *sorted((ROOT / "benchmarks").rglob("*.py")),  # what they say of themselves
]
_COMMAND = re.compile(r"python\s*-m ((?:benchmarks|tests)[\w.]*)([^`|&#\n]*)")


class Understood(Exception):
    """The arguments were parsed; nothing has to be done with them."""


def commands_of(text):
    """Pairs of a module and its arguments; brackets around what may be left out are dropped."""
    text = re.sub(r"\\\n\s*(?:-m)?", lambda found: "-m" * found[0].endswith("-m"), text)
    for module, words in _COMMAND.findall(text):
        if "$" not in words:  # of make
            yield module.rstrip("."), tuple(shlex.split(re.sub(r"[\[\]()]|\.\.\.", " ", words)))


def found():
    """All of them, once."""
    texts = {path: path.read_text() for path in PLACES}
    told = (
        ast.get_docstring(ast.parse(text)) or "" if path.suffix == ".py" else text
        for path, text in texts.items()
    )
    return sorted({command for text in told for command in commands_of(text)})


def source_of(module):
    """File that `python -m` runs."""
    spec = importlib.util.find_spec(module)
    assert spec is not None, f"there is no module {module}"
    if spec.submodule_search_locations:
        spec = importlib.util.find_spec(f"{module}.__main__")
    assert spec is not None, f"{module} can't be run"
    return Path(spec.origin).read_text()


def test_commands_are_found():
    assert list(commands_of("python -m benchmarks.a \\\n    --b 1 [--c 2 ...]``")) == [
        ("benchmarks.a", ("--b", "1", "--c", "2"))
    ]
    assert list(commands_of("\t$(BIN)/python \\\n\t\t-m tests.b --c")) == [("tests.b", ("--c",))]
    assert len(found()) > 40


@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
@pytest.mark.parametrize(("module", "words"), found(), ids=lambda part: str(part))
def test_arguments_are_understood(module, words, monkeypatch):
    if "argparse" not in source_of(module):
        assert not words
        return
    parse = argparse.ArgumentParser.parse_args

    def parse_alone(self, *arguments, **given):
        parse(self, *arguments, **given)
        raise Understood

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_alone)
    monkeypatch.setattr(sys, "argv", [module, *words])
    with pytest.raises(Understood):
        runpy.run_module(module, run_name="__main__", alter_sys=False)
