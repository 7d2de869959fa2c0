"""Functions stay under 60 lines, files under 600.

tests/lint/length.allow lists the exceptions, one a line, each with its
reason: `path reason` or `path:function reason`.
"""

import re

import tree

FUNCTION_LINES = 60
FILE_LINES = 600
NAME = re.compile(r"^(\w+)\(")


def allowed():
    try:
        entries = tree.lines("tests/lint/length.allow")
    except FileNotFoundError:
        return set()
    return {e.split()[0] for e in entries if e and not e.startswith("#")}


def functions(path):
    """(name, first line, number of lines) of each function: in this style
    the name, the opening and the closing brace stand in the first column."""
    name, start, opened = None, 0, False
    for number, line in enumerate(tree.lines(path), 1):
        match = NAME.match(line)
        if match:
            name, start = match[1], number
        elif line.startswith("{"):
            opened = name is not None
        elif line.startswith("}"):
            if opened:
                yield name, start, number - start + 1
            name, opened = None, False


def check(path, exceptions):
    offences = []
    length = len(tree.lines(path))
    if length > FILE_LINES and path not in exceptions:
        offences.append(f"{path}: {length} lines, over {FILE_LINES}")
    for name, start, length in functions(path):
        if length > FUNCTION_LINES and f"{path}:{name}" not in exceptions:
            offences.append(f"{path}:{start}: {name} has {length} lines, "
                            f"over {FUNCTION_LINES}")
    return offences


exempt = allowed()
tree.finish([o for path in tree.files((".c", ".h"))
             for o in check(path, exempt)])
