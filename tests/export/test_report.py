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
    n_values = report.n_inputs + clf.n_hidden_
    assert report.ram_bytes == (
        4 * (n_values + clf.n_outputs_) if dtype == "float32" else 2 * n_values
    )


def test_tables_of_8_bits_byte_by_byte(digits_case, tmp_path):
    clf = digits_case.model
    report = to_c(clf, tmp_path / "net.h", dtype="int8", calibration=digits_case.X)
    n_targets = clf.n_hidden_ + clf.n_outputs_
    tables = 2 * clf.n_connections_ + 4 * n_targets + report.n_inputs
    assert 150 < report.flash_bytes - tables < 200  # the code
    assert report.flash_bytes < n_bytes(clf)


def test_a_full_matrix_counts_its_zeros(tmp_path):
    from tests.export.conftest import CASES

    model, X, _ = CASES["pca"]()
    report = to_c(model, tmp_path / "net.h", dtype="int8", calibration=X)
    n_linear = report.code.program.n_linear
    assert n_linear > 0
    behind = report.n_connections - report.code.program.indptr[n_linear]
    assert report.operations.macs == n_linear * report.n_inputs + behind
    assert report.operations.index_reads == behind
    assert f"matrix[{n_linear * report.n_inputs}]" in report.path.read_text()


def test_a_sparse_matrix_is_stored_without_zeros(tmp_path):
    from tests.export.conftest import CASES

    model, X, _ = CASES["sparse_rp"]()
    report = to_c(model, tmp_path / "net.h", dtype="int8", calibration=X)
    assert report.code.program.n_linear > 0
    assert report.operations.macs == report.n_connections
    assert "matrix[" not in report.path.read_text()


def test_the_report_has_a_short_representation(iris_case, tmp_path):
    text = repr(to_c(iris_case.model, tmp_path / "net.h"))
    assert "flash_bytes=" in text
    assert "code=" not in text
    assert len(text) < 600
