"""C code that predicts values."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from string import Template

from scann_sklearn.export._c_answers import OutputAnswers
from scann_sklearn.export._c_tables import define, literal
from scann_sklearn.export._c_templates import OUTPUTS

_ABOUT_FLOAT = Template(
    """\
 * void ${name}_predict(const float *x, float *y)
 *     the ${NAME}_N_OUTPUTS value(s) for a sample x of ${NAME}_N_FEATURES raw features
"""
)
_ABOUT_FIXED = Template(
    """\
 * void ${name}_predict(const $ctype *q, float *y)
 *     the ${NAME}_N_OUTPUTS value(s) for a sample q of ${NAME}_N_FEATURES integers
 * void ${name}_scores(const $ctype *q, int32_t *s)
 *     the same as integers, without any floating point:
$scales
"""
)

_DECLARE = Template("${NAME}_API void ${name}_predict(const $ctype *$x, float *y);\n")
_DECLARE_FIXED = Template("${NAME}_API void ${name}_scores(const $ctype *q, int32_t *y);\n")

_PREDICT_FLOAT = Template(
    """\
${NAME}_API void ${name}_predict(const float *x, float *y)
{
    ${name}_run(x, y);
}
"""
)
_PREDICT_FIXED = Template(
    """\
${NAME}_API void ${name}_predict(const $ctype *q, float *y)
{
$tables
    int32_t sums[${NAME}_N_OUTPUTS];
    int k;

    ${name}_run(q, sums);
    for (k = 0; k < ${NAME}_N_OUTPUTS; ++k)
        y[k] = ${NAME}_READ(float, offsets[k]) + (float)sums[k] * ${NAME}_READ(float, scales[k]);
}
"""
)


class ValueAnswers(OutputAnswers):
    """``void <name>_predict``: the values, of integer code too."""

    @property
    def outputs(self) -> str:
        """Floats are the values themselves."""
        return "predict" if self.is_float else "scores"

    def about(self, fields) -> tuple[str, str]:
        if self.is_float:
            return _ABOUT_FLOAT.substitute(fields), ""
        pairs = zip(self.code.output_offset, self.code.output_scale)
        lines = [f" *     y[{k}] = {a:.9g} + {b:.9g} * s[{k}]" for k, (a, b) in enumerate(pairs)]
        return _ABOUT_FIXED.substitute(fields, scales="\n".join(lines)), ""

    def declarations(self, fields) -> tuple[str, str]:
        fixed = "" if self.is_float else _DECLARE_FIXED.substitute(fields)
        return _DECLARE.substitute(fields) + fixed, ""

    def functions(self, fields) -> tuple[list[str], list[str]]:
        if self.is_float:
            return [_PREDICT_FLOAT.substitute(fields)], []
        columns = {"offsets": self.code.output_offset, "scales": self.code.output_scale}
        tables = [
            define(self.upper, "float", name, map(literal, column))
            for name, column in columns.items()
        ]
        predict = _PREDICT_FIXED.substitute(fields, tables="\n".join(tables))
        return [predict, OUTPUTS.substitute(fields)], []

    @property
    def table_bytes(self) -> int:
        """Offsets and scales of integer code."""
        return 0 if self.is_float else 8 * self.code.program.n_outputs

    @property
    def value_bytes(self) -> int:
        """The sums of integer code, until they are values."""
        return 0 if self.is_float else 4 * self.code.program.n_outputs
