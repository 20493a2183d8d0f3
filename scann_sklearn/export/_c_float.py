"""C code in single precision."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from string import Template

import numpy as np

from scann_sklearn.export._c_format import NumberFormat
from scann_sklearn.export._c_network import Network
from scann_sklearn.export._c_tables import Column, literal, wrap
from scann_sklearn.export._c_templates import OUTPUTS

_ABOUT = Template(
    """\
 * int ${name}_predict(const float *x)
 *     index of the class of a sample x of ${NAME}_N_FEATURES raw features
 * void ${name}_predict_proba(const float *x, float *p)
 *     probabilities of the ${NAME}_N_CLASSES classes
 * void ${name}_outputs(const float *x, float *y)
 *     the ${NAME}_N_OUTPUTS output(s) before softmax or the logistic function
 * ${label_type}${name}_label(int k)
 *     label of class k$label_note
$self_test_about *
 * Of x these features are read:
$reads
"""
)

_DECLARATIONS = Template(
    """\
${NAME}_API void ${name}_predict_proba(const float *x, float *p);
${NAME}_API void ${name}_outputs(const float *x, float *y);
"""
)

_DENSE = Template(
    """\
    for (t = 0; t < ${NAME}_LINEAR; ++t, $next_row) {
        float sum = $bias;
        for (i = 0; i < ${NAME}_N_INPUTS; ++i, $next_entry)
            sum += $entry * v[i];
        v[${NAME}_N_INPUTS + t] = sum;
    }
"""
)

# exp(x) = 2^-k exp(r) with -ln 2 < r <= 0; k <= 124, so that nothing underflows.
_PROBABILITIES = Template(
    """\
static ${NAME}_UNUSED float ${name}_exp(float x) /* x <= 0 */
{
    float p;
    int k;
    if (!(x > -86.5f))
        return 0.0f;
    k = (int)(x * -1.44269504f);
    x += (float)k * 0.693359375f;
    x -= (float)k * 2.12194440e-4f;
    p = 1.0f + x * (1.0f / 7.0f + x * (1.0f / 56.0f));
    p = 1.0f + x * (1.0f / 5.0f + x * (1.0f / 30.0f) * p);
    p = 1.0f + x * (1.0f / 3.0f + x * (1.0f / 12.0f) * p);
    p = 1.0f + x * (1.0f + x * 0.5f * p);
    for (; k >= 8; k -= 8)
        p *= 0.00390625f;
    for (; k > 0; --k)
        p *= 0.5f;
    return p;
}

${NAME}_API void ${name}_predict_proba(const float *x, float *p)
{
    float top, total = 0.0f;
    int k;
$first_outputs
    top = p[0];
    for (k = 1; k < ${NAME}_N_CLASSES; ++k)
        if (p[k] > top)
            top = p[k];
    for (k = 0; k < ${NAME}_N_CLASSES; ++k) {
        p[k] = ${name}_exp(p[k] - top);
        total += p[k];
    }
    for (k = 0; k < ${NAME}_N_CLASSES; ++k)
        p[k] /= total;
}
"""
)


class FloatFormat(NumberFormat):
    """Inputs, weights, values and sums of float32."""

    ctype = sum_type = value_type = "float"
    sample, outputs, dense = "x", "outputs", _DENSE

    def tabulate(self) -> Network:
        program = self.code.program
        weights, biases = (a.astype(np.float32) for a in (program.weights, program.biases))
        rows = [Column("bias", "float", biases)]
        return Network(program, self.upper, "float", weights, rows)

    def run_fields(self) -> dict[str, str]:
        table = self.network.fields
        is_linear = f"t < {self.upper}_LINEAR || " if self.network.has_sparse_linear else ""
        slot = f"v[{self.upper}_N_INPUTS + t]"
        return {
            "input": f"x[{self.network.feature}]",
            "least": "0.0f" if self.by_sign else "-3.40282347e+38f",
            "product": f"{table['weight']} * v[{table['source']}]",
            "finish": "",
            "store": f"            {slot} = {is_linear}sum > 0.0f ? sum : 0.0f;\n",
        }

    def about(self, fields) -> str:
        return _ABOUT.substitute(fields, reads=wrap(map(str, self.code.program.inputs), " *     "))

    def constants(self) -> str:
        return ""

    def declarations(self, fields) -> str:
        return _DECLARATIONS.substitute(fields)

    def functions(self, fields) -> list[str]:
        # The logistic function is the softmax of (0, y).
        first = "    p[0] = 0.0f;\n    {}_run(x, p + 1);" if self.by_sign else "    {}_run(x, p);"
        return [
            OUTPUTS.substitute(fields),
            _PROBABILITIES.substitute(fields, first_outputs=first.format(self.name)),
        ]

    def check_fields(self, tolerance) -> dict[str, str]:
        once, twice = literal(np.float32(tolerance)), literal(np.float32(2 * tolerance))
        if self.by_sign:
            wrong_class, order = f"k ? y[0] < -{once} : y[0] > {once}", ""
        else:
            wrong_class, order = "0", f" || y[i] - y[k] > {twice}"
        return {
            "wrong_class": wrong_class,
            "wrong_output": f"!(y[i] - e <= {once} && e - y[i] <= {once}){order}",
        }
