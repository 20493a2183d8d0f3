"""C code that leaves early: what floats and integers have in common."""

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
ABOUT_LEAVING = Template(
    """\
 * A sample leaves at the first exit whose largest probability is above its threshold,
$thresholds;
 * what is behind that exit isn't computed. $at_the_end
 *
"""
)
ABOUT_ONE_EXIT = """\
 * All samples leave at the first exit: what is behind it is left out.
 *
"""
DECLARE = Template(
    """\
${NAME}_API int ${name}_predict_with_exit(const $ctype *$x, int *where);
"""
)
RUN = Template(
    """\
/* Evaluates section after section $until. */
static ${NAME}_UNUSED int ${name}_run(const $ctype *x, $sum_type *y, ${asks}int *where)
{
    enum {
$entries        ${NAME}_LINEAR = $n_linear, /* reduced features */
        ${NAME}_LAST = $last_exit
    };
$tables
$exit_tables
$pointers
$values$variables    int ${index}t, e, k, best;

$load$dense$begin_rows    for (e = 0;; ++e, $next_exit) {
        $sum_type top = $least$more_tops;
$first_score        best = 0;
        for (k = -(int)$n_rows; k < $n_exit_outputs; ++k, $next_row) {
            $sum_type sum = $bias;
$add_up$finish            if (k < 0) {
$store                ++t;
            } else {
$output            }
        }
$decide    }
$answer}
"""
)
PREDICT = Template(
    """\
${NAME}_API int ${name}_predict(const $ctype *$x)
{
    int where;

    return ${name}_predict_with_exit($x, &where);
}
"""
)
