"""Every header compiles alone."""

import os
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

import tree

FLAGS = ["-std=c11", "-fsyntax-only", "-Wall", "-Wextra", "-Wconversion",
         "-Werror", "-x", "c"]


def compiler():
    cc = shlex.split(os.environ.get("LINT_CC") or "gcc")
    cpp = os.environ.get("LINT_CPPFLAGS") or f"-D_GNU_SOURCE -I{tree.ROOT}"
    return cc + shlex.split(cpp) + FLAGS


def check(header):
    # Included from an empty file: compiling the header itself would warn of
    # what is static and unused in it.
    run = subprocess.run(
        compiler() + ["-I" + tree.ROOT, "-"], cwd=tree.ROOT, text=True,
        input=f'#include "{header}"\n#include "{header}"\n',
        capture_output=True, check=False)
    if run.returncode == 0:
        return []
    return [f"{header}: does not compile alone:\n{run.stderr}"]


with ThreadPoolExecutor(os.cpu_count()) as pool:
    found = pool.map(check, tree.files((".h",)))
    tree.finish([offence for offences in found for offence in offences])
