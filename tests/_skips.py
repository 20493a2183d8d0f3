"""A plugin of pytest: a skip without a good reason is a failure; how many of each."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import re
from collections import Counter

import pytest

from ._optional import OPTIONAL_TOOLS

# What a message says -> the reason. scikit-learn's checks of the array API come with it.
REASONS = {
    r"no data files: .+": "absent data files",
    r"all tests skipped by \+SKIP option": "absent data files",  # those of the loaders
    r".*(SCIPY_ARRAY_API|array_api_compat|array_api_strict).*": "the array API",
    rf"({'|'.join(map(re.escape, OPTIONAL_TOOLS))}) is not on this machine": "optional tools",
}


def reason_of(report):
    """The reason of a skip, None where it has no good one."""
    message = str(report.longrepr[2]).removeprefix("Skipped: ")
    if "+SKIP" in message and not report.nodeid.startswith("scann_sklearn/datasets/"):
        return None
    found = (reason for words, reason in REASONS.items() if re.fullmatch(words, message, re.DOTALL))
    return next(found, None)


def _judged(report):
    """A skip without a good reason as a failure."""
    if report.skipped and not hasattr(report, "wasxfail") and reason_of(report) is None:
        report.outcome = "failed"
        report.longrepr = (
            f"{report.nodeid} was skipped: {report.longrepr[2]}\nA test skips only for absent data "
            "files, the array API, or a tool named in tests/_optional.py: call its functions."
        )
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    return _judged((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    return _judged((yield))


def pytest_terminal_summary(terminalreporter):
    skips = terminalreporter.stats.get("skipped", [])
    for reason, n in Counter(map(reason_of, skips)).most_common():
        terminalreporter.write_line(f"{n} skipped for want of {reason}")
