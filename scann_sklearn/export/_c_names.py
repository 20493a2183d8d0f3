"""Names that a header may take for its own."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import re

# Of C up to C23 and of C++ up to C++23.
_KEYWORDS = """
alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t
char8_t class co_await co_return co_yield compl concept const const_cast consteval constexpr
constinit continue decltype default delete do double dynamic_cast else enum explicit export
extern false float for friend goto if inline int long mutable namespace new noexcept not not_eq
nullptr operator or or_eq private protected public register reinterpret_cast requires restrict
return short signed sizeof static static_assert static_cast struct switch template this
thread_local throw true try typedef typeid typename typeof typeof_unqual union unsigned using
virtual void volatile wchar_t while xor xor_eq main
"""


def check_name(name: str) -> str:
    """Return the prefix of the names in a header, or raise where C or C++ doesn't allow them.

    Parameters
    ----------
    name : str
        The prefix.

    Returns
    -------
    name : str
        The same.

    Raises
    ------
    ValueError
        If it is no identifier, reserved, or a keyword.
    """
    hint = " Where it comes from the file's name, give one."
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise ValueError(
            f"name={name!r} is no prefix for names in C: it has to begin with a letter and to "
            f"go on with letters, digits and underscores.{hint}"
        )
    if "__" in name or name.endswith("_"):
        raise ValueError(
            f"name={name!r} is no prefix for names in C++: those with two underscores in a row, "
            f"here in {name}_predict, are reserved for compilers.{hint}"
        )
    if name in _KEYWORDS.split():
        raise ValueError(f"name={name!r} is a word of C or C++.{hint}")
    return name
