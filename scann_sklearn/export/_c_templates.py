"""The C99 code around the tables. Everything is also C++11."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from string import Template

HEADER = Template(
    """\
/* Written by scann-sklearn $version: a sparse neural network, $n_connections connections.
 *
$about
 */
#ifndef ${NAME}_H
#define ${NAME}_H

#include <stdint.h>

#if defined(__GNUC__) /* no warning where a function isn't called */
#define ${NAME}_UNUSED __attribute__((unused))
#else
#define ${NAME}_UNUSED
#endif

#define ${NAME}_N_FEATURES $n_features
#define ${NAME}_N_CLASSES $n_classes

$functions
#endif /* ${NAME}_H */
"""
)

# ------------------------------------------------------------------------------------ float

FLOAT_ABOUT = Template(
    """\
 * int ${name}_predict(const float *x)
 *     index of the class of a sample x of ${NAME}_N_FEATURES raw features
 * void ${name}_predict_proba(const float *x, float *p)
 *     probabilities of the ${NAME}_N_CLASSES classes
 * void ${name}_outputs(const float *x, float *y)
 *     the $n_outputs output(s) before softmax or the logistic function
 * ${label_type}${name}_label(int k)
 *     label of class k
 *
 * Of x these features are read:
$reads
"""
)

FLOAT_OUTPUTS = Template(
    """\
static inline ${NAME}_UNUSED void ${name}_outputs(const float *x, float *y)
{
    enum { INPUTS = $n_inputs, LINEAR = $n_linear, HIDDEN = $n_hidden, ROWS = $n_rows };
$tables
    float v[$n_slots];
    int i, t, k = 0;

    for (i = 0; i < INPUTS; ++i)
        v[i] = $input;
$dense    for ($start; t < ROWS; ++t) {
        float sum = $bias;
        unsigned n;
        for (n = $count; n > 0; --n, ++k)
            sum += $weight * v[$source];
        if (t < LINEAR)
            v[INPUTS + t] = sum;
        else if (t < LINEAR + HIDDEN)
            v[INPUTS + t] = sum > 0.0f ? sum : 0.0f;
        else
            y[t - LINEAR - HIDDEN] = sum;
    }
}
"""
)

FLOAT_DENSE = Template(
    """\
    for (t = 0; t < LINEAR; ++t) {
        float sum = $bias;
        for (i = 0; i < INPUTS; ++i, ++k)
            sum += matrix[k] * v[i];
        v[INPUTS + t] = sum;
    }
    k = 0;
"""
)

FLOAT_PREDICT_TWO = Template(
    """\
static inline ${NAME}_UNUSED int ${name}_predict(const float *x)
{
    float y[1];
    ${name}_outputs(x, y);
    return y[0] > 0.0f;
}
"""
)

FLOAT_PREDICT_MANY = Template(
    """\
static inline ${NAME}_UNUSED int ${name}_predict(const float *x)
{
    float y[$n_outputs];
    int k, best = 0;
    ${name}_outputs(x, y);
    for (k = 1; k < $n_outputs; ++k)
        if (y[k] > y[best])
            best = k;
    return best;
}
"""
)

# exp(x) = 2^-k exp(r) with -ln 2 < r <= 0; k <= 124, so that nothing underflows.
_SOFTMAX = """\
static inline ${NAME}_UNUSED float ${name}_exp(float x) /* x <= 0 */
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

static inline ${NAME}_UNUSED void ${name}_predict_proba(const float *x, float *p)
{
    float top, total = 0.0f;
    int k;
START
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

# The logistic function is the softmax of (0, y).
FLOAT_PROBA_TWO = Template(
    _SOFTMAX.replace("START", "    p[0] = 0.0f;\n    ${name}_outputs(x, p + 1);")
)
FLOAT_PROBA_MANY = Template(_SOFTMAX.replace("START", "    ${name}_outputs(x, p);"))

# ------------------------------------------------------------------------------ fixed point

FIXED_ABOUT = Template(
    """\
 * int ${name}_predict(const $ctype *q)
 *     index of the class of a sample q of ${NAME}_N_FEATURES integers; no floating point
 * void ${name}_quantize(const float *x, $ctype *q)
 *     those integers of a sample of raw features: where there are floats, elsewhere perhaps
 * ${label_type}${name}_label(int k)
 *     label of class k
 *
 * Weights and inputs have $bits bits, sums 32, the values between 16 (one each, on the stack).
 *
 * Of a sample these features are read, q[i] = round((x[i] - offset) / step), saturated:
$scales
"""
)

FIXED_PREDICT = Template(
    """\
static inline ${NAME}_UNUSED int ${name}_predict(const $ctype *q)
{
    enum { INPUTS = $n_inputs, LINEAR = $n_linear, HIDDEN = $n_hidden, ROWS = $n_rows };
$tables
    int16_t v[$n_slots];
    int32_t top = $least;
    int i, t, k = 0, best = 0;

    for (i = 0; i < INPUTS; ++i)
        v[i] = (int16_t)($input$factor);
$dense    for ($start; t < ROWS; ++t) {
        int32_t sum = (int32_t)$bias * $bias_unit;
        unsigned n;
        for (n = $count; n > 0; --n, ++k)
            sum += (int32_t)$weight * v[$source];
        sum = sum < 0 ? ~(~sum >> $shift) : sum >> $shift;
        if (t < LINEAR + HIDDEN) {
            if (sum < $lowest)
                sum = $lowest;
            if (sum > 32767)
                sum = 32767;
            v[INPUTS + t] = (int16_t)sum;
        } else if (sum > top) {
            top = sum;
            best = t - LINEAR - HIDDEN$first_class;
        }
    }
    return best;
}
"""
)

FIXED_DENSE = Template(
    """\
    for (t = 0; t < LINEAR; ++t) {
        int32_t sum = (int32_t)$bias * $bias_unit;
        for (i = 0; i < INPUTS; ++i, ++k)
            sum += (int32_t)matrix[k] * v[i];
        sum = sum < 0 ? ~(~sum >> $shift) : sum >> $shift;
        v[INPUTS + t] = (int16_t)(sum < -32768 ? -32768 : sum > 32767 ? 32767 : sum);
    }
    k = 0;
"""
)

FIXED_QUANTIZE = Template(
    """\
static inline ${NAME}_UNUSED void ${name}_quantize(const float *x, $ctype *q)
{
$tables
    int i;
    for (i = 0; i < $n_inputs; ++i) {
        float v = (x[$feature] - $offset) * $inverse;
        if (!(v > $low.0f))
            v = $low.0f;
        if (v > $high.0f)
            v = $high.0f;
        q[$feature] = ($ctype)(v < 0.0f ? v - 0.5f : v + 0.5f);
    }
}
"""
)

# -------------------------------------------------------------------------------- both

LABEL = Template(
    """\
static inline ${NAME}_UNUSED ${label_type}${name}_label(int k)
{
$tables
    return labels[k];
}
"""
)

SELF_TEST = Template(
    """\
#ifdef ${NAME}_SELF_TEST
/* Status 0, or the number of the first row with another class (255 for all after it). */
int main(void)
{
$tables
    int i;
    for (i = 0; i < $n_test_rows; ++i)
        if (${name}_predict(rows + (long)i * ${NAME}_N_FEATURES) != expected[i])
            return i < 254 ? i + 1 : 255;
    return 0;
}
#endif
"""
)
