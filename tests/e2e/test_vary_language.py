"""A variant by the language that a request prefers to all others
(RFC 9111 section 4.1: what is known about a field's meaning)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from control import CONTROL, wait_landed
from origin import reply, revalidating
from runner import equal, eventually, run, true, wait_hit


def negotiated(*fields, vary="Accept-Language", language="de",
               control="max-age=60"):
    """Answers in that language, whatever is asked for."""
    def answer(request):
        return reply("Cache-Control: " + control, "Vary: " + vary,
                     "Content-Language: " + language, *fields,
                     body=language.encode())
    return answer


def stored(t, *fields, **more):
    """The origin and a client of larder, which has an answer to those fields
    in its store."""
    origin = t.origin()
    origin.on("/a", negotiated(**more))
    client = t.client(t.larder(origin, conf=CONTROL))
    client.get("/a", *fields)
    wait_landed(t.larders[0])
    return origin, client


def asks(client, *fields):
    """Is there a stored answer?  Asks the backend nothing."""
    return client.get("/a", "Cache-Control: only-if-cached", *fields).hit


def test_the_most_preferred_language_selects(t):
    origin, client = stored(t, "Accept-Language: en, de")
    for same in ("fr;q=0.5, de;q=1.0", "de", "DE, *;q=0.1", "de;q=0.2"):
        response = client.get("/a", "Accept-Language: " + same)
        true(response.hit, same)
        equal(response.body, b"de")
    equal(origin.count(), 1, "requests at the origin")


def test_it_does_so_before_the_response_is_stored(t):
    origin = t.origin()
    origin.on("/a", negotiated())
    client = t.client(t.larder(origin, conf=CONTROL))
    client.get("/a", "Accept-Language: en, de")
    true(asks(client, "Accept-Language: fr;q=0.5, de"), "at once")


def test_a_tie_another_language_or_any_does_not(t):
    _, client = stored(t, "Accept-Language: en, de")
    for other in ("fr, de", "en", "fr;q=0.5, en", "de-CH", "*", "de;q=0",
                  "de, *", "de;q=x"):
        true(not asks(client, "Accept-Language: " + other), other)
    true(not asks(client), "without the field")


def test_a_response_in_two_languages_is_for_nobody_else(t):
    _, client = stored(t, "Accept-Language: en, de", language="de, en")
    for language in ("de", "en"):
        true(not asks(client, "Accept-Language: fr;q=0.5, " + language),
             language)


def test_a_request_for_the_language_alone_leaves_it_for_others(t):
    _, client = stored(t, "Accept-Language: DE")
    true(asks(client, "Accept-Language: fr;q=0.5, de"), "found")


def test_the_other_fields_must_be_equal(t):
    _, client = stored(t, "Accept-Language: en, de", "X-A: 1",
                       vary="Accept-Language, X-A")
    language = "Accept-Language: fr;q=0.5, de"
    true(not asks(client, language), "absent")
    true(not asks(client, language, "X-A: 2"), "another value")
    true(asks(client, language, "X-A: 1"), "the same value")


def test_without_accept_language_in_vary_it_is_no_matter(t):
    _, client = stored(t, "Accept-Language: en, de", "X-A: 1", vary="X-A")
    true(not asks(client, "Accept-Language: fr;q=0.5, de", "X-A: 2"),
         "X-A alone selects")


def test_each_language_is_found(t):
    origin = t.origin()

    def answer(request):
        wanted = request.get("Accept-Language").split(",")[-1].strip()
        return negotiated(language=wanted)(request)

    origin.on("/a", answer)
    client = t.client(t.larder(origin, conf=CONTROL))
    for language in ("de", "fr", "mi"):
        client.get("/a", "Accept-Language: en, " + language)
        wait_landed(t.larders[0])
    for language in ("de", "fr", "mi"):
        response = client.get("/a", f"Accept-Language: x;q=0.1, {language}")
        true(response.hit, language)
        equal(response.body, language.encode())
    equal(origin.count(), 3, "requests at the origin")


def test_what_is_stale_is_validated_for_the_new_request(t):
    origin, client = stored(t, "Accept-Language: en, de", control="max-age=10")
    t.clock.advance(20)
    origin.on("/a", lambda request: reply(
        "Cache-Control: max-age=60", "Vary: Accept-Language",
        "Content-Language: de", body=b"new"))
    response = client.get("/a", "Accept-Language: fr;q=0.5, de")
    equal(response.body, b"new")
    eventually(lambda: client.get("/a", "Accept-Language: x;q=0.1, de").body
               == b"new", "the alias leads to the new variant")


def test_a_confirmed_variant_is_of_use_to_both(t):
    origin = t.origin()
    origin.on("/a", revalidating(
        b"de", '"1"', "Cache-Control: max-age=10", "Vary: Accept-Language",
        "Content-Language: de"))
    client = t.client(t.larder(origin, conf=CONTROL))
    client.get("/a", "Accept-Language: en, de")
    wait_landed(t.larders[0])
    t.clock.advance(20)
    new = "Accept-Language: fr;q=0.5, de"
    equal(client.get("/a", new).body, b"de")
    equal(origin.requests[-1].get("If-None-Match"), '"1"')
    for asked in (new, "Accept-Language: en, de"):
        equal(wait_hit(client, "/a", asked).body, b"de")


def test_a_304_may_change_the_language(t):  # RFC 9111 3.2
    origin, client = stored(t, "Accept-Language: en, de",
                            control='max-age=10\r\nETag: "1"')
    t.clock.advance(20)
    origin.on("/a", revalidating(
        b"fr", '"1"', "Cache-Control: max-age=60", "Vary: Accept-Language",
        "Content-Language: fr"))
    client.get("/a", "Accept-Language: en, de")
    wait_hit(client, "/a", "Accept-Language: en, de")
    wait_landed(t.larders[0])
    true(not asks(client, "Accept-Language: x;q=0.1, de"), "not German")


def test_invalidation_takes_the_aliases_along(t):  # RFC 9111 4.4
    origin, client = stored(t, "Accept-Language: en, de")
    equal(client.request("POST", "/a", body=b"x").status, 200)
    true(not asks(client, "Accept-Language: fr;q=0.5, de"), "gone")
    origin.on("/a", negotiated(language="mi"))
    client.get("/a", "Accept-Language: mi")
    wait_landed(t.larders[0])
    true(not asks(client, "Accept-Language: fr;q=0.5, de"), "still")


def test_aliases_survive_a_restart(t):
    origin = t.origin()
    origin.on("/a", negotiated())
    larder = t.larder(origin, conf=CONTROL)
    client = t.client(larder)
    client.get("/a", "Accept-Language: en, de")
    wait_landed(t.larders[0])
    larder.stop()
    larder.start()
    true(asks(t.client(larder), "Accept-Language: fr;q=0.5, de"), "found")


run()
