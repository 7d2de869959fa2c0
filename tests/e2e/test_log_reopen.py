"""SIGUSR1: logs follow a rotation."""

import os
import signal
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, eventually, run, true

CONF = """\
LogLevel notice
ErrorLog error.log
CustomLog access.log "%U %>s"
"""


def read(larder, name):
    path = os.path.join(larder.dir, name)
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def rotate(larder, name):
    path = os.path.join(larder.dir, name)
    os.rename(path, path + ".1")


def started(t):
    origin = t.origin()
    for path in ("/before", "/after"):
        origin.on(path, reply(body=b"x"))
    return t.larder(origin, conf=CONF)


def ask_before(larder):
    """One request, whose line is in the file when this returns."""
    larder.get("/before")
    eventually(lambda: read(larder, "access.log") == "/before 200\n",
               "the line, without any signal", seconds=10)


def test_new_lines_go_to_the_new_files(t):
    larder = started(t)
    ask_before(larder)
    rotate(larder, "access.log")
    rotate(larder, "error.log")
    larder.signal(signal.SIGUSR1)
    eventually(lambda: "opened again" in read(larder, "error.log"),
               "the new error log")
    larder.get("/after")
    eventually(lambda: read(larder, "access.log"), "a line in the new log")
    equal(read(larder, "access.log"), "/after 200\n")
    equal(read(larder, "access.log.1"), "/before 200\n")
    true("serves on" in read(larder, "error.log.1"), "the start's line")


def test_without_a_rotation_nothing_is_lost(t):
    larder = started(t)
    larder.get("/before")
    larder.signal(signal.SIGUSR1)
    eventually(lambda: "opened again" in read(larder, "error.log"),
               "the log is opened again")
    larder.get("/after")
    larder.stop()
    equal(sorted(read(larder, "access.log").split("\n")),
          ["", "/after 200", "/before 200"])


def test_lines_are_written_within_moments(t):
    ask_before(started(t))


run()
