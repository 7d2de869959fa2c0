"""An include never climbs: a file includes its own folder or lower ones."""

import os
import re

import tree

ORDER = (
    "store/base", "store", "purge",
    "proxy/conf", "proxy/http", "proxy/cache", "proxy/event", "proxy/net",
    "proxy/upstream", "proxy/connect", "proxy/observe", "proxy/site",
    "proxy/request", "proxy/front", "proxy/admin", "proxy",
)
INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')


def is_free(folder):
    """Tests and tools stand above all layers."""
    return folder.split("/")[0] not in tree.SOURCE_FOLDERS


def offence_of(folder, bracket, name):
    """What is wrong with an include from folder, or None."""
    target = os.path.dirname(name)
    if bracket == "<":
        if name.startswith(tuple(f"{f}/" for f in tree.SOURCE_FOLDERS)):
            return "is the project's own; write it in quotes"
        return None
    if not os.path.isfile(os.path.join(tree.ROOT, name)):
        return "is no file; paths start at the top of the tree"
    if is_free(folder):
        return None
    if target not in ORDER:
        return "is not a source folder's"
    if ORDER.index(target) > ORDER.index(folder):
        return f"climbs: {folder} stands below {target}"
    return None


def check(path):
    folder = os.path.dirname(path)
    if not is_free(folder) and folder not in ORDER:
        return [f"{path}: folder {folder} has no place in the layers"]
    offences = []
    for number, line in enumerate(tree.lines(path), 1):
        match = INCLUDE.match(line)
        wrong = match and offence_of(folder, match[1], match[2])
        if wrong:
            offences.append(f'{path}:{number}: "{match[2]}" {wrong}')
    return offences


tree.finish([o for path in tree.files((".c", ".h")) for o in check(path)])
