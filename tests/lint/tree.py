"""What the lints share: the source tree, and how an offence is told."""

import os
import sys

ROOT = os.path.abspath(
    os.environ.get("SRCDIR")
    or os.path.join(os.path.dirname(__file__), "..", ".."))
NAME = os.path.basename(sys.argv[0]).removesuffix(".py")
SOURCE_FOLDERS = ("store", "purge", "proxy")


def files(suffixes, folders=SOURCE_FOLDERS + ("docs", "tests")):
    """The files with one of the suffixes, as sorted paths from the root."""
    found = []
    for folder in folders:
        for where, subfolders, names in os.walk(os.path.join(ROOT, folder)):
            subfolders[:] = [s for s in subfolders if s != "__pycache__"]
            found += [os.path.relpath(os.path.join(where, name), ROOT)
                      for name in names
                      if name.endswith(suffixes) and not name.startswith(".")]
    return sorted(found)


def lines(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read().splitlines()


def finish(offences):
    """Reports in TAP, the offences as comments; ends the process."""
    print("1..1")
    for offence in offences:
        print("# " + offence.replace("\n", "\n# "))
    print(f"{'not ok' if offences else 'ok'} 1 - {NAME}")
    sys.exit(1 if offences else 0)


def skip(why):
    print(f"1..1\nok 1 - {NAME} # SKIP {why}")
    sys.exit(0)
