"""The example configuration is right, with what it shows in comments too."""

import os
import re
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from larder import program
from runner import equal, run, true

EXAMPLE = os.path.join(sys.path[1], "..", "..", "conf", "larder.conf")


def example():
    with open(EXAMPLE, encoding="utf-8") as file:
        return file.read()


def check(t, text):
    path = os.path.join(t.dir, "larder.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    result = subprocess.run([program(), "-t", "-f", path], text=True,
                            capture_output=True, timeout=60, check=False)
    equal(result.stdout + result.stderr, "Syntax OK\n")
    equal(result.returncode, 0)


def test_the_example_is_right(t):
    check(t, example())


def test_the_sites_it_shows_in_comments_are_right(t):
    text, sections = re.subn(r"^#(?: (?=</?\w)|(?=\t))", "", example(),
                             flags=re.MULTILINE)
    true(sections > 4, "there are sites in comments")
    check(t, text)


run()
