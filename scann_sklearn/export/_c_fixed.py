"""C code in integers."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections import defaultdict
from string import Template

from scann_sklearn.export._c_format import NumberFormat
from scann_sklearn.export._c_map_integers import integer_numbers
from scann_sklearn.export._c_maps import CMaps, image_note
from scann_sklearn.export._c_network import Network
from scann_sklearn.export._c_scale import quantize_functions, scale_constants
from scann_sklearn.export._c_tables import Column, wrap
from scann_sklearn.export._raw_scale import RawScale

_ABOUT = Template(
    """\
$first * void ${name}_quantize(const float *x, $ctype *q)
 *     those integers from the raw features of a sample; in floating point
$raw$last$self_test_about *
$notes\
 * Weights and inputs have $bits bits, sums 32, the values between 16 (one each, on the stack)$maps.
 *
$reads, q[i] = round((x[i] - offset) / step), saturated:
$scales
"""
)

_DECLARATIONS = Template(
    """\
$raw${NAME}_API void ${name}_quantize(const float *x, $ctype *q);
"""
)

_RAW_ABOUT = Template(
    """\
 * void ${name}_quantize_i16(const int16_t *x, $ctype *q)
 *     the same for raw features that are whole numbers of 16 bits; no floating point
"""
)

_RAW_DECLARATION = Template("${NAME}_API void ${name}_quantize_i16(const int16_t *x, $ctype *q);\n")

_FINISH = Template(
    """\
        const uint8_t n_bits = $shift;
        sum = sum < 0 ? ~(~sum >> n_bits) : sum >> n_bits;
"""
)

_STORE = Template(
    """\
            if (sum < $lowest)
                sum = $lowest;
            if (sum > 32767)
                sum = 32767;
            v[$first_row + t] = (int16_t)sum;
"""
)

_DENSE = Template(
    """\
    for (t = 0; t < ${NAME}_LINEAR; ++t, $next_row) {
        int32_t sum = $bias;
        for (i = 0; i < $first_row; ++i, $next_entry)
            sum += (int32_t)$entry * v[i];
$finish        sum = sum < -32768 ? -32768 : sum > 32767 ? 32767 : sum;
        v[$first_row + t] = (int16_t)sum;
    }
"""
)


class FixedFormat(NumberFormat):
    """Inputs and weights of 8 or 16 bits, values of 16, sums of 32."""

    sum_type, value_type = "int32_t", "int16_t"
    sample, dense = "q", _DENSE

    @property
    def ctype(self) -> str:
        """Type of inputs and weights."""
        return f"int{self.code.scale.bits}_t"

    @property
    def raw(self) -> RawScale | None:
        """The scale for whole numbers, or None."""
        return RawScale.of(self.code.scale)

    def tabulate(self) -> Network:
        code = self.code
        rows = [Column("bias", "int16_t", code.biases), Column("shift", "uint8_t", code.shifts)]
        return Network(code.program, self.upper, self.ctype, code.weights, rows)

    def make_maps(self) -> CMaps:
        made = self.code.maps.blocks
        types = {"ctype": self.ctype, "sum_type": self.sum_type, "value_type": self.value_type}
        written = [self.ctype] * (len(made) - 1) + [self.value_type]
        numbers = [integer_numbers(b, self.ctype, target) for b, target in zip(made, written)]
        blocks, zero = [b.block for b in made], str(made[0].outside)
        return CMaps(blocks, numbers, types, self.code.program.n_slots, self.name, zero)

    def run_fields(self) -> dict[str, str]:
        table, upper = self.network.fields, self.upper
        factor, unit = self.code.input_factor, self.code.bias_unit
        feature = f"x[{self.network.feature}]"
        lowest = f"(t < {upper}_LINEAR ? -32768 : 0)" if self.network.has_sparse_linear else "0"
        return {
            "input": f"(int16_t)({feature} * {factor})" if factor > 1 else feature,
            "bias": f"(int32_t){table['bias']}" + (f" * {unit}" if unit > 1 else ""),
            "product": f"(int32_t){table['weight']} * {table['value']}",
            "finish": _FINISH.substitute(shift=table["shift"]),
            "store": _STORE.substitute(first_row=self.network.first_row, lowest=lowest),
        }

    def about(self, fields) -> str:
        first, last = self.answers.about(fields)
        raw = _RAW_ABOUT.substitute(fields) if self.raw else ""
        bits, maps, reads = self.code.scale.bits, "", " * Of a sample these features are read"
        if self.maps is not None:
            maps, reads = f",\n * maps {bits}", image_note("q", self.code.program.front)
        texts = {"first": first, "last": last, "raw": raw, "maps": maps, "reads": reads}
        texts["notes"] = self.answers.notes()
        return _ABOUT.substitute(fields, bits=bits, scales=self._scales(), **texts)

    def _scales(self) -> str:
        """Comment on the scales: the features that share each."""
        scale, groups = self.code.scale, defaultdict(list)
        for feature, offset, step in zip(self.code.program.inputs, scale.offset, scale.step):
            groups[offset, step].append(str(feature))
        return "\n".join(
            f" * offset {offset:.9g}, step {step:.9g}"
            + ("" if self.maps is not None else ":\n" + wrap(features, " *     "))
            for (offset, step), features in groups.items()
        )

    def constants(self) -> str:
        return scale_constants(self.code.scale, self.upper, self.maps is None)

    def declarations(self, fields) -> str:
        raw = _RAW_DECLARATION.substitute(fields) if self.raw else ""
        return _DECLARATIONS.substitute(fields, raw=raw)

    def functions(self, fields) -> list[str]:
        return quantize_functions(self.code.scale, self.raw, fields)
