"""The exponential of the generated C code, which uses no library."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from string import Template

# exp(x) = 2^-k exp(r) with -ln 2 < r <= 0; k <= 124, so that nothing underflows.
EXP = Template(
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
"""
)
