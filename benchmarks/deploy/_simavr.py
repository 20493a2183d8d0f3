"""Classes, cycles and stack on an ATmega328P: avr-gcc and simavr, where they are installed."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np

from benchmarks.deploy._programs import entry, literals, run

TARGET = "avr, gcc"
ROWS = 20  # they have to fit into flash beside the model
_SECONDS = 120  # a program that overwrote its stack may never end
_CLOCK = 8  # cycles of a tick of the timer
# Every row goes from flash to RAM, as from a sensor. The stack is painted from the last variable up
# to the frame of main. What is found leaves by the serial port.
_MAIN = """
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/pgmspace.h>
#include <avr/sleep.h>
static const CTYPE rows[N][WIDTH] PROGMEM = {NUMBERS};
static CTYPE x[WIDTH];
extern uint8_t _end;
static void put(char c)
{
    while (!(UCSR0A & (1 << UDRE0)));
    UDR0 = c;
}
static void number(uint32_t value)
{
    char digits[11];
    uint8_t n = 0;
    do digits[n++] = (char)('0' + value % 10); while (value /= 10);
    while (n) put(digits[--n]);
}
static __attribute__((noinline)) uint16_t painted(uint16_t top, uint8_t fresh)
{
    uint8_t *p = &_end;
    if (fresh) {
        for (; (uint16_t)p < top; ++p) *p = 0xA5;
        return 0;
    }
    while ((uint16_t)p < top && *p == 0xA5) ++p;
    return top - (uint16_t)p;
}
int main(void)
{
    uint8_t i;
    UCSR0B = 1 << TXEN0;
    TCCR1B = 2; /* a tick is 8 cycles */
    for (i = 0; i < N; ++i) {
        uint16_t top = SP - 8, ticks, depth;
        int best;
        memcpy_P(x, rows[i], sizeof x);
        painted(top, 1);
        TCNT1 = 0;
        best = entry(x);
        ticks = TCNT1;
        depth = painted(top, 0);
        put('<'); number((uint16_t)best); put(' ');
        number(ticks); put(' '); number(depth + 8); put('>'); put('\\n');
    }
    cli();
    sleep_enable();
    sleep_cpu();
    return 0;
}
"""


def missing():
    """The program that isn't on this machine, or None."""
    return None if shutil.which("simavr") else "simavr"


def costs(report, target, X, folder):
    """Cycles and stack of an inference, and the classes of samples: -1 where none came.

    Parameters
    ----------
    report : CReport
        What is run.
    target : Target
        The compiler.
    X : ndarray of shape (n_samples, n_features)
        Raw samples, some.
    folder : path-like
        Where files are written.

    Returns
    -------
    costs : dict
        `cycles` of an inference, `stack` and `input` in bytes.
    classes : ndarray of int32 of shape (n_samples,)
        Indices.
    """
    rows = report.quantize(X)
    numbers = ",".join("{" + literals(row) + "}" for row in rows)
    fields = {"CTYPE": report.ctype, "NUMBERS": numbers}
    fields |= {"WIDTH": str(rows.shape[1]), "N": str(len(rows))}
    source, binary = Path(folder, "avr.c"), Path(folder, "avr.elf")
    main = re.sub(r"\b(CTYPE|NUMBERS|WIDTH|N)\b", lambda m: fields[m[0]], _MAIN)
    source.write_text(entry(report, "__attribute__((noinline)) ") + main)
    flags = ("-std=gnu99", "-Os", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections")
    run(*target.compiler, *flags, source, "-o", binary)
    found = re.findall(r"<(\d+) (\d+) (\d+)>", _output(binary))
    classes = np.full(len(rows), -1, np.int32)
    classes[: len(found)] = [int(best) for best, *_ in found]
    return {
        "input": rows[0].nbytes,
        "cycles": _CLOCK * float(np.mean([int(t) for _, t, _ in found])) if found else None,
        "stack": max((int(depth) for *_, depth in found), default=None),
    }, classes


def _output(binary):
    command = ("simavr", "-m", "atmega328p", "-f", "16000000", str(binary))
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, errors="replace"
        )
    except subprocess.TimeoutExpired as error:
        return (error.stdout or b"").decode(errors="replace")
    return done.stdout + done.stderr
