"""The frame of the generated header, and what all number formats share. C99 that is also C++11."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from string import Template

HEADER = Template(
    """\
/* Written by scann-sklearn $version: a sparse neural network, $n_connections connections.
 *
 * In exactly one source file of the program, which then holds the code and its tables:
 *
 *     #define ${NAME}_IMPLEMENTATION
 *     #include "$file"
 *
 * and in all others the #include alone. Where ${NAME}_STATIC is defined instead, the file gets
 * functions of its own, static inline.
 *
$about
 */
#ifndef ${NAME}_H
#define ${NAME}_H

#include <stdint.h>

#define ${NAME}_N_FEATURES $n_features /* numbers of a sample */
#define ${NAME}_N_INPUTS $n_inputs /* those that are read$which */
#define ${NAME}_N_OUTPUTS $n_outputs
$n_classes#define ${NAME}_MODEL_HASH "$model_hash"
#define ${NAME}_LIBRARY_VERSION "$version"
$constants
#if defined(__GNUC__) /* no warning where a function isn't called */
#define ${NAME}_UNUSED __attribute__((unused))
#else
#define ${NAME}_UNUSED
#endif

#ifdef ${NAME}_STATIC
#define ${NAME}_API static inline ${NAME}_UNUSED
#else
#define ${NAME}_API
#endif

$flash
#ifdef __cplusplus
extern "C" {
#endif

$declare_features$declarations
#ifdef __cplusplus
}
#endif

#endif /* ${NAME}_H */

#if defined(${NAME}_IMPLEMENTATION) || defined(${NAME}_STATIC) || defined(${NAME}_SELF_TEST)
#ifndef ${NAME}_IMPLEMENTED
#define ${NAME}_IMPLEMENTED

#ifdef __cplusplus
extern "C" {
#endif

$define_features$functions
#ifdef __cplusplus
}
#endif
$main
#endif /* ${NAME}_IMPLEMENTED */
#endif
"""
)

# An AVR has flash and RAM in two address spaces. The loads are those of every AVR with flash that
# isn't mapped into its data space but the oldest, which lack lpm with an increment.
FLASH = Template(
    """\
/* Constants stay in flash. On AVR this takes an instruction of its own, elsewhere nothing. */
#if defined(__AVR__) && defined(__AVR_HAVE_LPMX__)
#ifdef __clang__
#define ${NAME}_FLASH __attribute__((__section__(".progmem.data")))
#else
#define ${NAME}_FLASH __attribute__((__progmem__))
#endif
#define ${NAME}_READ(type, entry) ${name}_read_##type(&(entry))
$readers#else
#define ${NAME}_FLASH
#define ${NAME}_READ(type, entry) (entry)
#endif
"""
)

_READER_8 = Template(
    """\
static inline ${NAME}_UNUSED $type ${name}_read_$type(const void *from)
{
    uint8_t value;
    __asm__("lpm %0, Z" : "=r"(value) : "z"(from));
    return ($type)value;
}
"""
)
_READER_16 = Template(
    """\
static inline ${NAME}_UNUSED $type ${name}_read_$type(const void *from)
{
    uint16_t value;
    __asm__("lpm %A0, Z+\\n\\tlpm %B0, Z" : "=&r"(value), "+z"(from));
    return ($type)value;
}
"""
)
_READER_32 = Template(
    """\
static inline ${NAME}_UNUSED $type ${name}_read_$type(const void *from)
{
    union { uint16_t halves[2]; $type value; } read;
    __asm__("lpm %A0, Z+\\n\\tlpm %B0, Z+" : "=&r"(read.halves[0]), "+z"(from));
    __asm__("lpm %A0, Z+\\n\\tlpm %B0, Z" : "=&r"(read.halves[1]), "+z"(from));
    return read.value;
}
"""
)
READERS = {1: _READER_8, 2: _READER_16, 4: _READER_32}  # by the bytes of the type

# Which features are read, where that is not all of an image.
DECLARE_FEATURES = Template(
    """\
#ifndef ${NAME}_STATIC
extern const $feature_type ${NAME}_FEATURES[$n_features_read] ${NAME}_FLASH;
#endif
"""
)
DEFINE_FEATURES = Template(
    """\
#ifdef ${NAME}_STATIC
static ${NAME}_UNUSED
#endif
const $feature_type ${NAME}_FEATURES[$n_features_read] ${NAME}_FLASH = {
$features
};

"""
)

# What all formats have in common: one row after the other, its connections in order.
RUN = Template(
    """\
/* Evaluates all rows in order: $run_does. */
static ${NAME}_UNUSED $run_type ${name}_run(const $ctype *x, $sum_type *y)
{
    enum {
$entries        ${NAME}_LINEAR = $n_linear, /* reduced features */
        ${NAME}_VALUES = $n_values, /* and hidden neurons: rows with a value that others read */
        ${NAME}_ROWS = $n_rows
    };
$tables
$pointers
$values$top    int ${index}t$best;

$load$dense    for ($start; t < ${NAME}_ROWS; ++t, $next_row) {
        $sum_type sum = $bias;
$add_up$finish        if (t < ${NAME}_VALUES) {
$store        } else {
$output        }
    }
$result}
"""
)

OUTPUTS = Template(
    """\
${NAME}_API void ${name}_$outputs(const $ctype *$x, $sum_type *y)
{
    ${name}_run($x, y);
}
"""
)

SELF_TEST = Template(
    """\
/* Each row holds the features that are read. */
${NAME}_API int ${name}_self_test(void)
{
$tables
    const $ctype *row = rows;
    const $sum_type *expect = expected;
    $ctype x[${NAME}_N_FEATURES];
    $sum_type y[${NAME}_N_OUTPUTS];
    int i,$class_variable t, is_wrong, n_wrong = 0;

    for (t = 0; t < $n_test_rows; ++t) {
        for (i = 0; i < ${NAME}_N_INPUTS; ++i, ++row)
            x[$feature] = ${NAME}_READ($ctype, *row);
        ${name}_$outputs(x, y);
$compare_class        for (i = 0; i < ${NAME}_N_OUTPUTS; ++i, ++expect) {
            const $sum_type e = ${NAME}_READ($sum_type, *expect);
            if ($wrong_output)
                is_wrong = 1;
        }
        n_wrong += is_wrong;
    }
    return n_wrong;
}
"""
)

SELF_TEST_MAIN = Template(
    """\

#ifdef ${NAME}_SELF_TEST /* a program of its own: its status is the number of mismatches */
int main(void)
{
    int n_wrong = ${name}_self_test();
    return n_wrong < 255 ? n_wrong : 255;
}
#endif
"""
)
