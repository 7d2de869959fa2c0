"""SIGHUP: a good configuration is taken over, a bad one changes nothing."""

import os
import signal
import sys

sys.path.insert(0, sys.path[0] + "/../support")
import ports
from http1 import Ended
from origin import reply
from runner import equal, eventually, run, true

NOTICE = "LogLevel notice\n"


def reload(larder, conf=None):
    """Returns when larder has read its (perhaps new) configuration."""
    if conf is not None:
        larder.configure(NOTICE + conf)
    larder.signal(signal.SIGHUP)
    larder.notices.settimeout(60)
    first = larder.notices.recv(4096).split(b"\n")
    equal(first[0], b"RELOADING=1")
    true(first[1].startswith(b"MONOTONIC_USEC="), first)
    larder.wait_ready()


def test_a_changed_mapping_counts_for_the_next_request(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"a"))
    origin.on("/b/a", reply(body=b"moved"))
    larder = t.larder(origin, conf=NOTICE)
    client = t.client(larder)
    equal(client.get("/a").body, b"a")
    larder.template = larder.template.replace(
        "{mapping}", "ProxyPass / {origin}/b/")
    reload(larder, "")
    eventually(lambda: larder.get("/a").body == b"moved", "the new mapping")
    eventually(lambda: client.get("/a").body == b"moved",
               "an open connection takes it over")


def test_a_bad_configuration_changes_nothing(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"a"))
    larder = t.larder(origin, conf=NOTICE)
    reload(larder, "Nonsense on\nCacheSize much\n")
    larder.wait_log(r"config:error.*larder\.conf:\d+: Nonsense: ")
    larder.wait_log(r"config:error.*larder\.conf:\d+: CacheSize: ")
    larder.wait_log("the old one stays")
    equal(larder.get("/a").body, b"a")
    reload(larder, "")
    larder.wait_log("configuration loaded again")


def test_the_store_and_its_objects_stay(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", body=b"a"))
    larder = t.larder(origin, conf=NOTICE)
    larder.get("/a")
    eventually(lambda: larder.get("/a").hit, "a hit")
    reload(larder, "Timeout 30\n")
    true(larder.get("/a").hit, "still a hit")
    equal(origin.count("/a"), 1)


def test_addresses_come_and_go(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"a"))
    larder = t.larder(origin, conf=NOTICE)
    old = larder.port
    new = ports.free_port(larder.ip)
    reload(larder, f"Listen {larder.ip}:{new}\n")
    equal(larder.get("/a").body, b"a")
    larder.port = new
    eventually(lambda: answers(larder), "the new address answers")
    larder.template = larder.template.replace("Listen {listen}\n", "")
    reload(larder, f"Listen {larder.ip}:{new}\n")
    equal(larder.get("/a").body, b"a")
    larder.port = old
    eventually(lambda: not answers(larder), "the old address is closed")


def answers(larder):
    try:
        return larder.get("/a").status == 200
    except (Ended, ConnectionError):  # refused, or not accepted any more
        return False


def test_an_address_that_cannot_be_had_changes_nothing(t):
    other = t.larder()
    origin = t.origin()
    origin.on("/a", reply(body=b"a"))
    larder = t.larder(origin, conf=NOTICE)
    reload(larder, f"Listen {other.ip}:{other.port}\nProxyPass /a !\n")
    larder.wait_log(f"cannot listen on .*:{other.port}: another program")
    equal(larder.get("/a").body, b"a")


def test_what_needs_a_restart_is_said(t):
    larder = t.larder(conf=NOTICE)
    larder.template = larder.template.replace(
        "WorkerThreads 2", "WorkerThreads 3")
    reload(larder, "PidFile {dir}/pid\n")
    larder.wait_log("WorkerThreads has changed; .* next start")
    larder.wait_log("PidFile has changed; .* next start")
    true(not os.path.exists(os.path.join(larder.dir, "pid")), "no pid file")
    equal(larder.get("/").status, 404)


def test_a_request_under_way_is_not_disturbed(t):
    gate, origin = t.gate(), t.origin()
    origin.on("/held", [b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfour",
                        gate, b"more"])
    larder = t.larder(origin, conf=NOTICE)
    client = t.client(larder)
    client.ask("GET", "/held")
    response = client.read_head()
    for _ in range(3):
        reload(larder, "")
    gate.set()
    equal(client.read_body(response).body, b"fourmore")


def test_many_reloads_leak_nothing(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"a"))
    larder = t.larder(origin, conf=NOTICE + "CustomLog access.log common\n")
    fds = f"/proc/{larder.process.pid}/fd"
    reload(larder)
    larder.get("/a")
    eventually(lambda: len(os.listdir(fds)) > 0, "open files")
    before = len(os.listdir(fds))
    for _ in range(20):
        reload(larder)
        larder.get("/a")
    eventually(lambda: len(os.listdir(fds)) <= before + 4,
               "as many open files as before")


run()
