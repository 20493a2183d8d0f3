"""C code that leaves early, in single precision.

Outputs of all exits are kept for the mean, which is taken unless all samples have left. An
exponential is computed where the distance of the second output from the largest doesn't decide.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from string import Template
from typing import Any

from scann_sklearn.export._c_answers import wrong_output
from scann_sklearn.export._c_exits import ExitAnswers
from scann_sklearn.export._c_exponential import EXP
from scann_sklearn.export._c_tables import Column
from scann_sklearn.export._exit_rules import SingleExits

_ABOUT = Template(
    """\
 * void ${name}_predict_proba(const float *x, float *p)
 *     probabilities of the ${NAME}_N_CLASSES classes, at the exit that answers
 * void ${name}_outputs(const float *x, float *y)
 *     the ${NAME}_N_OUTPUTS outputs of all exits before softmax or the logistic function
"""
)
_UNTIL = """\
and writes their outputs, up to the first exit that is sure
   if asks isn't 0, and returns its class. The last exit is never asked"""
_UNTIL_THE_ONE = "and writes the outputs, returns the class"
_OUTPUT = Template(
    """\
                y[k] = sum;
                if (sum > top) {
$then_next                    top = sum;
                    best = k$first_class;
                }$else_next
"""
)
_THEN_NEXT = "                    next = top;\n"
_ELSE_NEXT = " else if (sum > next) {\n                    next = sum;\n                }"
_DECIDE = Template(
    """\
        *where = e;
        if (e == ${NAME}_LAST)
            break;
$ask"""
)
_ASK_SIZE = Template(
    """\
        if (asks && (y[0] > $limit || y[0] < -$limit))
            break;
"""
)
_ASK_REST = Template(
    """\
        if (asks && top - next > $low) {
            float rest = 0.0f;
            if (top - next > $high)
                break;
            for (k = 0; k < $n_exit_outputs; ++k)
                if (k != best)
                    rest += ${name}_exp(y[k] - top);
            if (rest < $limit)
                break;
        }
"""
)
_ADD = Template(
    """\
/* Adds the probabilities of an exit to p, in place of what is there if it is the first. */
static ${NAME}_UNUSED void ${name}_add(float *y, float *p, int is_first)
{
$shares    for (k = 0; k < ${NAME}_N_CLASSES; ++k)
        p[k] = is_first ? $share : p[k] + $share;
}
"""
)
_MEAN = Template(
    """\
/* Class of the largest mean over all exits. */
static ${NAME}_UNUSED int ${name}_mean(float *y, float *p)
{
    int k, best = 0;

    for (k = 0; k < ${NAME}_N_EXITS; ++k)
        ${name}_add(y + k * $n_exit_outputs, p, k == 0);
    for (k = 1; k < ${NAME}_N_CLASSES; ++k)
        if (p[k] > p[best])
            best = k;
    return best;
}
"""
)
_SHARES_OF_SIZE = Template(
    """\
    const float small = ${name}_exp(y[0] > 0.0f ? -y[0] : y[0]), large = 1.0f / (1.0f + small);
    int k;

"""
)
_SHARE_OF_SIZE = "((k == 1) == (y[0] > 0.0f) ? large : small * large)"
_SHARES = Template(
    """\
    float top = y[0], rest = 0.0f;
    int k, best = 0;

    for (k = 1; k < ${NAME}_N_CLASSES; ++k)
        if (y[k] > top) {
            top = y[k];
            best = k;
        }
    for (k = 0; k < ${NAME}_N_CLASSES; ++k)
        if (k == best) {
            y[k] = 1.0f;
        } else {
            y[k] = ${name}_exp(y[k] - top);
            rest += y[k];
        }
    rest = 1.0f / (1.0f + rest);
"""
)
_SHARE = "y[k] * rest"
_PREDICT_WITH_MEAN = Template(
    """\
${NAME}_API int ${name}_predict_with_exit(const float *x, int *where)
{
    float y[${NAME}_N_OUTPUTS], p[${NAME}_N_CLASSES];
    int k = ${name}_run(x, y, 1, where);

    return *where < ${NAME}_N_EXITS - 1 ? k : ${name}_mean(y, p);
}

${NAME}_API void ${name}_predict_proba(const float *x, float *p)
{
    float y[${NAME}_N_OUTPUTS];
    int k, where;

    ${name}_run(x, y, 1, &where);
    if (where < ${NAME}_N_EXITS - 1) {
        ${name}_add(y + where * $n_exit_outputs, p, 1);
        return;
    }
    ${name}_mean(y, p);
    for (k = 0; k < ${NAME}_N_CLASSES; ++k)
        p[k] /= (float)${NAME}_N_EXITS;
}
"""
)
_PREDICT = Template(
    """\
${NAME}_API int ${name}_predict_with_exit(const float *x, int *where)
{
    float y[${NAME}_N_OUTPUTS];

    return ${name}_run(x, y, ${asked}where);
}

${NAME}_API void ${name}_predict_proba(const float *x, float *p)
{
    float y[${NAME}_N_OUTPUTS];
    int where;

    ${name}_run(x, y, ${asked}&where);
    ${name}_add(y + where * $n_exit_outputs, p, 1);
}
"""
)
_OUTPUTS = Template(
    """\
${NAME}_API void ${name}_outputs(const float *x, float *y)
{
    int where;

    ${name}_run(x, y, ${not_asked}&where);
}
"""
)


class FloatExits(ExitAnswers):
    """Also ``<name>_predict_proba`` and ``<name>_outputs``."""

    rule: SingleExits
    about_others = _ABOUT

    def limits(self) -> list[Column]:
        if self.by_sign:
            return [Column("limit", "float", self.rule.sizes)]
        columns = {"limit": self.rule.limits, "low": self.rule.lows, "high": self.rule.highs}
        return [Column(name, "float", values) for name, values in columns.items()]

    def decision_fields(self, fields) -> dict[str, Any]:
        first, asks = " + 1" if self.by_sign else "", self.rule.head.n_exits > 1
        keeps_next = asks and not self.by_sign
        least = "0.0f" if self.by_sign else "-3.40282347e+38f"
        nexts = {"then_next": _THEN_NEXT, "else_next": _ELSE_NEXT}
        if not keeps_next:
            nexts = dict.fromkeys(nexts, "")
        ask = ""
        if asks:
            ask = (_ASK_SIZE if self.by_sign else _ASK_REST).substitute(fields)
        return {
            "asks": "int asks, " if asks else "",
            "until": _UNTIL if asks else _UNTIL_THE_ONE,
            "variables": "",
            "least": least,
            "more_tops": f", next = {least}" if keeps_next else "",
            "first_score": "",
            "next_exit": f"y += {fields['n_exit_outputs']}",
            "output": _OUTPUT.substitute(first_class=first, **nexts).lstrip("\n"),
            "decide": _DECIDE.substitute(fields, ask=ask),
            "answer": "    return best;\n",
        }

    def first_functions(self, fields) -> list[str]:
        return [EXP.substitute(fields)]

    def last_functions(self, fields) -> list[str]:
        shares, share = (_SHARES_OF_SIZE, _SHARE_OF_SIZE) if self.by_sign else (_SHARES, _SHARE)
        own = {"shares": shares.substitute(fields), "share": share}
        both = [_MEAN, _PREDICT_WITH_MEAN] if self.rule.head.takes_mean else [_PREDICT]
        asks = self.rule.head.n_exits > 1
        own |= {"asked": "1, " if asks else "", "not_asked": "0, " if asks else ""}
        return [template.substitute(fields, **own) for template in (_ADD, *both, _OUTPUTS)]

    def wrong_output(self, test) -> str:
        return wrong_output(test.tolerance)

    @property
    def value_bytes(self) -> int:
        """Outputs of all exits and their mean, where it is taken."""
        head = self.rule.head
        return 4 * (head.n_outputs + len(head.classes) * head.takes_mean)
