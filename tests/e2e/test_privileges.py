"""User and Group: root opens ports and files, somebody else serves."""

import os
import re
import sys

sys.path.insert(0, sys.path[0] + "/../support")
import ports
from larder import program
from origin import reply
from runner import Skip, equal, eventually, run, true

NOBODY = 65534
CONF = """\
LogLevel notice
User #65534
Group #65534
PidFile {dir}/larder.pid
ControlSocket {dir}/control
CustomLog {dir}/access.log common
"""


def dropped(t, conf=CONF):
    if os.geteuid() != 0:
        raise Skip("only root can become somebody else")
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", body=b"a"))
    os.chmod(t.dir, 0o755)
    larder = t.larder(origin, conf=conf, start=False)
    os.chmod(larder.dir, 0o755)
    start(larder)
    return larder


def start(larder):
    """As larder.start(), with a notify socket for everybody, as systemd's
    is."""
    larder.port = larder.port or ports.free_port(larder.ip)
    larder.configure()
    larder.notices = larder.notify_socket()
    os.chmod(os.path.join(larder.dir, "notify"), 0o666)
    larder.launch([program(), "-f", larder.file])
    larder.wait_ready()


def status_of(larder):
    """The ids of every thread, as the kernel tells them."""
    base = f"/proc/{larder.process.pid}/task"
    for thread in os.listdir(base):
        with open(f"{base}/{thread}/status", encoding="utf-8") as file:
            yield dict(re.findall(r"(\w+):\t(.*)", file.read()))


def test_every_thread_is_somebody_else_for_good(t):
    larder = dropped(t)
    for status in status_of(larder):
        equal(status["Uid"].split(), ["65534"] * 4)
        equal(status["Gid"].split(), ["65534"] * 4)
        equal(set(status["Groups"].split()) - {"65534"}, set())
        equal(int(status["CapEff"], 16), 0)


def test_the_store_belongs_to_the_user_and_is_used(t):
    larder = dropped(t)
    larder.get("/a")
    eventually(lambda: larder.get("/a").hit, "a hit")
    for where, _, names in os.walk(os.path.join(larder.dir, "cache")):
        for name in [".", *names]:
            equal(os.stat(os.path.join(where, name)).st_uid, NOBODY)


def test_a_store_that_roots_larder_made_is_refused_in_words(t):
    larder = dropped(t, conf="LogLevel notice\n")
    larder.stop()
    larder.conf = CONF
    try:
        start(larder)
    except AssertionError as error:
        true("exited with 1" in str(error), error)
        true("must belong to the user" in str(error), error)
        return
    raise AssertionError("it started")


def test_the_control_socket_is_the_users(t):
    larder = dropped(t)
    stat = os.stat(os.path.join(larder.dir, "control"))
    equal((stat.st_uid, stat.st_gid, stat.st_mode & 0o777),
          (NOBODY, NOBODY, 0o660))


def test_a_name_brings_its_group(t):
    larder = dropped(t, conf="User nobody\n")
    for status in status_of(larder):
        equal(status["Uid"].split()[0], "65534")


run()
