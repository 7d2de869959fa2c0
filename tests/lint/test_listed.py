"""No file is forgotten: the build lists every test and every source."""

import os
import subprocess

import tree

AGAIN = "run ./autogen.sh and build again"


def tests_list_offences():
    """tests/files.am is what tests/list-files would write now."""
    run = subprocess.run(["sh", "tests/list-files", "--print"], cwd=tree.ROOT,
                         capture_output=True, text=True, check=True)
    now, then = ([line.strip(" \t\\") for line in text]
                 for text in (run.stdout.splitlines(),
                              tree.lines("tests/files.am")))
    return ([f"{name}: not listed in tests/files.am; {AGAIN}"
             for name in now if name not in then]
            + [f"{name}: listed in tests/files.am, gone; {AGAIN}"
               for name in then if name not in now])


def sources_offences():
    """Each source folder's sources.am lists its files, and no others."""
    offences = []
    included = tree.lines("Makefile.am")
    for folder in {os.path.dirname(p)
                   for p in tree.files((".c", ".h", ".am"),
                                       tree.SOURCE_FOLDERS)}:
        fragment = os.path.join(folder, "sources.am")
        try:
            listed = {word for line in tree.lines(fragment)
                      if not line.startswith("#")
                      for word in line.split() if word.endswith((".c", ".h"))}
        except FileNotFoundError:
            offences.append(f"{fragment}: missing")
            continue
        present = {p for p in tree.files((".c", ".h"), (folder,))
                   if os.path.dirname(p) == folder} - {"proxy/main.c"}
        offences += [f"{p}: not listed in {fragment}"
                     for p in sorted(present - listed)]
        offences += [f"{p}: listed in {fragment}, but not there"
                     for p in sorted(listed - present)]
        if f"include {fragment}" not in included:
            offences.append(f"{fragment}: not included by Makefile.am")
    return sorted(offences)


tree.finish(tests_list_offences() + sources_offences())
