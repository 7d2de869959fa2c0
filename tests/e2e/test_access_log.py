"""CustomLog and LogFormat, as a site uses them."""

import os
import re
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, eventually, run, true


def lines(larder, name="access.log", n=None):
    """The lines of a log, once there are n."""
    path = os.path.join(larder.dir, name)

    def read():
        with open(path, encoding="utf-8") as file:
            found = file.read().splitlines()
        return found if len(found) >= (n or 1) else None
    return eventually(read, f"{n} lines in {name}")


def started(t, conf):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", 'ETag: "v1"',
                          body=b"a" * 10))
    return t.larder(origin, conf=conf), origin


def test_combined_is_apaches_line(t):
    larder, _ = started(t, "CustomLog access.log combined")
    larder.get("/a?b=c", "Referer: http://r.example/",
               'User-Agent: a "b" \\c')
    line, = lines(larder, n=1)
    true(re.fullmatch(
        r'127\.\d+\.\d+\.\d+ - - '
        r'\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] '
        r'"GET /a\?b=c HTTP/1\.1" 200 10 "http://r\.example/" '
        r'"a \\"b\\" \\\\c"', line), line)


def test_cache_fields_tell_hit_from_miss(t):
    larder, origin = started(
        t, 'CustomLog access.log "%{cache}x %{age}x %{backend}x %>s %B"')
    larder.get("/a")
    eventually(lambda: larder.get("/a").hit, "a hit")
    t.clock.advance(7)
    larder.get("/a")
    found = lines(larder, n=3)  # of two workers: in any order
    true(f"miss 0 {origin.url} 200 10" in found, found)
    true(any(re.fullmatch(r"hit 7 \S+ 200 10", line) for line in found),
         found)


def test_response_fields_of_a_hit_are_there(t):
    larder, _ = started(t, 'CustomLog access.log "%{cache}x %{ETag}o"')
    larder.get("/a")
    eventually(lambda: larder.get("/a").hit, "a hit")
    found = lines(larder, n=2)
    true('hit \\"v1\\"' in found, found)


def test_conditions_choose_by_status(t):
    larder, _ = started(t, 'CustomLog access.log "%>s %404U %!404U"')
    larder.get("/a")
    larder.get("/none")
    equal(sorted(lines(larder, n=2)), ["200 - /a", "404 /none -"])


def test_a_refused_request_is_logged_too(t):
    larder, _ = started(t, 'CustomLog access.log "%r %>s"')
    client = t.client(larder)
    client.send(b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n")
    client.read()
    equal(lines(larder, n=1), ["GET /a b HTTP/1.1 400"])


run()
