"""C code that names one class."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from string import Template
from typing import Any

import numpy as np

from scann_sklearn.export._c_answers import Answers, wrong_output
from scann_sklearn.export._c_exponential import EXP
from scann_sklearn.export._c_tables import define, literal, string_literal, wrap
from scann_sklearn.export._c_templates import OUTPUTS

_ABOUT_FLOAT = Template(
    """\
 * int ${name}_predict(const float *x)
 *     index of the class of a sample x of ${NAME}_N_FEATURES raw features
 * void ${name}_predict_proba(const float *x, float *p)
 *     probabilities of the ${NAME}_N_CLASSES classes
 * void ${name}_outputs(const float *x, float *y)
 *     the ${NAME}_N_OUTPUTS output(s) before softmax or the logistic function
"""
)

_ABOUT_FIXED = Template(
    """\
 * int ${name}_predict(const $ctype *q)
 *     index of the class of a sample q of ${NAME}_N_FEATURES integers; no floating point
 * void ${name}_scores(const $ctype *q, int32_t *y)
 *     the ${NAME}_N_OUTPUTS sum(s) that decide: the class is $rule
"""
)

_ABOUT_LABEL = Template(
    """\
 * ${label_type}${name}_label(int k)
 *     label of class k$label_note
"""
)

_DECLARE = Template("${NAME}_API int ${name}_predict(const $ctype *$x);\n")
_DECLARE_FLOAT = Template(
    """\
${NAME}_API void ${name}_predict_proba(const float *x, float *p);
${NAME}_API void ${name}_outputs(const float *x, float *y);
"""
)
_DECLARE_FIXED = Template("${NAME}_API void ${name}_scores(const $ctype *q, int32_t *y);\n")
_DECLARE_LABEL = Template("${NAME}_API ${label_type}${name}_label(int k);\n")

_TOP = Template("    $sum_type top = $least;\n")
_BEST_OUTPUT = Template(
    """\
            if (y)
                y[t - ${NAME}_VALUES] = sum;
            if (sum > top) {
                top = sum;
                best = t - ${NAME}_VALUES$first_class;
            }
"""
)

_PREDICT = Template(
    """\
${NAME}_API int ${name}_predict(const $ctype *$x)
{
    return ${name}_run($x, 0);
}
"""
)

_LABEL = Template(
    """\
${NAME}_API ${label_type}${name}_label(int k)
{
$label_table
    return $label;
}
"""
)

_PROBABILITIES = Template(
    """\
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


class ClassAnswers(Answers):
    """``int <name>_predict``: the index of a class, and ``<name>_label``, what it is called."""

    @property
    def by_sign(self) -> bool:
        """Whether the sign of one output decides."""
        return self.code.program.head.decides_by_sign

    def run_fields(self) -> dict[str, Any]:
        """The largest output decides, or that a single one is above 0."""
        if self.is_float:
            sum_type, least = "float", "0.0f" if self.by_sign else "-3.40282347e+38f"
        else:
            sum_type, least = "int32_t", "0" if self.by_sign else "INT32_MIN"
        first = " + 1" if self.by_sign else ""
        return {
            "run_does": "writes the outputs where y isn't 0, returns the class",
            "run_type": "int",
            "top": _TOP.substitute(sum_type=sum_type, least=least),
            "best": ", best = 0",
            "output": _BEST_OUTPUT.substitute(NAME=self.upper, first_class=first),
            "result": "    return best;\n",
        }

    def header_fields(self) -> dict[str, Any]:
        """The number of classes, and what their labels are."""
        classes = self.code.program.classes
        count = f"#define {self.upper}_N_CLASSES {len(classes)}\n"
        return {"n_classes": count} | _label_fields(classes, self.upper)

    def about(self, fields) -> tuple[str, str]:
        rule = "1 where it is above 0" if self.by_sign else "the first of the largest"
        first = _ABOUT_FLOAT if self.is_float else _ABOUT_FIXED
        return first.substitute(fields, rule=rule), _ABOUT_LABEL.substitute(fields)

    def declarations(self, fields) -> tuple[str, str]:
        others = _DECLARE_FLOAT if self.is_float else _DECLARE_FIXED
        first = _DECLARE.substitute(fields) + others.substitute(fields)
        return first, _DECLARE_LABEL.substitute(fields)

    def functions(self, fields) -> tuple[list[str], list[str]]:
        first = [_PREDICT.substitute(fields), OUTPUTS.substitute(fields)]
        if self.is_float:
            # The logistic function is the softmax of (0, y).
            run = "    p[0] = 0.0f;\n    {}_run(x, p + 1);" if self.by_sign else "    {}_run(x, p);"
            proba = _PROBABILITIES.substitute(fields, first_outputs=run.format(self.name))
            first.append(EXP.substitute(fields) + "\n" + proba)
        return first, [_LABEL.substitute(fields)]

    def check_fields(self, test) -> dict[str, str]:
        tolerance = test.tolerance
        if self.is_float:
            once, twice = literal(np.float32(tolerance)), literal(np.float32(2 * tolerance))
            by_sign, order = f"k ? y[0] < -{once} : y[0] > {once}", f" || y[i] - y[k] > {twice}"
            wrong = wrong_output(tolerance)
        else:
            by_sign, order = "k != (y[0] > 0)", " || y[i] > y[k]"
            wrong = "y[i] != e"
        wrong_class = by_sign if self.by_sign else "0"
        return {
            "class_variable": " k,",
            "compare_class": (
                f"        k = {self.name}_predict(x);\n        is_wrong = {wrong_class};\n"
            ),
            "wrong_output": wrong if self.by_sign else wrong + order,
        }


def _label_fields(classes, prefix) -> dict[str, str]:
    """Table of the labels, and the type of one: integers where they fit in 32 bits, else text."""
    if classes.dtype.kind in "iub" and np.abs(classes.astype(float)).max() < 2**31:
        table = define(prefix, "int32_t", "labels", map(str, map(int, classes)))
        entry = f"{prefix}_READ(int32_t, labels[k])"
        return {"label_table": table, "label_type": "int32_t ", "label": entry, "label_note": ""}
    texts = [str(label) for label in classes.tolist()]
    longest = max(len(text.encode()) for text in texts) + 1
    lines = wrap(map(string_literal, texts), " " * 8)
    head = f"    static const char labels[{len(texts)}][{longest}] {prefix}_FLASH = {{"
    return {
        "label_table": f"{head}\n{lines}\n    }};",
        "label_type": "const char *",
        "label": "labels[k]",
        "label_note": ", on AVR in flash: as pgmspace.h and %S take it",
    }
