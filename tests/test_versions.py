"""What is kept of the tests with the oldest and newest versions."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import json
import sys

import pytest

from tests._versions import COUNTS, TESTS, Result, bounds, run_tests

FACTS = {"command": "some", "versions": {"numpy": "2.0.2"}}


def outcome(name, failed=()):
    counts = dict.fromkeys(COUNTS, 0) | {"tests": 3, "failures": len(failed)}
    return {"file": name, **counts, "failed": list(failed)}


def test_an_interrupted_run_goes_on(tmp_path):
    for name in TESTS[:-1]:
        Result(tmp_path, "oldest", FACTS).add(outcome(name))
    assert [p.name for p in tmp_path.iterdir()] == ["versions_oldest.unfinished.json"]
    last = Result(tmp_path, "oldest", FACTS)
    assert last.missing() == [TESTS[-1]]
    last.add(outcome(TESTS[-1]))
    (path,) = tmp_path.iterdir()
    assert path.name == "versions_oldest.json"
    assert json.loads(path.read_text())["tests"] == 3 * len(TESTS)


def test_what_failed_is_run_again_and_replaced(tmp_path):
    result = Result(tmp_path, "newest", FACTS)
    result.add(outcome(TESTS[0], failed=["a"]))
    assert result.missing() == list(TESTS)
    result.add(outcome(TESTS[0]))
    assert Result(tmp_path, "newest", FACTS).missing() == list(TESTS[1:])


def test_outcomes_with_other_versions_do_not_count(tmp_path):
    Result(tmp_path, "oldest", FACTS).add(outcome(TESTS[0]))
    other = FACTS | {"versions": {"numpy": "2.1.1"}}
    assert Result(tmp_path, "oldest", other).missing() == list(TESTS)


@pytest.mark.parametrize(("code", "failures"), [("pass", 0), ("assert False", 1)])
def test_outcomes_are_those_of_pytest(monkeypatch, tmp_path, code, failures):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_some.py").write_text(f"def test_it():\n    {code}\n")
    monkeypatch.setattr("tests._versions.ROOT", tmp_path)
    found = run_tests(sys.executable, "test_some.py", {})
    assert (found["tests"], found["failures"]) == (1, failures)
    assert len(found["failed"]) == failures


def test_bounds_are_exact_versions():
    assert "numpy==2.0.2" in bounds()
    assert len(bounds()) == 8
