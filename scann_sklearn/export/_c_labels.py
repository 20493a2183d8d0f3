"""C code that says which labels a sample has."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from string import Template

from scann_sklearn.export._c_answers import OutputAnswers
from scann_sklearn.export._c_exponential import EXP
from scann_sklearn.export._c_templates import OUTPUTS

_ABOUT = Template(
    """\
 * void ${name}_predict(const $ctype *$x, uint8_t *labels)
 *     1 for each of the ${NAME}_N_OUTPUTS labels that a sample of ${NAME}_N_FEATURES $numbers has,
 *     else 0
"""
)
_ABOUT_FLOAT = Template(
    """\
 * void ${name}_predict_proba(const float *x, float *p)
 *     probabilities of the labels
 * void ${name}_outputs(const float *x, float *y)
 *     the outputs before the logistic function: above 0 for labels that a sample has
"""
)
_ABOUT_FIXED = Template(
    """\
 * void ${name}_scores(const $ctype *q, int32_t *y)
 *     the sums that decide: above 0 for labels that a sample has
"""
)

_DECLARE = Template("${NAME}_API void ${name}_predict(const $ctype *$x, uint8_t *labels);\n")
_DECLARE_FLOAT = Template(
    """\
${NAME}_API void ${name}_predict_proba(const float *x, float *p);
${NAME}_API void ${name}_outputs(const float *x, float *y);
"""
)
_DECLARE_FIXED = Template("${NAME}_API void ${name}_scores(const $ctype *q, int32_t *y);\n")

_PREDICT = Template(
    """\
${NAME}_API void ${name}_predict(const $ctype *$x, uint8_t *labels)
{
    $sum_type y[${NAME}_N_OUTPUTS];
    int k;

    ${name}_run($x, y);
    for (k = 0; k < ${NAME}_N_OUTPUTS; ++k)
        labels[k] = y[k] > 0;
}
"""
)

_PROBABILITIES = Template(
    """\
${NAME}_API void ${name}_predict_proba(const float *x, float *p)
{
    int k;

    ${name}_run(x, p);
    for (k = 0; k < ${NAME}_N_OUTPUTS; ++k) {
        const float e = ${name}_exp(p[k] > 0.0f ? -p[k] : p[k]);
        p[k] = (p[k] > 0.0f ? 1.0f : e) / (1.0f + e);
    }
}
"""
)


class LabelAnswers(OutputAnswers):
    """``void <name>_predict``: 0 or 1 for each label."""

    def about(self, fields) -> tuple[str, str]:
        numbers = "raw features" if self.is_float else "integers"
        others = _ABOUT_FLOAT if self.is_float else _ABOUT_FIXED
        return _ABOUT.substitute(fields, numbers=numbers) + others.substitute(fields), ""

    def declarations(self, fields) -> tuple[str, str]:
        others = _DECLARE_FLOAT if self.is_float else _DECLARE_FIXED
        return _DECLARE.substitute(fields) + others.substitute(fields), ""

    def functions(self, fields) -> tuple[list[str], list[str]]:
        first = [_PREDICT.substitute(fields), OUTPUTS.substitute(fields)]
        if self.is_float:
            first.append(EXP.substitute(fields) + "\n" + _PROBABILITIES.substitute(fields))
        return first, []

    @property
    def value_bytes(self) -> int:
        """The sums, until they are labels."""
        return 4 * self.code.program.n_outputs
