"""C code that leaves early, in integers: the mean of the exits is kept, their outputs are not.

Where all samples leave before a mean is needed, there is none either.
"""

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
_UNTIL_THE_ONE = "and returns the class. Where y isn't 0 it writes the outputs"
_OUTPUT = Template(
    """\
                if (y)
                    *y++ = sum;
$kept                if (sum > top) {
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
_LEAVE_LAST = Template(
    """\
        if (e == ${NAME}_LAST)
            break;
"""
)
_SUM = Template(
    """\
        total = 0;
        for (k = 0; k < ${NAME}_N_CLASSES; ++k)
            total += ${name}_power((uint32_t)top - (uint32_t)z[k]);
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
_ANSWER = """\
    *where = e;
    return best;
"""
_BEST_MEAN = Template(
    """\
    for (k = 1, best = 0; k < ${NAME}_N_CLASSES; ++k)
        if (p[k] > p[best])
            best = k;
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
"""
)
_RECIPROCAL = Template(
    """\
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
        first = " + 1" if self.by_sign else ""
        asks, takes_mean = self.rule.head.n_exits > 1, self.rule.head.takes_mean
        decides = self._with_mean if takes_mean else self._without_mean if asks else self._alone
        own = decides(fields)
        kept = f"                {own.pop('kept')} = sum;\n" if own["kept"] else ""
        return {
            "asks": "",
            "until": _UNTIL if asks else _UNTIL_THE_ONE,
            "least": "0" if self.by_sign else "INT32_MIN",
            "more_tops": "",
            "output": _OUTPUT.substitute(first_class=first, kept=kept),
        } | own

    def _with_mean(self, fields) -> dict[str, Any]:
        """Outputs of an exit are kept for its probabilities, and these for their mean."""
        rule, own = self.rule, f"{self.upper}_N_CLASSES"
        low = rule.one_bits - 15
        is_sure = f"total < {fields['limit']}"
        if self.by_sign:
            is_sure = "(z[1] > {0} || z[1] < -{0})".format(fields["limit"])
        leave = _LEAVE.substitute(is_sure=is_sure)
        numbers = {
            "to_low": f" >> {low}" if low else "",
            "mean_bits": rule.mean_bits,
            "if_size": leave if self.by_sign else "",
            "if_rest": "" if self.by_sign else leave,
        }
        # Else gcc warns, which can't see that they will be written.
        begin, first = (" = {0, 0}", "        z[0] = z[1] = 0;\n") if self.by_sign else ("", "")
        return {
            "variables": f"    int32_t z[{own}];\n    uint32_t p[{own}]{begin}, total;\n",
            "first_score": first,
            "kept": "z[k + 1]" if self.by_sign else "z[k]",
            "decide": _DECIDE.substitute(fields, **numbers),
            "answer": _BEST_MEAN.substitute(fields) + _ANSWER,
        }

    def _without_mean(self, fields) -> dict[str, Any]:
        """At the last exit nobody is asked; outputs of the others are kept for their question."""
        own = f"{self.upper}_N_CLASSES"
        last = _LEAVE_LAST.substitute(fields)
        if self.by_sign:
            leave = _LEAVE.substitute(is_sure="(z > {0} || z < -{0})".format(fields["limit"]))
            parts = {"variables": "    int32_t z;\n", "kept": "z", "decide": last + leave}
            return parts | {"first_score": "        z = 0;\n", "answer": _ANSWER}
        leave = _LEAVE.substitute(is_sure=f"total < {fields['limit']}")
        return {
            "variables": f"    int32_t z[{own}];\n    uint32_t total;\n",
            "first_score": "",
            "kept": "z[k]",
            "decide": last + _SUM.substitute(fields) + leave,
            "answer": _ANSWER,
        }

    def _alone(self, fields) -> dict[str, Any]:
        """One exit: the largest output decides."""
        texts = {"decide": _LEAVE_LAST.substitute(fields), "answer": _ANSWER}
        return texts | {"variables": "", "first_score": "", "kept": ""}

    def first_functions(self, fields) -> list[str]:
        rule = self.rule
        numbers = {name: getattr(rule, name) for name in ("farthest", "factor", "half")}
        numbers |= dict(zip("abc", CUBIC, strict=True))
        numbers["coarse"] = f"    d >>= {rule.coarse};\n" if rule.coarse else ""
        numbers["lost_bits"] = f" + {rule.lost_bits}" if rule.lost_bits else ""
        templates = [_RECIPROCAL] * rule.head.takes_mean
        if rule.head.takes_mean or (rule.head.n_exits > 1 and not self.by_sign):
            templates.insert(0, _POWER)
        return [template.substitute(fields, **numbers) for template in templates]

    def last_functions(self, fields) -> list[str]:
        return [_PREDICT.substitute(fields)]

    def wrong_output(self, test) -> str:
        return "y[i] != e"

    @property
    def value_bytes(self) -> int:
        """Outputs of an exit and the mean of all, where they are needed."""
        head = self.rule.head
        if head.takes_mean:
            return 8 * len(head.classes)
        return 4 * len(head.classes) if head.n_exits > 1 and not self.by_sign else 0
