"""The same cache section does the same in Apache and in larder.

Both stand before an origin of their own and are asked the same.  Of each
request it is told whether the origin was asked ("miss"), was asked about
what is stored ("validated"), or was not asked ("hit"), and the status that
the client got.  Where the two differ, a table says why; a difference
that it does not have fails, as does an entry that is none.  The reasons
stand in docs/architecture.md, too.

Real time goes by, since Apache knows no other: what is to be stale is sent
with an Age.
"""

import os
import sys

sys.path.insert(0, sys.path[0] + "/../support")
import apache
from model_wire import Control
from origin import reply
from runner import Skip, equal, eventually, run

# What an administrator writes.
SECTION = """\
CacheQuickHandler off
CacheRoot {cache}
CacheEnable disk /
CacheLock on
CacheLockPath {cache}/locks
CacheLockMaxAge 5
{settings}
CacheDefaultExpire 3600
CacheMaxExpire 86400
CacheLastModifiedFactor 0.1
ProxyPass / {origin}/
ProxyPassReverse / {origin}/
"""

AGED = "Age: 100"
TAG = 'ETag: "1"'
MINUTE, HOUR = "Cache-Control: max-age=60", "Cache-Control: max-age=3600"
BASIC = "Authorization: Basic Zm9v"


class Case:
    """A resource, and what is asked of it: for each request its fields, or
    method and fields."""

    def __init__(self, *fields, ask=((), ()), then=None, query="", **more):
        self.fields, self.more, self.ask = fields, more, ask
        self.query = query
        self.then = then  # the answer to all but the first request

    def script(self, clock):
        """The origin's answers: 304 to whoever names the validator."""
        more = dict(body=b"some body", **self.more)
        fields = [dated(field, clock) for field in self.fields]
        tag, changed = value_of(fields, "ETag"), value_of(
            fields, "Last-Modified")

        def first(request):
            same = (tag and request.get("If-None-Match") == tag or
                    changed and request.get("If-Modified-Since") == changed)
            if same and more.get("status", 200) == 200:
                return reply(*fields, **dict(more, status=304))
            return reply(*fields, **more)
        return [first, self.then] if self.then else [first]


def dated(field, clock):
    """"Expires: @60" is 60 s from now."""
    name, _, seconds = field.partition("@")
    return name + clock.date(int(seconds)) if seconds else field


def value_of(fields, name):
    return next((f.partition(": ")[2] for f in fields
                 if f.startswith(name + ":")), None)


def says(control):
    return ("Cache-Control: " + control,)


def statuses(control, *wanted):
    fields = ["Cache-Control: " + control] if control else []
    return {f"{status} {control or 'without freshness'}":
            Case(*fields, "Location: /elsewhere", status=status)
            for status in wanted}


LONG_AGO = "Last-Modified: @-864000"
STALE = (MINUTE, AGED, TAG)

CASES = {
    # how long it is fresh
    "max-age": Case(MINUTE),
    "s-maxage": Case("Cache-Control: s-maxage=60"),
    "s-maxage beside max-age=0": Case("Cache-Control: max-age=0, s-maxage=60"),
    "Expires": Case("Expires: @3600"),
    "Expires in the past": Case("Expires: @-60"),
    "Expires in the past, ETag": Case("Expires: @-60", TAG),
    "Expires 0, ETag": Case("Expires: 0", TAG),
    "Expires in the past, max-age": Case("Expires: @-60", MINUTE),
    "Last-Modified": Case(LONG_AGO),
    "Last-Modified just now": Case("Last-Modified: @0"),
    "ETag alone": Case(TAG),
    "nothing": Case(),
    "max-age=0": Case("Cache-Control: max-age=0"),
    "max-age=0, ETag": Case("Cache-Control: max-age=0", TAG),
    "no-cache": Case("Cache-Control: no-cache"),
    "no-cache, ETag": Case("Cache-Control: no-cache", TAG),
    "Age beyond max-age": Case(MINUTE, AGED),
    "Age beyond max-age, ETag": Case(*STALE),
    "Age beyond max-age, Last-Modified": Case(MINUTE, AGED, LONG_AGO),
    "Age beyond max-age, must-revalidate": Case(
        "Cache-Control: max-age=60, must-revalidate", AGED, TAG),
    "stale-while-revalidate": Case(
        "Cache-Control: max-age=60, stale-while-revalidate=600", AGED, TAG),
    # what the request wants
    "asked with no-cache": Case(HOUR, TAG, ask=((), says("no-cache"))),
    "asked with Pragma": Case(HOUR, TAG, ask=((), ("Pragma: no-cache",))),
    "asked with max-age=0": Case(HOUR, TAG, ask=((), says("max-age=0"))),
    "asked with max-age, too old": Case(
        HOUR, TAG, AGED, ask=((), says("max-age=10"))),
    "asked with max-age, young": Case(
        HOUR, TAG, AGED, ask=((), says("max-age=1000"))),
    "asked with min-fresh, fresh": Case(
        HOUR, TAG, ask=((), says("min-fresh=60"))),
    "asked with min-fresh, not enough": Case(
        HOUR, TAG, ask=((), says("min-fresh=7200"))),
    "asked with max-stale": Case(*STALE, ask=((), says("max-stale"))),
    "asked with max-stale, enough": Case(
        *STALE, ask=((), says("max-stale=1000"))),
    "asked with max-stale, not enough": Case(
        *STALE, ask=((), says("max-stale=10"))),
    "asked with no-store first": Case(HOUR, TAG, ask=(says("no-store"), ())),
    "asked with no-store": Case(HOUR, TAG, ask=((), says("no-store"))),
    "asked with only-if-cached, nothing there": Case(
        HOUR, ask=(says("only-if-cached"),)),
    "asked with only-if-cached": Case(HOUR, ask=((), says("only-if-cached"))),
    "asked with only-if-cached, stale": Case(
        *STALE, ask=((), says("only-if-cached"))),
    # what may be stored
    "no-store": Case("Cache-Control: no-store, max-age=60"),
    "private": Case("Cache-Control: private, max-age=60"),
    "private field": Case('Cache-Control: private="x-a", max-age=60',
                          "X-A: b"),
    "Authorization": Case(MINUTE, ask=((BASIC,), (BASIC,))),
    "Authorization, public": Case("Cache-Control: public, max-age=60",
                                  ask=((BASIC,), (BASIC,))),
    "Authorization, s-maxage": Case("Cache-Control: s-maxage=60",
                                    ask=((BASIC,), (BASIC,))),
    "Authorization, must-revalidate": Case(
        "Cache-Control: must-revalidate, max-age=60", ask=((BASIC,), (BASIC,))),
    "Authorization, stored before": Case(MINUTE, ask=((), (BASIC,))),
    "Set-Cookie": Case(MINUTE, "Set-Cookie: a=b"),
    "Vary": Case(MINUTE, "Vary: X-Kind", ask=(
        ("X-Kind: 1",), ("X-Kind: 2",), ("X-Kind: 1",))),
    "Vary, the blanks differ": Case(MINUTE, "Vary: Accept-Encoding", ask=(
        ("Accept-Encoding: gzip, br",), ("Accept-Encoding: br,gzip",))),
    "Vary: *": Case(MINUTE, "Vary: *"),
    "query": Case(MINUTE, query="?a"),
    "query, Last-Modified": Case(LONG_AGO, query="?a"),
    "query, nothing": Case(query="?a"),
    **statuses("max-age=60", 203, 204, 300, 301, 302, 307, 308, 403, 404, 410,
               500, 503),
    **statuses("", 301, 302, 404, 500),
    # methods
    "HEAD first": Case(HOUR, ask=(("HEAD",), ())),
    "HEAD of what is stored": Case(HOUR, ask=((), ("HEAD",))),
    "POST": Case(HOUR, ask=((), ("POST",), ())),
    "POST that fails": Case(HOUR, ask=((), ("POST",), ()),
                            then=reply(status=500, body=b"no")),
    # parts and conditions
    "Range of what is stored": Case(HOUR, ask=((), ("Range: bytes=0-3",))),
    "If-None-Match, it is": Case(HOUR, TAG, ask=(
        (), ('If-None-Match: "1"',))),
    "If-None-Match, it is not": Case(HOUR, TAG, ask=(
        (), ('If-None-Match: "2"',))),
    "If-None-Match first": Case(HOUR, TAG, ask=(('If-None-Match: "2"',), ())),
    "If-None-Match, stale": Case(*STALE, ask=((), ('If-None-Match: "1"',))),
    "If-Modified-Since": Case(HOUR, LONG_AGO, ask=(
        (), ("If-Modified-Since: @0",))),
    # when it fails
    "stale, and the origin fails": Case(
        *STALE, then=reply(status=503, body=b"no")),
    "stale, must-revalidate, and the origin fails": Case(
        "Cache-Control: max-age=60, must-revalidate", AGED, TAG,
        then=reply(status=503, body=b"no")),
}


def outcome(origin, server, target, request, clock):
    """What became of one request, in two words."""
    method = "GET"
    if request and ":" not in request[0]:
        method, request = request[0], request[1:]
    request = [dated(field, clock) for field in request]
    before = origin.count(target)
    with server.client() as client:
        response = client.request(method, target, "Connection: close",
                                  *request)
    seen = [] if response.hit else origin.seen(target)[before:]
    sent = {field.partition(":")[0] for field in request}
    kind = "hit"
    if seen:
        own = any(seen[0].get(name) and name not in sent or
                  seen[0].get(name) not in (None, value_of(request, name))
                  for name in ("If-None-Match", "If-Modified-Since"))
        kind = "validated" if own else "miss"
    return f"{kind} {response.status}"


def in_apache(t, section):
    folder = os.path.join(t.dir, "apache")
    cache = os.path.join(folder, "cache")
    os.makedirs(os.path.join(cache, "locks"))
    for path in (t.dir, folder, cache, os.path.join(cache, "locks")):
        os.chmod(path, 0o777)
    origin = t.origin()
    server = apache.Apache(folder, section(cache, origin))
    t.stack.callback(server.stop)
    server.start()
    eventually(server.answers, "Apache to answer")
    return {name: sequence(origin, server, t.clock, number, case)
            for number, (name, case) in enumerate(CASES.items())}


def in_larder(t, section):
    origin = t.origin()
    cache = os.path.join(t.dir, "store")
    larder = t.larder(template=(
        "ServerName larder.test\nListen {listen}\nWorkerThreads 1\n"
        "CacheSize 64M\nControlSocket {dir}/control\nCacheSyncInterval 1ms\n"
        + section(cache, origin)))
    control = Control(os.path.join(larder.dir, "control"))
    t.first.callback(control.close)

    def settle():
        while control.flights():
            pass
    return {name: sequence(origin, larder, t.clock, number, case, settle)
            for number, (name, case) in enumerate(CASES.items())}


def sequence(origin, server, clock, number, case, settle=lambda: None):
    target = f"/{number}"
    origin.on(target, *case.script(clock))
    said = []
    for request in case.ask:
        said.append(outcome(origin, server, target + case.query, request,
                            clock))
        settle()
    return ", ".join(said)


# ---- where they differ: what Apache does, what larder does, and why ----

BOTH_MAY = "both may (RFC 9111 4.3.2); the stored one is at hand"
NO_DEFAULT = ("the manual gives CacheDefaultExpire to what CacheIgnoreNoLastMod"
              " lets in; an ETag says nothing of time (RFC 9111 4.2.2)")
RELOAD = "both may; a 304 spares the body (RFC 9111 4.3)"

ALWAYS = {
    "stale-while-revalidate": (
        "miss 200, validated 200", "miss 200, hit 200",
        "Apache does not know it (RFC 5861 3)"),
    "Vary, the blanks differ": (
        "miss 200, miss 200", "miss 200, hit 200",
        "these are the same request (RFC 9111 4.1)"),
    "204 max-age=60": (
        "miss 204, miss 204", "miss 204, hit 204",
        "a 204 with a lifetime may be stored (RFC 9111 3)"),
    "If-None-Match, it is not": (
        "miss 200, miss 200", "miss 200, hit 200", BOTH_MAY),
}
NOT_IGNORED = {
    "ETag alone": (
        "miss 200, hit 200", "miss 200, validated 200", NO_DEFAULT),
    "301 without freshness": (
        "miss 301, hit 301", "miss 301, miss 301",
        "CacheIgnoreNoLastMod speaks of all answers; Apache asks 200s alone"),
    "asked with no-cache": (
        "miss 200, miss 200", "miss 200, validated 200", RELOAD),
    "asked with Pragma": (
        "miss 200, miss 200", "miss 200, validated 200", RELOAD),
    "asked with no-store": (
        "miss 200, miss 200", "miss 200, hit 200",
        "both may: it forbids to store, not to answer (RFC 9111 5.2.1.5)"),
}
JUST_NOW = {
    "Last-Modified just now": (
        "miss 200, hit 200", "miss 200, validated 200",
        "the manual gives CacheDefaultExpire to what has no Last-Modified; a "
        "share of no time is none (RFC 9111 4.2.2)"),
}


def compare(t, settings, *tables):
    """Fails on the first case that is not as the tables say."""
    if not apache.program():
        raise Skip("there is no apache2 here")
    differences = {name: row for table in tables
                   for name, row in table.items()}

    def section(cache, origin):
        return (SECTION.replace("{cache}", cache)
                .replace("{origin}", origin.url)
                .replace("{settings}", settings))
    theirs, ours = in_apache(t, section), in_larder(t, section)
    wrong = []
    for name in CASES:
        want = differences.get(name, (theirs[name],) * 2)[:2]
        if (theirs[name], ours[name]) != want:
            wrong.append(f"{name}: Apache {theirs[name]}; larder "
                         f"{ours[name]}; the tables say {want}")
    equal("\n".join(wrong), "", "what differs otherwise than told")
    equal(set(differences) - set(CASES), set(), "told of no case")
    for name, (apaches, larders, _) in differences.items():
        equal(apaches != larders, True, f"{name} is a difference")


def test_with_the_usual_settings_they_do_the_same(t):
    compare(t, "", ALWAYS, NOT_IGNORED, JUST_NOW)


def test_what_a_client_wants_is_ignored_alike(t):
    compare(t, "CacheIgnoreNoLastMod On\nCacheIgnoreCacheControl On",
            ALWAYS, JUST_NOW, {
                "asked with no-store first": (
                    "miss 200, hit 200", "miss 200, miss 200",
                    "the manual leaves that to CacheStoreNoStore"),
                "404 without freshness": (
                    "miss 404, miss 404", "miss 404, hit 404",
                    "a 404 is heuristically cacheable (RFC 9110 15.1)"),
            })


def test_what_is_stale_or_secret_is_kept_alike(t):
    compare(t, "CacheStoreNoStore On\nCacheStorePrivate On\n"
            "CacheStoreExpired On\nCacheMinExpire 600\n"
            "CacheStaleOnError Off", ALWAYS, NOT_IGNORED, {
                "Expires 0, ETag": (
                    "miss 200, hit 200", "miss 200, validated 200",
                    "what is no date means the past (RFC 9111 5.3)"),
                "asked with no-store first": (
                    "miss 200, miss 200", "miss 200, hit 200",
                    "the manual lets CacheStoreNoStore store it"),
            })


run()
