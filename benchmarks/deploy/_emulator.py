"""Programs for small processors in an emulator: what they give and what they cost.

It is the one of the package unicorn, so that this works on any machine.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import unicorn
from unicorn import arm_const as arm, riscv_const as riscv

# Where everything is: the program where it was linked to, rows and results, and the stack. Arm's
# small processors run code below 0x20000000 only.
_CODE, _CODE_SIZE = 0x0, 0x400000
_END = 0x10000000  # a function returns to here
_HEAP, _HEAP_SIZE = 0x20000000, 0x400000
_STACK, _STACK_SIZE = 0x30000000, 0x10000
_PAINT = 0xA5


@dataclass(frozen=True)
class Processor:
    """A processor that Unicorn knows, and its calling convention.

    Parameters
    ----------
    start : callable
        Makes an emulator.
    arguments : tuple of int
        Registers of arguments; the first one takes the result.
    stack, home : int
        Registers of the stack pointer and of the address that a function returns to.
    thumb : bool
        Whether addresses of functions have a bit of the instruction set.
    length : callable
        Bytes of an instruction that begins with these 16 bits.
    """

    start: Callable[[], Any]
    arguments: tuple[int, ...]
    stack: int
    home: int
    thumb: bool
    length: Callable[[int], int]


def _cortex(model):
    emulator = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
    emulator.ctl_set_cpu_model(model)
    if model != arm.UC_CPU_ARM_CORTEX_M0:  # floating point is off at the start
        emulator.reg_write(arm.UC_ARM_REG_C1_C0_2, 0xF00000)
        emulator.reg_write(arm.UC_ARM_REG_FPEXC, 0x40000000)
    return emulator


def _arm(model):
    return Processor(
        start=partial(_cortex, model),
        arguments=(arm.UC_ARM_REG_R0, arm.UC_ARM_REG_R1, arm.UC_ARM_REG_R2, arm.UC_ARM_REG_R3),
        stack=arm.UC_ARM_REG_SP,
        home=arm.UC_ARM_REG_LR,
        thumb=True,
        length=lambda half: 4 if half >> 11 >= 29 else 2,
    )


CORTEX_M0, CORTEX_M4 = _arm(arm.UC_CPU_ARM_CORTEX_M0), _arm(arm.UC_CPU_ARM_CORTEX_M4)
RISCV32 = Processor(
    start=partial(unicorn.Uc, unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV32),
    arguments=tuple(getattr(riscv, f"UC_RISCV_REG_A{i}") for i in range(4)),
    stack=riscv.UC_RISCV_REG_SP,
    home=riscv.UC_RISCV_REG_RA,
    thumb=False,
    length=lambda half: 4 if half & 3 == 3 else 2,
)


class Program:
    """A linked program in the memory of an emulated processor.

    Parameters
    ----------
    elf : bytes
        The program, in ELF format of 32 bits.
    processor : Processor
        What runs it.

    Attributes
    ----------
    addresses : dict of int
        Where its functions and variables are, by name.
    """

    def __init__(self, elf, processor):
        self._processor = processor
        self._emulator = processor.start()
        for start, size in ((_CODE, _CODE_SIZE), (_HEAP, _HEAP_SIZE), (_STACK, _STACK_SIZE)):
            self._emulator.mem_map(start, size)
        self._emulator.mem_map(_END, 0x1000)
        for address, content in _segments(elf):
            self._emulator.mem_write(address, content)
        self.addresses = _symbols(elf)
        self._free = _HEAP

    def place(self, array):
        """Copy an array into the memory; its address."""
        content = np.ascontiguousarray(array).tobytes()
        address = self._free
        self._emulator.mem_write(address, content)
        self._free += -(-len(content) // 16) * 16
        return address

    def read(self, address, shape, dtype):
        """An array that lies in the memory."""
        empty = np.empty(shape, dtype)
        content = self._emulator.mem_read(address, empty.nbytes)
        return np.frombuffer(bytes(content), dtype).reshape(shape)

    def call(self, name, *arguments):
        """Call a function with integers or addresses; what it returns, as an int of 32 bits.

        Raises
        ------
        RuntimeError
            If it reads or writes where nothing is, or does what the processor can't.
        """
        processor, emulator = self._processor, self._emulator
        for register, value in zip(processor.arguments, arguments, strict=False):
            emulator.reg_write(register, value)
        emulator.reg_write(processor.stack, _STACK + _STACK_SIZE)
        emulator.reg_write(processor.home, _END | processor.thumb)
        try:
            emulator.emu_start(self.addresses[name] | processor.thumb, _END)
        except unicorn.UcError as error:
            raise RuntimeError(f"{name} failed in the emulator: {error}") from error
        result = emulator.reg_read(processor.arguments[0]) & 0xFFFFFFFF
        return result - (result >> 31 << 32)

    def instructions(self, name, *arguments):
        """Number of instructions of a call, and what it returns."""
        counts = {}  # of the blocks seen
        n_seen = 0

        def block(emulator, address, size, _):
            nonlocal n_seen
            if (address, size) not in counts:
                counts[address, size] = self._count(address, size)
            n_seen += counts[address, size]

        result = self._watched(unicorn.UC_HOOK_BLOCK, block, name, *arguments)
        return n_seen, result

    def stack(self, name, *arguments):
        """Bytes of stack that a call writes to, from a painted stack."""
        self._emulator.mem_write(_STACK, bytes([_PAINT]) * _STACK_SIZE)
        self.call(name, *arguments)
        stack = self.read(_STACK, _STACK_SIZE, np.uint8)
        touched = np.flatnonzero(stack != _PAINT)
        return _STACK_SIZE - int(touched[0]) if len(touched) else 0

    def reads(self, name, *arguments):
        """Addresses of the bytes on the heap that a call reads."""
        seen = set()

        def note(emulator, access, address, size, value, _):
            seen.update(range(address, address + size))

        self._watched(unicorn.UC_HOOK_MEM_READ, note, name, *arguments)
        return {address for address in seen if _HEAP <= address < self._free}

    def _watched(self, kind, function, name, *arguments):
        hook = self._emulator.hook_add(kind, function)
        self._emulator.ctl_flush_tb()  # code that ran before was translated without the hook
        try:
            return self.call(name, *arguments)
        finally:
            self._emulator.hook_del(hook)
            self._emulator.ctl_flush_tb()

    def _count(self, address, size):
        """Instructions of a block of code."""
        halves = self.read(address, size // 2, np.uint16)
        at = n = 0
        while at < len(halves):
            at += self._processor.length(int(halves[at])) // 2
            n += 1
        return n


def _segments(elf):
    """Addresses and contents of what is loaded; variables that start at zero are there already."""
    (table,) = struct.unpack_from("<I", elf, 28)
    size, count = struct.unpack_from("<HH", elf, 42)
    for i in range(count):
        kind, offset, address, _, length = struct.unpack_from("<5I", elf, table + i * size)
        if kind == 1:
            yield address, elf[offset : offset + length]


def _symbols(elf):
    """Addresses of everything that has a name."""
    (table,) = struct.unpack_from("<I", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 46)
    sections = [struct.unpack_from("<10I", elf, table + i * size) for i in range(count)]
    found = {}
    for _, kind, _, _, offset, length, link, *_ in sections:
        if kind == 2:
            names = sections[link][4]
            for at in range(offset, offset + length, 16):
                name, value = struct.unpack_from("<II", elf, at)
                end = elf.index(b"\0", names + name)
                found[elf[names + name : end].decode()] = value & ~1
    return found
