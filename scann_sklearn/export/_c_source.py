"""A program as C99: templates filled with tables."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scann_sklearn.export import _c_templates as templates
from scann_sklearn.export._c_tables import (
    BYTES,
    Column,
    string_literal,
    tabulate,
    unsigned_type,
    wrap,
)
from scann_sklearn.export._single import SinglePrecision


@dataclass(frozen=True)
class Source:
    """Generated C code and what it takes up.

    Parameters
    ----------
    text : str
        The header.
    table_bytes : int
        Bytes of the tables that inference reads.
    buffer_bytes : int
        Bytes of the values that it keeps on the stack.
    is_dense : bool
        Whether a reduction is a full matrix, with a loop of its own.
    """

    text: str
    table_bytes: int
    buffer_bytes: int
    is_dense: bool


def c_source(code, name, version, self_test=None):
    """Write a program as a C header.

    Parameters
    ----------
    code : SinglePrecision or FixedPoint
        The program.
    name : str
        Prefix of everything that the header defines.
    version : str
        Version of the library, for a comment.
    self_test : tuple of (ndarray, ndarray), default=None
        Rows as the code takes them, and their expected class indices.

    Returns
    -------
    source : Source
        The header.
    """
    program = code.program
    labels, label_type = _labels(program.classes)
    fields = {
        "name": name,
        "NAME": name.upper(),
        "version": version,
        "n_connections": program.n_connections,
        "n_features": program.n_features,
        "n_classes": len(program.classes),
        "label_type": label_type,
        "n_inputs": program.n_inputs,
        "n_linear": program.n_linear,
        "n_hidden": program.n_hidden,
        "n_outputs": program.n_outputs,
        "n_rows": program.n_targets,
        "n_slots": max(program.n_slots, 1),
    }
    write = _write_float if isinstance(code, SinglePrecision) else _write_fixed
    ctype, about, functions, inference = write(code, fields)
    functions.append(templates.LABEL.substitute(fields, tables=labels))
    if self_test is not None:
        tables = _self_test_tables(ctype, *self_test)
        fields["n_test_rows"] = len(self_test[1])
        functions.append(templates.SELF_TEST.substitute(fields, tables=tables))
    fields |= {"about": about.rstrip(), "functions": "\n".join(functions)}
    n_values = program.n_slots + (program.n_outputs if ctype == "float" else 0)
    return Source(
        templates.HEADER.substitute(fields),
        table_bytes=inference.n_bytes,
        buffer_bytes=n_values * (4 if ctype == "float" else 2),
        is_dense=inference.is_dense,
    )


def _write_float(code, fields):
    weights, biases = (a.astype(np.float32) for a in (code.program.weights, code.program.biases))
    tables = _Tables(code.program, "float", weights, [Column("bias", "float", biases)])
    fields |= tables.fields
    fields["input"] = f"x[{tables.feature}]"
    if tables.is_dense:
        fields["dense"] = templates.FLOAT_DENSE.substitute(fields)
    is_binary = code.program.n_outputs == 1
    functions = [
        templates.FLOAT_OUTPUTS,
        templates.FLOAT_PREDICT_TWO if is_binary else templates.FLOAT_PREDICT_MANY,
        templates.FLOAT_PROBA_TWO if is_binary else templates.FLOAT_PROBA_MANY,
    ]
    reads = wrap(map(str, code.program.inputs), " *     ")
    about = templates.FLOAT_ABOUT.substitute(fields, reads=reads)
    return "float", about, [f.substitute(fields) for f in functions], tables


def _write_fixed(code, fields):
    bits, program = code.scale.bits, code.program
    ctype = f"int{bits}_t"
    rows = [Column("bias", "int16_t", code.biases), Column("shift", "uint8_t", code.shifts)]
    tables = _Tables(program, ctype, code.weights, rows)
    fields |= tables.fields | {
        "ctype": ctype,
        "bits": bits,
        "bias_unit": code.bias_unit,
        "input": f"q[{tables.feature}]",
        "factor": f" * {code.input_factor}" if code.input_factor > 1 else "",
        # One output stands for the second class: it has to be larger than 0.
        "least": "0" if program.n_outputs == 1 else "INT32_MIN",
        "first_class": " + 1" if program.n_outputs == 1 else "",
        "lowest": "(t < LINEAR ? -32768 : 0)" if tables.has_sparse_linear else "0",
    }
    if tables.is_dense:
        fields["dense"] = templates.FIXED_DENSE.substitute(fields)
    functions = [
        templates.FIXED_PREDICT.substitute(fields),
        _write_quantize(code, fields),
    ]
    about = templates.FIXED_ABOUT.substitute(fields, scales=_describe(code))
    return ctype, about, functions, tables


def _describe(code):
    """The scale of each feature in words; features with the same one stand together."""
    groups = {}
    for feature, *scale in zip(code.program.inputs, code.scale.offset, code.scale.step):
        groups.setdefault(tuple(scale), []).append(str(feature))
    return "\n".join(
        f" * offset {offset:.9g}, step {step:.9g}:\n" + wrap(features, " *     ")
        for (offset, step), features in groups.items()
    )


def _write_quantize(code, fields):
    scale, inputs = code.scale, code.program.inputs
    columns = [
        Column("offset", "float", scale.offset),
        Column("inverse", "float", scale.inverse),
    ]
    tables = tabulate("scale", "i", columns)
    features = tabulate("", "i", [Column("features", unsigned_type(inputs), inputs)])
    return templates.FIXED_QUANTIZE.substitute(
        fields,
        tables=f"{features.source}\n{tables.source}",
        feature=features.access["features"],
        offset=tables.access["offset"],
        inverse=tables.access["inverse"],
        low=-scale.limit - 1,
        high=scale.limit,
    )


class _Tables:
    """The tables that inference reads, and the fields of templates that name them."""

    def __init__(self, program, ctype, weights, row_columns):
        self.program = program
        counts = np.diff(program.indptr)
        n_before = program.indptr[program.n_linear]  # connections of the reduction
        source_type = unsigned_type(program.sources)
        links = [Column("source", source_type, program.sources), Column("weight", ctype, weights)]
        parts = []
        self.is_dense = self._choose_dense(n_before, ctype, source_type)
        if self.is_dense:
            matrix = np.zeros((program.n_linear, program.n_inputs), weights.dtype)
            matrix[program.targets[:n_before], program.sources[:n_before]] = weights[:n_before]
            parts.append(tabulate("", "k", [Column("matrix", ctype, matrix.ravel())]))
            links = [Column(c.name, c.ctype, c.values[n_before:]) for c in links]
        rows = [*row_columns, Column("count", unsigned_type(counts), counts)]
        parts += [tabulate("row", "t", rows), tabulate("link", "k", links)]
        self.feature = "i"
        # Copied without a change they would become a call of memcpy, a dependency.
        if ctype != "int8_t" or program.n_inputs != program.inputs.max(initial=-1) + 1:
            column = Column("features", unsigned_type(program.inputs), program.inputs)
            parts.insert(0, tabulate("", "i", [column]))
            self.feature = "features[i]"
        self.n_bytes = sum(part.n_bytes for part in parts)
        self.fields = {key: value for part in parts for key, value in part.access.items()}
        self.fields |= {
            "tables": "\n".join(part.source for part in parts),
            "dense": "",
            "start": "" if self.is_dense else "t = 0",
        }

    @property
    def has_sparse_linear(self):
        """Whether the loop over sparse rows meets those of a reduction."""
        return self.program.n_linear > 0 and not self.is_dense

    def _choose_dense(self, n_before, ctype, source_type):
        """Whether the reduction is smaller as a full matrix than with an index a weight."""
        full = self.program.n_linear * self.program.n_inputs * BYTES[ctype]
        return 0 < full <= n_before * (BYTES[ctype] + BYTES[source_type])


def _labels(classes):
    """Table of the labels, and the type of one: integers where they fit in 32 bits, else text."""
    if classes.dtype.kind in "iub" and np.abs(classes.astype(float)).max() < 2**31:
        return tabulate("", "k", [Column("labels", "int32_t", classes)]).source, "int32_t "
    texts = wrap((string_literal(str(label)) for label in classes.tolist()), " " * 8)
    source = f"    static const char *const labels[{len(classes)}] = {{\n{texts}\n    }};"
    return source, "const char *"


def _self_test_tables(ctype, rows, expected):
    columns = [Column("rows", ctype, rows.ravel()), Column("expected", "int16_t", expected)]
    return "\n".join(tabulate("", "i", [column]).source for column in columns)
