"""C code that leaves early: templates."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from string import Template

ABOUT = Template(
    """\
 * int ${name}_predict(const $ctype *$x)
 *     index of the class of a sample $x of ${NAME}_N_FEATURES $numbers
 * int ${name}_predict_with_exit(const $ctype *$x, int *where)
 *     the same, and in *where which of the ${NAME}_N_EXITS exits answered, from 0 on
"""
)
ABOUT_FLOAT = Template(
    """\
 * void ${name}_predict_proba(const float *x, float *p)
 *     probabilities of the ${NAME}_N_CLASSES classes, at the exit that answers
 * void ${name}_outputs(const float *x, float *y)
 *     the ${NAME}_N_OUTPUTS outputs of all exits before softmax or the logistic function
"""
)
ABOUT_FIXED = Template(
    """\
 * void ${name}_scores(const $ctype *q, int32_t *y)
 *     the ${NAME}_N_OUTPUTS sums that the exits decide by, of all exits
"""
)
ABOUT_LEAVING = Template(
    """\
 * A sample leaves at the first exit whose largest probability is above its threshold,
$thresholds;
 * what is behind that exit isn't computed. Where no exit is sure, the mean of all decides.
 *
"""
)

DECLARE = Template(
    """\
${NAME}_API int ${name}_predict_with_exit(const $ctype *$x, int *where);
"""
)

RUN = Template(
    """\
/* Evaluates section after section up to the first exit that is sure, and returns the class. Where y
   isn't 0 it writes the outputs of all exits, and no exit is asked. */
static ${NAME}_UNUSED int ${name}_run(const $ctype *x, $sum_type *y, $parameters)
{
    enum {
$entries        ${NAME}_LINEAR = $n_linear, /* reduced features */
        ${NAME}_LAST = $last_exit
    };
$tables
$exit_tables
$pointers
$values$variables    int ${index}t, e, k, best;

$load$dense$begin_rows    for (e = 0;; ++e, $next_section) {
        $sum_type top = $least;
$first_score        best = 0;
        for (k = -(int)$n_section; k < $n_exit_outputs; ++k, $next_row) {
            $sum_type sum = $bias;
$add_up$finish            if (k < 0) {
$store                ++t;
            } else {
                if (y)
                    *y++ = sum;
                z[k$first_class] = sum;
                if (sum > top) {
                    top = sum;
                    best = k$first_class;
                }
            }
        }
$decide        if (e == ${NAME}_LAST)
            break;
    }
    for (k = 1, best = 0; k < ${NAME}_N_CLASSES; ++k)
        if (p[k] > p[best])
            best = k;
    *where = e;
    return best;
}
"""
)

LEAVE = Template(
    """\
        if (!y && $is_sure) {
            *where = e;
            return best;
        }
"""
)
DECIDE_FLOAT = Template(
    """\
${if_sign}        rest = 0.0f;
        for (k = 0; k < ${NAME}_N_CLASSES; ++k)
            if (k == best) {
                z[k] = 1.0f;
            } else {
                z[k] = ${name}_exp(z[k] - top);
                rest += z[k];
            }
${if_rest}        rest = 1.0f / (1.0f + rest);
        for (k = 0; k < ${NAME}_N_CLASSES; ++k)
            p[k] = e ? p[k] + z[k] * rest : z[k] * rest;
"""
)
DECIDE_FIXED = Template(
    """\
${if_sign}        total = 0;
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
"""
)
POWER = Template(
    """\
static ${NAME}_UNUSED uint32_t ${name}_power(uint32_t d) /* exp(-d) of outputs */
{
    uint32_t n, p;

    d$coarse
    n = ((d < ${farthest}u ? d : ${farthest}u) * ${factor}u + ${half}u) >> 16;
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

PREDICT = Template(
    """\
${NAME}_API int ${name}_predict_with_exit(const $ctype *$x, int *where)
{
$buffers    return ${name}_run($x, 0, ${passed}where);
}

${NAME}_API int ${name}_predict(const $ctype *$x)
{
    int where;

    return ${name}_predict_with_exit($x, &where);
}

${NAME}_API void ${name}_$outputs(const $ctype *$x, $sum_type *y)
{
$buffers    int where;

    ${name}_run($x, y, ${passed}&where);
}
"""
)
PROBABILITIES = Template(
    """\
${NAME}_API void ${name}_predict_proba(const float *x, float *p)
{
    float z[${NAME}_N_CLASSES], rest = 0.0f;
    int where, k, best = ${name}_run(x, 0, z, p, &where);

    if (where == ${NAME}_N_EXITS - 1) {
        for (k = 0; k < ${NAME}_N_CLASSES; ++k)
            p[k] /= (float)${NAME}_N_EXITS;
        return;
    }
$of_sign    for (k = 0; k < ${NAME}_N_CLASSES; ++k)
        if (k != best)
            rest += z[k];
    rest = 1.0f / (1.0f + rest);
    for (k = 0; k < ${NAME}_N_CLASSES; ++k)
        p[k] = z[k] * rest;
}
"""
)
OF_SIGN = Template(
    """\
    z[1 - best] = ${name}_exp(z[1 - best] - z[best]);
    z[best] = 1.0f;
"""
)
