"""larder passes the public suite http-cache-tests, but for what is said here.

Each required and each optimal test of the suite is a test here.  Those of
EXCUSED contradict a clause: they are expected to fail, and reported when they
do not.  Tests of the kind "check" ask what a cache does, with no answer being
wrong; they are only counted.
"""

import functools
import os
import sys

sys.path.insert(0, sys.path[0] + "/../support")
import runner
from suite import Suite

CONF = ("CacheControlTargets Larder-Cache-Control CDN-Cache-Control "
        "Surrogate-Control\n")
SURROGATE = "surrogate-control"  # not among what cache-tests.fyi shows

AGE = "RFC 9111 5.1: the first member counts, an invalid value is ignored"
CLOSED = ("RFC 9111 4.2.4, RFC 9110 15.6.3: nothing but an answer of the "
          "origin could pass, and there is none")
EXCUSED = {
    "304-etag-update-response-ETag":
        "RFC 9111 4.3.4: a 304 with another strong tag updates nothing",
    "age-parse-dup-0": AGE,
    "age-parse-dup-0-twoline": AGE,
    "age-parse-dup-old": AGE,
    "age-parse-float": AGE,
    "age-parse-negative": AGE,
    "age-parse-nonnumeric": AGE,
    "age-parse-numeric-parameter": AGE,
    "age-parse-parameter": AGE,
    "age-parse-prefix-twoline": AGE,
    "conditional-lm-fresh-no-lm":
        "RFC 9110 13.1.3, RFC 9111 4.3.2: Date is later than the condition",
    "headers-store-Transfer-Encoding":
        "RFC 9112 6.1, 7: a coding nobody knows cannot be decoded",
    "stale-close-must-revalidate": CLOSED,
    "stale-close-no-cache": CLOSED,
    "stale-close-proxy-revalidate": CLOSED,
    "stale-close-s-maxage=2": CLOSED,
}

def verdicts(tests, results):
    """id -> None when it passed, else what went wrong.  What a test means
    is unknown as long as one that it depends on fails."""
    @functools.lru_cache(maxsize=None)
    def trouble(name):
        if name not in results:
            return "it was not run"
        for other in tests[name]["depends_on"]:
            if trouble(other):
                return f"dependency failed: {other}"
        return None if results[name] is True else ": ".join(results[name])

    return {name: trouble(name) for name in tests}


def tap_line(number, name, trouble):
    """A failure that is expected is "not ok" with TODO, and no failure; a
    success that is not is "ok" with TODO, which counts as one."""
    line = f"{'not ok' if trouble else 'ok'} {number} - {name}"
    why = EXCUSED.get(name)
    return f"{line} # TODO {why}" if why else line


def counts(tests, verdict, kind, with_surrogate):
    """One line of what came out for a kind."""
    names = [name for name, test in tests.items() if test["kind"] == kind
             and (with_surrogate or test["group"] != SURROGATE)]
    passed = sum(verdict[name] is None for name in names)
    text = f"{kind}: {passed} of {len(names)} passed"
    if excused := sum(name in EXCUSED for name in names):
        text += f", {excused} excused"
    return text


def report(tests, verdict):
    binding = [n for n in sorted(tests) if tests[n]["kind"] != "check"]
    unknown = sorted(EXCUSED.keys() - set(binding))
    for number, name in enumerate(binding, 1):
        print(tap_line(number, name, verdict[name]))
        if verdict[name]:
            print(f"# {verdict[name]}")
    last = len(binding) + 1
    print(f"{'not ok' if unknown else 'ok'} {last} - "
          f"what is expected to fail is in the suite")
    for name in unknown:
        print(f"# {name}: no required or optimal test is called so")
    for with_surrogate in (False, True):
        print(f"#= {'with' if with_surrogate else 'without'} {SURROGATE}")
        for kind in ("required", "optimal", "check"):
            print("#=   " + counts(tests, verdict, kind, with_surrogate))
    print(f"1..{last}", flush=True)


def main(t):
    suite = Suite()
    url = t.first.enter_context(suite.origin(t.dir))
    larder = t.larder(conf=f"ProxyPass / {url}/\n{CONF}")
    results = suite.results(f"http://{larder.ip}:{larder.port}")
    larder.stop()
    tests = suite.tests()
    report(tests, verdicts(tests, results))


runner.demonstrate(main)
