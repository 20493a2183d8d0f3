"""A program as a C header: templates filled with tables."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from scann_sklearn.export import _c_templates as templates
from scann_sklearn.export._c_fixed import FixedFormat
from scann_sklearn.export._c_float import FloatFormat
from scann_sklearn.export._c_network import read_feature
from scann_sklearn.export._c_tables import BYTES, define, literal, unsigned_type, wrap
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
    value_bytes : int
        Bytes of the values that it keeps on the stack.
    is_dense : bool
        Whether a reduction is a full matrix, with a loop of its own.
    """

    text: str
    table_bytes: int
    value_bytes: int
    is_dense: bool


@dataclass(frozen=True, eq=False)
class SelfTest:
    """Samples and what the code makes of them.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        Samples as the code takes them.
    outputs : ndarray of shape (n_samples, n_outputs)
        Expected outputs.
    tolerance : float
        By how much they may differ.

    Raises
    ------
    ValueError
        If outputs, or how they are rounded, are beyond single precision.
    """

    rows: np.ndarray
    outputs: np.ndarray
    tolerance: float

    def __post_init__(self) -> None:
        largest = max(np.abs(self.outputs.astype(float)).max(initial=0), 2 * self.tolerance)
        if not largest <= np.finfo(np.float32).max:
            raise ValueError(
                "self_test has samples whose outputs, or the numbers on the way to them, are "
                f"beyond float32 ({largest:.3g}): use samples like the training data."
            )


def c_source(code, name, version, self_test=None, file="model.h") -> Source:
    """Write a program as a C header.

    Parameters
    ----------
    code : SinglePrecision or FixedPoint
        The program.
    name : str
        Prefix of everything that the header defines.
    version : str
        Version of the library, for a constant.
    self_test : SelfTest, default=None
        What a function compares on the target.
    file : str, default="model.h"
        Name of the file, for a comment.

    Returns
    -------
    source : Source
        The header.
    """
    is_float = isinstance(code, SinglePrecision)
    form = (FloatFormat if is_float else FixedFormat)(code, name)
    fields = _fields(form, version, file)
    first, last = form.answers.declarations(fields)
    declarations = [first, form.declarations(fields), last]
    first_functions, last_functions = form.answers.functions(fields)
    functions = [form.run(fields), *first_functions, *form.functions(fields), *last_functions]
    fields |= {"main": "", "self_test_about": ""} | _feature_fields(form, fields)
    if self_test is not None:
        fields |= _self_test_fields(form, self_test)
        fields["self_test_about"] = _SELF_TEST_ABOUT.format(name=name)
        declarations += [f"{form.upper}_API int {name}_self_test(void);\n"]
        functions += [templates.SELF_TEST.substitute(fields, tables=fields["test_tables"])]
        fields["main"] = templates.SELF_TEST_MAIN.substitute(fields)
    text = templates.HEADER.substitute(
        fields,
        about=form.about(fields).rstrip(),
        constants=form.constants(),
        flash=_flash(fields, "".join(functions)),
        declarations="".join(declarations),
        functions="\n".join(functions),
    )
    return Source(
        text,
        table_bytes=form.table_bytes,
        value_bytes=form.value_bytes,
        is_dense=form.network.is_dense,
    )


_SELF_TEST_ABOUT = """\
 * int {name}_self_test(void)
 *     number of samples with other outputs than expected: 0
"""


def model_hash(code) -> str:
    """Name what is computed: the first 16 digits of a SHA-256.

    Parameters
    ----------
    code : SinglePrecision or FixedPoint
        The program.

    Returns
    -------
    digits : str
        Hexadecimal digits, of the network as the code has it: rounded weights, scales, labels.
    """
    program = code.program
    arrays = [program.inputs, program.indptr, program.sources]
    numbers: tuple[int, ...] = (program.n_features, program.n_linear, program.n_outputs)
    if isinstance(code, SinglePrecision):
        real, whole = [program.weights, program.biases], []
    else:
        real, whole = [code.scale.offset, code.scale.inverse], [code.weights, code.biases]
        whole, numbers = [*whole, code.shifts], (*numbers, code.scale.bits, code.bias_unit)
        if code.maps is not None:
            whole += code.maps.hashed()
        if program.kind == "values":
            real += [code.output_offset, code.output_scale]
    digest = hashlib.sha256()
    for array in [np.array(numbers), *arrays, *whole]:
        digest.update(len(array).to_bytes(8, "little") + array.astype("<i8").tobytes())
    for array in real:
        digest.update(len(array).to_bytes(8, "little") + array.astype("<f4").tobytes())
    digest.update("\0".join(map(str, program.classes.tolist())).encode())
    if program.kind != "classes":
        digest.update(program.kind.encode())
    if program.exits is not None:
        digest.update(program.exits.astype("<i8").tobytes())
        digest.update(program.thresholds.astype("<f8").tobytes())
    for array in [] if program.front is None else program.front.hashed():
        digest.update(len(array).to_bytes(8, "little") + array.tobytes())
    return digest.hexdigest()[:16]


def _fields(form, version, file) -> dict[str, Any]:
    """Fields that more than one template has."""
    program = form.code.program
    features = [str(feature) for feature in program.inputs] or ["0"]  # C has no empty arrays
    return {
        "name": form.name,
        "NAME": form.upper,
        "file": file,
        "version": version,
        "model_hash": model_hash(form.code),
        "ctype": form.ctype,
        "sum_type": form.sum_type,
        "value_type": form.value_type,
        "x": form.sample,
        "outputs": form.answers.outputs,
        "feature": read_feature(program, form.upper),
        "feature_type": unsigned_type(program.inputs),
        "features": wrap(features, "    "),
        "n_features_read": len(features),
        "n_connections": program.n_connections,
        "n_features": program.n_features,
        "n_inputs": program.n_inputs,
        "n_linear": program.n_linear,
        "n_values": program.n_linear + program.n_hidden,
        "n_outputs": program.n_outputs,
        "n_rows": program.n_targets,
        "n_slots": max(program.n_slots, 1),
    } | form.answers.header_fields()


def _feature_fields(form, fields) -> dict[str, str]:
    """The table of the features that are read; of an image there is none."""
    if form.maps is not None:
        return {"which": ": all", "declare_features": "", "define_features": ""}
    return {
        "which": f": {form.upper}_FEATURES",
        "declare_features": templates.DECLARE_FEATURES.substitute(fields),
        "define_features": templates.DEFINE_FEATURES.substitute(fields),
    }


def _flash(fields, functions) -> str:
    """Macros that keep tables in flash, with a function for each type that is read."""
    types = set(re.findall(r"_READ\((\w+),", functions))
    if fields["define_features"]:
        types.add(fields["feature_type"])
    readers = [templates.READERS[BYTES[t]].substitute(fields, type=t) for t in sorted(types)]
    return templates.FLASH.substitute(fields, readers="".join(readers))


def _self_test_fields(form, self_test) -> dict[str, Any]:
    """Tables of samples and outputs, and conditions."""
    rows = self_test.rows[:, form.code.program.inputs].ravel()
    outputs = self_test.outputs.ravel()
    tables = [
        define(form.upper, form.ctype, "rows", map(literal, rows)),
        define(form.upper, form.sum_type, "expected", map(literal, outputs)),
        *form.answers.test_tables(self_test),
    ]
    return {
        "test_tables": "\n".join(tables),
        "n_test_rows": len(self_test.rows),
        **form.answers.check_fields(self_test),
    }
