"""The report of an export: what is counted, by hand."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pytest

from scann_sklearn.export import to_c
from scann_sklearn.metrics import EnergyModel, n_bytes, n_connections


@pytest.mark.parametrize("dtype", ["float32", "int16", "int8"])
def test_a_classifier_alone_costs_what_the_metrics_say(digits_case, tmp_path, dtype):
    clf = digits_case.model
    report = to_c(clf, tmp_path / "net.h", dtype=dtype, calibration=digits_case.X)
    assert report.n_connections == n_connections(clf)
    assert report.operations == EnergyModel().operations(clf)
    assert report.energy == EnergyModel().energy(clf)
    size = {"float32": 4, "int16": 2, "int8": 1}[dtype]
    n_values = report.n_inputs + clf.n_hidden_
    assert report.ram.input == size * 64  # the caller's
    assert report.ram.values == max(size, 2) * n_values
    assert report.ram_bytes == report.ram.input + report.ram.values + report.ram.frame


def test_tables_of_8_bits_byte_by_byte(digits_case, tmp_path):
    clf = digits_case.model
    report = to_c(clf, tmp_path / "net.h", dtype="int8", calibration=digits_case.X)
    n_targets = clf.n_hidden_ + clf.n_outputs_
    tables = 2 * clf.n_connections_ + 4 * n_targets + report.n_inputs
    assert 140 < report.flash_bytes - tables < 190  # the code
    assert report.flash_bytes < n_bytes(clf)


def test_a_full_matrix_counts_its_zeros(tmp_path):
    from tests.export.conftest import CASES

    model, X, _ = CASES["pca"]()
    report = to_c(model, tmp_path / "net.h", dtype="int8", calibration=X)
    assert type(report.flash_bytes) is type(report.ram_bytes) is int  # as JSON takes it
    n_linear = report.code.program.n_linear
    assert n_linear > 0
    behind = report.n_connections - report.code.program.indptr[n_linear]
    assert report.operations.macs == n_linear * report.n_inputs + behind
    assert report.operations.index_reads == behind
    assert f"factors[{n_linear * report.n_inputs}]" in report.path.read_text()


def test_a_sparse_matrix_is_stored_without_zeros(tmp_path):
    from tests.export.conftest import CASES

    model, X, _ = CASES["sparse_rp"]()
    report = to_c(model, tmp_path / "net.h", dtype="int8", calibration=X)
    assert report.code.program.n_linear > 0
    assert report.operations.macs == report.n_connections
    assert "factors[" not in report.path.read_text()


def test_the_report_has_a_short_representation(iris_case, tmp_path):
    text = repr(to_c(iris_case.model, tmp_path / "net.h"))
    assert "flash_bytes=" in text
    assert "code=" not in text
    assert len(text) < 600


def test_a_target_that_is_too_small_is_a_warning(digits_case, tmp_path):
    data = {"dtype": "int8", "calibration": digits_case.X}
    report = to_c(digits_case.model, tmp_path / "net.h", **data)
    flash, ram = report.flash_bytes, report.ram_bytes
    assert to_c(digits_case.model, report.path, flash_limit=flash, ram_limit=ram, **data) == report
    message = f"about {flash} bytes of flash, more than flash_limit={flash - 1}: use"
    with pytest.warns(UserWarning, match=message):
        to_c(digits_case.model, report.path, flash_limit=flash - 1, ram_limit=ram, **data)
    message = f"flash_limit=1 and {ram} bytes of ram, more than ram_limit={ram - 1}: use"
    with pytest.warns(UserWarning, match=message):
        to_c(digits_case.model, report.path, flash_limit=1, ram_limit=ram - 1, **data)
