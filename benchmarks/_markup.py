"""Tables in the two markup languages of the project."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause


def markdown(headings, rows):
    """Markdown table; every column but the first is aligned to the right."""
    lines = [headings, ["---"] + ["---:"] * (len(headings) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def rest(headings, rows):
    """The same as a reStructuredText list table."""
    if not rows:
        return ""  # a table without a body is none
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in (headings, *rows):
        cells = [str(cell) for cell in row]
        lines += [f"   * - {cells[0]}", *(f"     - {cell}" for cell in cells[1:])]
    return "\n".join(lines)
