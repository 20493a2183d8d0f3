"""C code that leaves early, in integers: the mean of the exits is kept, their outputs are not."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from string import Template
from typing import Any

from scann_sklearn.export._c_exits import ExitAnswers
from scann_sklearn.export._c_tables import Column
from scann_sklearn.export._exit_rules import CUBIC, FixedExits

_ABOUT = Template(
    """\
 * void ${name}_scores(const $ctype *q, int32_t *y)
 *     the ${NAME}_N_OUTPUTS sums that the exits decide by, of all exits
"""
)
_UNTIL = """\
up to the first exit that is sure, and returns the class. Where y
   isn't 0 it writes the outputs of all exits, and none is asked"""
_OUTPUT = Template(
    """\
                if (y)
                    *y++ = sum;
                z[k$first_class] = sum;
                if (sum > top) {
                    top = sum;
                    best = k$first_class;
                }
"""
)
_LEAVE = Template(
    """\
        if (!y && $is_sure) {
            *where = e;
            return best;
        }
"""
)
_DECIDE = Template(
    """\
${if_size}        total = 0;
        for (k = 0; k < ${NAME}_N_CLASSES; ++k) {
            const uint32_t power = ${name}_power((uint32_t)top - (uint32_t)z[k]);
            z[k] = (int32_t)(power$to_low);
            total += power;
        }
${if_rest}        total = ${name}_reciprocal(total$to_low);
        for (k = 0; k < ${NAME}_N_CLASSES; ++k) {
            const uint32_t share = (uint32_t)z[k] * total >> $mean_bits;
            p[k] = e ? p[k] + share : share;
        }
        if (e == ${NAME}_LAST)
            break;
"""
)
_ANSWER = Template(
    """\
    for (k = 1, best = 0; k < ${NAME}_N_CLASSES; ++k)
        if (p[k] > p[best])
            best = k;
    *where = e;
    return best;
"""
)
_POWER = Template(
    """\
static ${NAME}_UNUSED uint32_t ${name}_power(uint32_t d) /* exp(-d) of outputs */
{
    uint32_t n, p;

$coarse    n = ((d < ${farthest}u ? d : ${farthest}u) * ${factor}u + ${half}u) >> 16;
    p = n & 1023;
    p = 1048576u - ((p * (${a}u - ((p * (${b}u - ((p * ${c}u) >> 10))) >> 10))) >> 10);
    return (p << 6) >> ((n >> 10)$lost_bits);
}

static ${NAME}_UNUSED uint32_t ${name}_reciprocal(uint32_t n) /* 2^30 / n, n from 2^15 on */
{
    uint32_t rest = 32768u, found = 0;
    int i;

    for (i = 0; i < 16; ++i, rest <<= 1) {
        found <<= 1;
        if (rest >= n) {
            rest -= n;
            ++found;
        }
    }
    return found;
}
"""
)
_PREDICT = Template(
    """\
${NAME}_API int ${name}_predict_with_exit(const $ctype *q, int *where)
{
    return ${name}_run(q, 0, where);
}

${NAME}_API void ${name}_scores(const $ctype *q, int32_t *y)
{
    int where;

    ${name}_run(q, y, &where);
}
"""
)


class IntegerExits(ExitAnswers):
    """Also ``<name>_scores``."""

    rule: FixedExits
    about_others = _ABOUT

    def limits(self) -> list[Column]:
        return [Column("limit", "int32_t" if self.by_sign else "uint32_t", self.rule.limits)]

    def decision_fields(self, fields) -> dict[str, Any]:
        rule, first = self.rule, " + 1" if self.by_sign else ""
        least, low = "0" if self.by_sign else "INT32_MIN", rule.one_bits - 15
        size = "(z[1] > {0} || z[1] < -{0})".format(fields["limit"])
        rest = f"total < {fields['limit']}"
        leave = _LEAVE.substitute(is_sure=size if self.by_sign else rest)
        own = f"{self.upper}_N_CLASSES"
        numbers = {
            "to_low": f" >> {low}" if low else "",
            "mean_bits": rule.mean_bits,
            "if_size": leave if self.by_sign else "",
            "if_rest": "" if self.by_sign else leave,
        }
        return {
            "asks": "",
            "until": _UNTIL,
            "variables": f"    int32_t z[{own}];\n    uint32_t p[{own}], total;\n",
            "least": least,
            "more_tops": "",
            "first_score": f"        z[0] = {least};\n" if self.by_sign else "",
            "output": _OUTPUT.substitute(first_class=first),
            "decide": _DECIDE.substitute(fields, **numbers),
            "answer": _ANSWER.substitute(fields),
        }

    def first_functions(self, fields) -> list[str]:
        rule = self.rule
        numbers = {name: getattr(rule, name) for name in ("farthest", "factor", "half")}
        numbers |= dict(zip("abc", CUBIC, strict=True))
        numbers["coarse"] = f"    d >>= {rule.coarse};\n" if rule.coarse else ""
        numbers["lost_bits"] = f" + {rule.lost_bits}" if rule.lost_bits else ""
        return [_POWER.substitute(fields, **numbers)]

    def last_functions(self, fields) -> list[str]:
        return [_PREDICT.substitute(fields)]

    def wrong_output(self, test) -> str:
        return "y[i] != e"

    @property
    def value_bytes(self) -> int:
        """Outputs of an exit and the mean of all."""
        return 8 * len(self.rule.head.classes)
