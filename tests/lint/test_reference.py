"""docs/directives.md is what the table of directives says.

REFERENCE names the program that prints it; `make reference` mends the file.
"""

import os
import subprocess

import tree

PATH = "docs/directives.md"
printed = subprocess.run([os.environ["REFERENCE"], "markdown"], check=True,
                         capture_output=True, encoding="utf-8").stdout
try:
    kept = tree.lines(PATH)
except FileNotFoundError:
    kept = None
tree.finish([] if kept == printed.splitlines()
            else [f"{PATH}: out of date; run `make reference`"])
