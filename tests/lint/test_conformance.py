"""docs/conformance.md names tests that there are.

In its tables, a cell of the column "shown by" has paths of test files, as
seen from tests/, each followed by names of tests that are in it.  Every row
has one, a dash where there is nothing to show, or the word PENDING.
"""

import os
import re

import tree

PATH = "docs/conformance.md"
COLUMN = "shown by"
CODE = re.compile(r"`([^`]+)`")


def names_of(path):
    """The tests in a file; None when there is no such file."""
    if not os.path.isfile(os.path.join(tree.ROOT, "tests", path)):
        return None
    begin = r"(?:def )?(test_\w+)\("  # at the left edge, in C and Python
    return {m[1] for line in tree.lines("tests/" + path)
            if (m := re.match(begin, line))}


def cell_offences(cell):
    """What a cell names and what is not there."""
    path, names = None, set()
    for code in CODE.findall(cell):
        if "/" in code:
            path, names = code, names_of(code)
            if names is None:
                yield f"tests/{code} is no file"
        elif path is None:
            yield f"{code}: of which file?"
        elif names is not None and code not in names:
            yield f"tests/{path} has no {code}"
    if path is None and "PENDING" not in cell and cell != "—":
        yield "shown by nothing"


def offences(lines):
    shown = False  # inside a table with that column
    for number, line in enumerate(lines, 1):
        if not line.startswith("|"):
            shown = False
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[-1] == COLUMN:
            shown = True
        elif shown and set(cells[-1]) != {"-"}:
            for offence in cell_offences(cells[-1]):
                yield f"{PATH}:{number}: {offence}"


tree.finish(list(offences(tree.lines(PATH))))
