"""Random steps for the cache, and how they are made few when they fail.

A step is a dict that says all there is to say of it: {"wait": seconds} or
a request with the answer that the origin would give ("plan").  So any
sequence of steps can be run again, or run in part.
"""

import email.utils

from cache_model import Answer

LIFETIMES = ("max-age=0", "max-age=10", "max-age=10", "max-age=60",
             "max-age=60", "max-age=1000", "Max-Age=60", "s-maxage=60",
             "max-age=10, s-maxage=60", "s-maxage=10, max-age=1000",
             "max-age=100000")
MODIFIERS = (("must-revalidate", 6), ("proxy-revalidate", 4), ("no-cache", 6),
             ("public", 8), ("no-store", 3), ("private", 3), ("immutable", 5),
             ("must-understand, no-store", 3), ('no-cache="x-some"', 4),
             ('private="x-some"', 4), ("stale-while-revalidate=30", 10),
             ("stale-if-error=30", 8), ("no-transform", 3))
ASKED = ("no-cache", "no-store", "max-age=0", "max-age=5", "max-age=30",
         "max-stale", "max-stale=5", "max-stale=100", "min-fresh=5",
         "min-fresh=50", "only-if-cached", "only-if-cached, max-stale",
         "max-age=20, min-fresh=10", "No-Cache", "only-if-cached, no-cache",
         "no-transform")
KINDS = ("one", "two", "one, two", "one,two")
CODINGS = ("gzip", "gzip, br", "br,gzip", "GZIP , br;q=1.0")
WAITS = (1, 3, 5, 9, 10, 11, 20, 30, 59, 60, 61, 100, 400, 1000, 5000, 90000)
STATUSES = (200,) * 14 + (203, 204, 301, 302, 404, 410, 403, 299, 500)


def maybe(random, percent):
    return random.random() * 100 < percent


def random_control(random):
    parts = [random.choice(LIFETIMES)] if maybe(random, 75) else []
    if maybe(random, 60):
        parts += [m for m, percent in MODIFIERS if maybe(random, percent)]
    for named in ('no-cache="x-some"', 'private="x-some"'):
        if named in parts and named.partition("=")[0] in parts:
            parts.remove(named)  # of both, no rule says what holds
    random.shuffle(parts)
    return random.choice((", ", ", ", ",")).join(parts)


def random_plan(random):
    plan = {"status": random.choice(STATUSES), "size": random.choice(
        (10, 20, 50, 100, 300, 5000, 20000) if maybe(random, 20) else (20,))}
    fields = plan["fields"] = {}
    if control := random_control(random):
        fields["cache-control"] = control
    if maybe(random, 25):
        fields["expires"] = random.choice((-10, 0, 10, 60, 1000, "0"))
    if maybe(random, 40):
        fields["last-modified"] = random.choice((-5, -100, -1000, -50000))
    if maybe(random, 55):
        fields["etag"] = random.choice(("strong", "strong", "weak"))
    if maybe(random, 15):
        fields["age"] = random.choice((1, 5, 30, 70))
    fields["date"] = random.choice((0,) * 8 + (-3, -20))
    if maybe(random, 35):
        fields["vary"] = random.choice(
            ("x-kind", "x-kind", "X-Other, X-Kind", "x-other",
             "accept-encoding", "*"))
    if maybe(random, 30):
        fields["x-some"] = "private"
    plan["validating"] = random.choices(
        ("same", "whole", "other", 500, 503, 0), (12, 5, 1, 2, 2, 2))[0]
    plan["fails"] = random.choices((None, 500, 0), (30, 1, 1))[0]
    if maybe(random, 50):
        plan["304"] = {"cache-control": random_control(random)}
        if not plan["304"]["cache-control"]:
            del plan["304"]["cache-control"]
    return plan


def random_condition(random, fields):
    fields.update(random.choice((
        {"if-none-match": "last"}, {"if-none-match": "last"},
        {"if-none-match": '"x", last'}, {"if-none-match": '"x"'},
        {"if-none-match": "*"}, {"if-modified-since": -5},
        {"if-modified-since": -2000},
        {"if-none-match": '"x"', "if-modified-since": 0})))


def random_request(random, number):
    fields = {}
    if maybe(random, 25):
        fields["cache-control"] = random.choice(ASKED)
    if maybe(random, 3):
        fields["pragma"] = "no-cache"
    if maybe(random, 5):
        fields["authorization"] = "Basic Zm9v"
    if maybe(random, 30):
        fields["x-kind"] = random.choice(KINDS)
    if maybe(random, 10):
        fields["x-other"] = random.choice(("1", "2"))
    if maybe(random, 15):
        fields["accept-encoding"] = random.choice(CODINGS)
    if maybe(random, 10):
        random_condition(random, fields)
    if maybe(random, 5):
        fields["range"] = random.choice(("bytes=0-0", "bytes=2-9"))
    step = {"number": number, "method": "GET", "fields": fields,
            "path": random.choice((0, 0, 0, 1)), "plan": random_plan(random)}
    if maybe(random, 4):
        step["method"] = random.choice(("POST", "PUT", "DELETE"))
        step["fields"] = {}
        step["plan"]["status"] = random.choice((200, 201, 204, 303, 404, 500))
        if maybe(random, 30):
            step["plan"]["fields"]["location"] = 1
    return step


def random_steps(random, most=24):
    """Requests, and time that passes between them."""
    steps = []
    for number in range(1, random.randint(3, most) + 1):
        steps.append(random_request(random, number))
        if maybe(random, 35):
            steps.append({"wait": random.choice(WAITS)})
    return steps


# ---- what a plan says, at a moment ----

def http(now, offset):
    return email.utils.formatdate(now + offset, usegmt=True)


def planned(step, prefix, conditions, now):
    """The origin's answer to the step's request with these conditions."""
    plan, number = step["plan"], step["number"]
    if plan["fails"] is not None:
        return failure(plan["fails"], number, now)
    if conditions and step["method"] == "GET":
        if plan["validating"] in ("same", "other"):
            return not_modified(plan, conditions, now)
        if plan["validating"] != "whole":
            return failure(plan["validating"], number, now)
    fields = {n: made(n, v, number, prefix, now)
              for n, v in plan["fields"].items()}
    fields["x-mark"] = str(number)
    body = b"" if plan["status"] == 204 else (
        b"%d:" % number + b"abcdefghij" * (plan["size"] // 10))
    return Answer(plan["status"], fields, body)


def failure(status, number, now):
    return Answer(status, {"date": http(now, 0), "x-mark": str(number)},
                  b"failed %d" % number)


def not_modified(plan, conditions, now):
    fields = {"date": http(now, 0), **plan.get("304", {})}
    if plan["validating"] == "other":
        fields["etag"] = '"other"'
    elif "if-none-match" in conditions:
        fields["etag"] = conditions["if-none-match"]
    else:
        fields["last-modified"] = conditions["if-modified-since"]
    return Answer(304, fields)


def made(name, value, number, prefix, now):
    if name == "etag":
        return f'W/"{number}"' if value == "weak" else f'"{number}"'
    if name == "location":
        return f"{prefix}{value}"
    if name in ("date", "expires", "last-modified") and (
            isinstance(value, int)):
        return http(now, value)
    return str(value)


# ---- fewer steps ----

def shrink(steps, fails):
    """A short sequence that still fails: steps, then fields, are left out
    as long as fails(steps) says so."""
    size = max(1, len(steps) // 2)
    while size:
        start = 0
        while start < len(steps):
            fewer = steps[:start] + steps[start + size:]
            if fewer and fails(fewer):
                steps = fewer
            else:
                start += size
        size //= 2
    for index, step in enumerate(steps):
        for fewer_fields in simpler(step):
            fewer = steps[:index] + [fewer_fields(steps[index])
                                     ] + steps[index + 1:]
            if fails(fewer):
                steps = fewer
    return steps


def simpler(step):
    """Functions that leave one field of it out."""
    if "wait" in step:
        return
    for name in step["fields"]:
        yield lambda s, n=name: {**s, "fields": without(s["fields"], n)}
    for name in set(step["plan"]["fields"]) - {"date"}:
        yield lambda s, n=name: {**s, "plan": {
            **s["plan"], "fields": without(s["plan"]["fields"], n)}}
    if "304" in step["plan"]:
        yield lambda s: {**s, "plan": without(s["plan"], "304")}


def without(fields, name):
    return {n: v for n, v in fields.items() if n != name}


def readable(step):
    if "wait" in step:
        return f"{step['wait']} s pass"
    plan = dict(step["plan"])
    return (f"{step['method']} {step['path']} {step['fields'] or ''}\n"
            f"      origin, if asked: {plan.pop('status')} {plan}")
