"""A stale answer is better than an error (RFC 5861 section 4, 9111 4.2.4)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, RESET, reply
from runner import equal, run, together, true, wait_hit


def stale(t, control, *answers, age=100, conf=""):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: " + control, body=b"stored"),
              *answers)
    larder = t.larder(origin, conf)
    larder.get("/a")
    wait_hit(t.client(larder), "/a")
    t.clock.advance(age)
    return larder, origin


def test_an_origin_that_is_down_is_covered_for(t):
    larder, origin = stale(t, "max-age=60, stale-if-error=600")
    origin.stop()
    response = larder.get("/a")
    equal(response.status, 200)
    equal(response.body, b"stored")
    true(response.age >= 100, "Age tells that it is old")


def test_so_is_one_that_answers_500(t):
    for status in (500, 502, 503, 504):
        larder, _ = stale(t, "max-age=60, stale-if-error=600",
                          reply(status=status, body=b"oops"))
        response = larder.get("/a")
        equal(response.status, 200, f"instead of {status}")
        equal(response.body, b"stored")


def test_a_404_is_no_such_error(t):
    larder, _ = stale(t, "max-age=60, stale-if-error=600",
                      reply(status=404, body=b"gone"))
    equal(larder.get("/a").status, 404)


def test_beyond_its_window_the_error_is_shown(t):
    larder, origin = stale(t, "max-age=60, stale-if-error=10", age=200,
                           conf="CacheStaleOnError Off")
    origin.stop()
    equal(larder.get("/a").status, 503)


def test_cache_stale_on_error_covers_without_being_told(t):
    larder, origin = stale(t, "max-age=60", reply(status=500, body=b"oops"))
    equal(larder.get("/a").body, b"stored")


def test_cache_stale_on_error_off_shows_the_error(t):
    larder, _ = stale(t, "max-age=60", reply(status=500, body=b"oops"),
                      conf="CacheStaleOnError Off")
    equal(larder.get("/a").status, 500)


def test_must_revalidate_forbids_it(t):  # RFC 9111 5.2.2.2
    larder, origin = stale(
        t, "max-age=60, must-revalidate, stale-if-error=600")
    origin.stop()
    true(larder.get("/a").status in (502, 503, 504), "an error is shown")


def test_so_do_the_others_that_forbid_stale_content(t):
    # RFC 9111 5.2.2.4, 5.2.2.8, 5.2.2.10
    for control in ("max-age=60, proxy-revalidate", "s-maxage=60"):
        for trouble in (reply(status=503), [CLOSE]):
            larder, _ = stale(t, control + ", stale-if-error=600", trouble)
            true(larder.get("/a").status in (502, 503), control)


def test_no_cache_forbids_it_too(t):  # RFC 9111 5.2.2.4
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: no-cache, stale-if-error=600",
                          'ETag: "1"', body=b"stored"))
    larder = t.larder(origin)
    larder.get("/a")
    larder.stop()
    larder.start()  # now it is stored
    origin.on("/a", reply(status=503))
    equal(larder.get("/a").status, 503)
    equal(origin.seen()[-1].get("If-None-Match"), '"1"')


def test_an_origin_that_breaks_off_before_its_head_is_covered_for(t):
    for trouble in ([CLOSE], [RESET], b"nonsense\r\n\r\n",
                    [b"HTTP/1.1 200 OK\r\nX-", CLOSE]):
        larder, _ = stale(t, "max-age=60, stale-if-error=600", trouble)
        equal(larder.get("/a").body, b"stored", f"instead of {trouble}")


def test_so_is_one_that_is_silent(t):
    gate = t.gate()
    larder, _ = stale(t, "max-age=60, stale-if-error=600", [gate],
                      conf="ProxyTimeout 1")
    equal(larder.get("/a").body, b"stored")


def test_a_crowd_is_covered_for_by_one_request(t):
    gate = t.gate()
    larder, origin = stale(t, "max-age=60, stale-if-error=600",
                           [gate, b"HTTP/1.1 503 No\r\n\r\n", CLOSE])
    clients = [t.client(larder) for _ in range(10)]
    for client in clients:
        client.ask("GET", "/a")
    origin.wait_count(2)
    clients[-1].silent(0.3)
    gate.set()
    bodies = together(10, lambda i: clients[i].read().body)
    equal(set(bodies), {b"stored"})
    equal(origin.count(), 2, "requests at the origin")


def test_the_window_counts_from_the_end_of_freshness(t):  # RFC 5861 4
    for age, status in ((60 + 5, 200), (60 + 11, 503)):
        larder, origin = stale(t, "max-age=60, stale-if-error=10", age=age,
                               conf="CacheStaleOnError Off")
        origin.stop()
        equal(larder.get("/a").status, status, f"at the age of {age}")


def test_when_the_origin_is_back_the_client_gets_its_answer(t):
    larder, origin = stale(t, "max-age=60, stale-if-error=600",
                           reply("Cache-Control: max-age=60", body=b"new"))
    origin.stop()
    equal(larder.get("/a").body, b"stored")
    origin.start()
    equal(larder.get("/a").body, b"new")


run()
