"""A stale answer is better than an error (RFC 5861 section 4, 9111 4.2.4)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, true, wait_hit


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


def test_when_the_origin_is_back_the_client_gets_its_answer(t):
    larder, origin = stale(t, "max-age=60, stale-if-error=600",
                           reply("Cache-Control: max-age=60", body=b"new"))
    origin.stop()
    equal(larder.get("/a").body, b"stored")
    origin.start()
    equal(larder.get("/a").body, b"new")


run()
