"""The control socket: HTTP and JSON over a Unix socket."""

import json
import os
import re
import signal
import socket
import sys

sys.path.insert(0, sys.path[0] + "/../support")
import http1
from control import CONTROL, ask, ask_json, stats
from origin import reply
from runner import equal, eventually, run, true

CONF = "LogLevel notice\n" + CONTROL


def cached(t, conf=CONF):
    """larder with one miss and two hits behind it."""
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", body=b"a" * 100))
    larder = t.larder(origin, conf=conf)
    larder.get("/a")
    eventually(lambda: stats(larder)["store"]["objects"], "an object")
    for _ in range(2):
        true(larder.get("/a").hit, "a hit")
    return larder


def test_status_tells_what_runs(t):
    larder = t.larder(conf=CONF)
    status = ask_json(larder, "GET", "/status")
    equal(status["format"], 1)
    equal(status["pid"], larder.process.pid)
    equal(status["workers"], 2)
    equal(status["state"], "serving")
    equal(status["listens"], [f"{larder.ip}:{larder.port}"])
    equal(status["store"]["root"], f"{larder.dir}/cache")
    equal(status["store"]["size_bytes"], 64 << 20)
    equal(status["store"]["objects"], 0)
    true(re.fullmatch(r"\d+\.\d+\.\d+.*", status["version"]), status)
    true(0 <= status["uptime_s"] < 600, status)


def test_status_without_a_store(t):
    larder = t.larder(template="Listen {listen}\n{conf}\n", conf=CONF)
    equal(ask_json(larder, "GET", "/status")["store"], None)
    equal(ask_json(larder, "GET", "/stats")["store"], None)


def test_stats_count_what_happened(t):
    larder = cached(t)
    names = ("requests", "misses", "hits", "hit_bytes", "fetches", "stored")

    def counted():  # a worker counts when it is done, after the answer
        now = stats(larder)
        done = [now["total"][name] for name in names]
        return now if done == [3, 1, 2, 200, 1, 1] else None
    now = eventually(counted, "all three requests are counted")
    total = now["total"]
    equal(len(now["workers"]), 2)
    for name, count in total.items():
        equal(sum(w[name] for w in now["workers"]), count, name)
    equal(now["store"]["objects"], 1)
    equal(now["flights"], 0)


def test_metrics_are_what_prometheus_reads(t):
    larder = cached(t)
    response = ask(larder, "GET", "/metrics")
    true(response.get("Content-Type").startswith("text/plain; version=0.0.4"),
         response)
    text = response.body.decode()
    values, types = {}, {}
    for line in text.splitlines():
        if match := re.fullmatch(r"# TYPE (\w+) (counter|gauge)", line):
            types[match[1]] = match[2]
        elif not line.startswith("# HELP "):
            name, value = line.rsplit(" ", 1)
            values[name.partition("{")[0]] = float(value)
    equal(set(values), set(types), "every metric has a type")
    true(values["larder_hits_total"] >= 1.0, "hits are counted")
    equal(values["larder_store_objects"], 1.0)
    for name, kind in types.items():
        equal(name.endswith("_total"), kind == "counter", name)


def test_a_reload_answers_what_became_of_it(t):
    larder = t.larder(conf=CONF)
    answer = ask_json(larder, "POST", "/reload")
    equal(answer["result"], "reloaded")
    larder.configure(CONF + "Nonsense on\n")
    answer = ask_json(larder, "POST", "/reload", status=422)
    equal(answer["result"], "unchanged")
    true(any("Nonsense" in m for m in answer["messages"]), answer)
    equal(ask_json(larder, "GET", "/status")["reloads"], 1)
    larder.wait_log(rf"/reload asked for by uid {os.getuid()}, pid")


def test_help_lists_what_there_is(t):
    larder = t.larder(conf=CONF)
    for verb in ask_json(larder, "GET", "/help")["verbs"]:
        true(verb["help"], verb)
        response = ask(larder, verb["method"], verb["path"])
        equal(response.status, 200, verb["path"])


def test_what_there_is_not_is_refused(t):
    larder = t.larder(conf=CONF)
    ask_json(larder, "GET", "/nothing", status=404)
    response = ask(larder, "GET", "/reload")
    equal((response.status, response.get("Allow")), (405, "POST"))
    true(ask(larder, "DELETE", "/status").status >= 400, "DELETE is refused")


def test_garbage_does_no_harm(t):
    larder = t.larder(conf=CONF)
    for piece in (b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"x" * 100_000,
                  b"GET /status HTTP/1.1\r\n" + b"A: b\r\n" * 10_000):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(os.path.join(larder.dir, "control"))
            try:
                sock.sendall(piece)
            except ConnectionError:
                pass
    equal(ask_json(larder, "GET", "/status")["state"], "serving")


def test_it_says_so_while_it_stops(t):
    gate, origin = t.gate(), t.origin()
    origin.on("/held", [b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfour",
                        gate, b"more"])
    larder = t.larder(origin, conf=CONF)
    client = t.client(larder)
    client.ask("GET", "/held")
    client.read_head()
    larder.signal(signal.SIGTERM)
    larder.wait_log("stopping")
    equal(ask_json(larder, "GET", "/status")["state"], "stopping")
    ask_json(larder, "POST", "/reload", status=503)
    gate.set()
    equal(larder.wait_exit(), 0)


def test_the_socket_goes_and_a_dead_ones_place_is_taken(t):
    larder = t.larder(conf=CONF)
    path = os.path.join(larder.dir, "control")
    equal(os.stat(path).st_mode & 0o777, 0o660)
    larder.kill()
    true(os.path.exists(path), "a killed larder leaves its socket")
    larder.start()
    equal(ask_json(larder, "GET", "/status")["state"], "serving")
    larder.stop()
    true(not os.path.exists(path), "one that ends in order does not")


run()
