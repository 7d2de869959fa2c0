"""C sources are as clang-format leaves them.

Releases of clang-format differ in details, so only the one the style was
written with counts; with another, the test is skipped.
"""

import os
import re
import subprocess

import tree

RELEASE = 14
TOOL = os.environ.get("CLANG_FORMAT") or "clang-format"


def release_of(tool):
    try:
        run = subprocess.run([tool, "--version"], capture_output=True,
                             text=True, check=True)
    except OSError:
        return None
    match = re.search(r"version (\d+)", run.stdout)
    return int(match[1]) if match else None


if release_of(TOOL) != RELEASE:
    tree.skip(f"clang-format {RELEASE} is not here")
sources = tree.files((".c", ".h"))
run = subprocess.run([TOOL, "--dry-run", "-Werror", "--ferror-limit=1"]
                     + sources, cwd=tree.ROOT, capture_output=True, text=True,
                     check=False)
offences = re.findall(r"^\S+?:\d+:\d+: error: .*$", run.stderr, re.MULTILINE)
if run.returncode != 0 and not offences:
    offences = [run.stderr]
tree.finish(offences)
