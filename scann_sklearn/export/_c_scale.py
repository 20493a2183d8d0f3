"""C code that makes integers of raw samples, and the constants of their scales."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from string import Template

import numpy as np

from scann_sklearn.export._c_tables import Column, literal, signed_type, tabulate, wrap
from scann_sklearn.export._raw_scale import LOW_BITS

_QUANTIZE = Template(
    """\
${NAME}_API void ${name}_quantize(const float *x, $ctype *q)
{
$tables    int i;

    for (i = 0; i < ${NAME}_N_INPUTS; ++i$advance) {
        float v = (x[$feature] - $offset) * $inverse;
        if (!(v > $least.0f))
            v = $least.0f;
        if (v > $most.0f)
            v = $most.0f;
        q[$feature] = ($ctype)(v < 0.0f ? v - 0.5f : v + 0.5f);
    }
}
"""
)

_QUANTIZE_RAW = Template(
    """\
${NAME}_API void ${name}_quantize_i16(const int16_t *x, $ctype *q)
{
$tables    int i;

    for (i = 0; i < ${NAME}_N_INPUTS; ++i$advance) {
        int32_t d = (int32_t)x[$feature]$minus_offset, v;
        if (d < -$limit)
            d = -$limit;
        if (d > $limit)
            d = $limit;
        v = d * $high$minus_fraction;
$add_low        v = v < 0 ? -(($half - v) >> $shift) : (v + $half) >> $shift;
        q[$feature] = ($ctype)(v < $least ? $least : v > $most ? $most : v);
    }
}
"""
)

_ADD_LOW = Template(
    """\
        d *= $low;
        v += d < 0 ? ~(~d >> $low_bits) : d >> $low_bits;
"""
)


def scale_constants(scale, prefix, of_some=True) -> str:
    """Define offset, step and its reciprocal: one of each, or one an input.

    Parameters
    ----------
    scale : InputScale
        The scale.
    prefix : str
        Prefix of macros.
    of_some : bool, default=True
        Whether a table says which features are read.

    Returns
    -------
    source : str
        Preprocessor lines.
    """
    which = f"feature {prefix}_FEATURES[i]" if of_some else "all features"
    lines = [f"/* Of {which}: q = round((x - offset) * inverse) */"]
    columns = {"OFFSET": scale.offset, "STEP": scale.step, "INVERSE": scale.inverse}
    is_common = all(map(_is_constant, columns.values()))
    for name, values in columns.items():
        if is_common:
            value = literal(values[0] if len(values) else np.float32(0))
            lines.append(f"#define {prefix}_SCALE_{name} {value}")
        else:
            entries = wrap(map(literal, values), "    ").replace("\n", " \\\n")
            lines.append(f"#define {prefix}_SCALE_{name}S {{ \\\n{entries} \\\n}}")
    return "\n".join(lines) + "\n"


def quantize_functions(scale, raw, fields) -> list[str]:
    """Define the functions that make integers of samples.

    Parameters
    ----------
    scale : InputScale
        The scale.
    raw : RawScale or None
        The same for whole numbers.
    fields : dict
        Fields of the templates.

    Returns
    -------
    functions : list of str
        C code.
    """
    fields = fields | {"least": -scale.limit - 1, "most": scale.limit}
    columns = {"offset": scale.offset, "inverse": scale.inverse}
    table = _constants(fields["NAME"], columns, lambda values: "float")
    functions = [_QUANTIZE.substitute(fields, **table)]
    if raw is not None:
        functions.append(_raw_function(raw, fields))
    return functions


def _raw_function(raw, fields) -> str:
    columns = {"limit": raw.reach, "high": raw.high}
    columns |= {
        name: v for name in ("offset", "low", "fraction") if (v := getattr(raw, name)).any()
    }
    table = _constants(fields["NAME"], columns, signed_type)
    for name in ("offset", "fraction"):
        table[f"minus_{name}"] = f" - {table[name]}" if name in columns else ""
    table["add_low"] = ""
    if "low" in columns:
        table["add_low"] = _ADD_LOW.substitute(low=table["low"], low_bits=LOW_BITS)
    numbers = {"shift": raw.shift, "half": 1 << (raw.shift - 1)}
    return _QUANTIZE_RAW.substitute(fields | numbers, **table)


def _constants(prefix, columns, choose_type) -> dict[str, str]:
    """Fields of templates: a number where a column has one value, else the entry of a table."""
    single = {name: values for name, values in columns.items() if _is_constant(values)}
    fields = {name: literal(v[0]) if len(v) else "1" for name, v in single.items()}
    fields = {name: f"({v})" if v.startswith("-") else v for name, v in fields.items()}
    fields |= {"tables": "", "advance": ""}
    varied = [Column(n, choose_type(v), v) for n, v in columns.items() if n not in single]
    if varied:
        table = tabulate(prefix, "scale", varied)
        fields["tables"] = f"{table.source}\n{table.pointers}\n"
        fields["advance"] = f", {table.advance}"
        fields |= table.access
    return fields


def _is_constant(values) -> bool:
    return len(set(values.tolist())) <= 1
