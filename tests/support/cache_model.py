"""What a shared cache does, slowly and obviously (RFC 9111).

A model to compare larder with; it was written from the RFCs, not from
larder.  It keeps all it stores in lists, knows no sockets, and is told the
time.  Where the RFCs leave a choice, Choices names the one that larder's
documentation makes.

A message's fields are a dict from lower-case name to value, dates are
seconds since 1970.
"""

import calendar
import email.utils
import re
from dataclasses import dataclass, field

HEURISTIC = {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501}
UNDERSTOOD = HEURISTIC | {302, 303, 307, 400, 401, 403, 500, 502, 503, 504}
PLAIN_LISTS = {"x-kind", "x-other"}


@dataclass
class Choices:
    """What docs/directives.md lets an administrator decide."""
    default_expire: int = 3600
    min_expire: int = 0
    max_expire: int = 86400
    factor: float = 0.1
    ignore_no_last_mod: bool = False
    ignore_cache_control: bool = False
    store_expired: bool = False
    store_no_store: bool = False
    store_private: bool = False
    stale_on_error: bool = True


@dataclass
class Answer:
    """A response; status 0 is an origin that fails."""
    status: int
    fields: dict
    body: bytes = b""


@dataclass
class Stored:
    answer: Answer
    names: tuple  # of Vary
    values: tuple  # the request's, normalised
    at: int  # when it came
    initial_age: int
    number: int  # the order of storing

    @property
    def date(self):
        return http_date(self.answer.fields["date"])

    def age(self, now):  # 4.2.3
        return self.initial_age + now - self.at


@dataclass
class Outcome:
    """What the client is to get, and what the origin was asked."""
    status: int
    body: bytes
    fields: dict
    hit: bool = False
    age: int = None
    asked: list = field(default_factory=list)  # conditions, one dict each
    refreshed: bool = False  # the last of asked came behind the answer


# ---- reading fields ----

def http_date(text):
    """Seconds, or None for what is no date."""
    if text is None:
        return None
    parts = email.utils.parsedate(text)
    return calendar.timegm(parts) if parts and " " in text else None


DIRECTIVE = re.compile(r'\s*([\w-]+)\s*(?:=\s*("[^"]*"|[^\s,]*))?\s*(?:,|$)')


def control(fields):
    """Cache-Control as a dict: None for a directive without argument."""
    found = {}
    for match in DIRECTIVE.finditer(fields.get("cache-control", "")):
        name, value = match.group(1).lower(), match.group(2)
        if found.get(name, "") is not None:  # the whole outranks fields
            found[name] = value and value.strip('"')
    return found


def seconds(directives, name):
    value = directives.get(name)
    return int(value) if value is not None else None


def names(value):
    return {name.strip().lower() for name in (value or "").split(",")} - {""}


def normal(name, value):
    """Of two values that are one for Vary (4.1), the same text."""
    if value is None:
        return None
    members = [re.sub(r"\s+", "", member).lower() if name not in PLAIN_LISTS
               else member.strip() for member in value.split(",")]
    if name in PLAIN_LISTS:
        return ",".join(members)
    return ",".join(sorted(re.sub(r";q=1(\.0+)?$", "", m) for m in members))


def same_tag(one, other):
    """Weak comparison (RFC 9110 8.8.3.2)."""
    return one.removeprefix("W/") == other.removeprefix("W/")


# ---- the rules ----

class Model:
    def __init__(self, choices):
        self.choices = choices
        self.kept = {}  # path -> [Stored, ...]
        self.listed = {}  # path -> names of Vary, the newest first
        self.count = 0

    # -- 3: storing --

    def may_store(self, fields, answer, now):
        """fields: the request's.  3, 3.5, 5.2.2."""
        return (answer.status not in (206, 304)
                and not self.is_forbidden(answer)
                and not self.is_forbidden_by(fields, answer)
                and self.has_reason(answer, control(answer.fields), now))

    def is_forbidden(self, answer):
        """By the answer itself."""
        choices, cc = self.choices, control(answer.fields)
        understood = answer.status in UNDERSTOOD
        if "must-understand" in cc and not understood:  # 5.2.2.3
            return True
        if ("no-store" in cc and not choices.store_no_store
                and "must-understand" not in cc):
            return True
        if "private" in cc and not cc["private"] and not choices.store_private:
            return True
        return answer.fields.get("vary") == "*"

    def is_forbidden_by(self, fields, answer):
        """By the request's fields."""
        if "no-store" in control(fields) and not self.choices.store_no_store:
            # 5.2.1.5; CacheStoreNoStore is about requests, too
            return True
        return "authorization" in fields and not (
            {"public", "s-maxage", "must-revalidate"}
            & set(control(answer.fields)))

    def has_reason(self, answer, cc, now):
        stated = self.stated_lifetime(answer, cc, now)
        validators = {"last-modified", "etag"} & set(answer.fields)
        if stated is None and "public" not in cc and (
                answer.status not in HEURISTIC):
            return False
        if stated is None and not self.choices.ignore_no_last_mod and (
                not validators):
            return False  # CacheIgnoreNoLastMod
        if self.choices.store_expired:
            return True
        if cc.get("no-cache", "") is None and not validators:
            return False  # larder: it could never be used
        return stated is None or self.is_of_use(answer, cc, stated, now)

    def is_of_use(self, answer, cc, stated, now):
        """CacheStoreExpired Off: what is stale at once is kept only if it
        may be served so, or if it is not Expires that says it and there is
        something to validate."""
        window = max(seconds(cc, "stale-while-revalidate") or 0,
                     seconds(cc, "stale-if-error") or 0)
        if cc.get("no-cache", "") is None:
            window = 0
        return (stated + window > initial_age(answer, now) or
                (bool({"last-modified", "etag"} & set(answer.fields))
                 and bool({"max-age", "s-maxage"} & set(cc))))

    def stated_lifetime(self, answer, cc, now):  # 4.2.1
        for name in ("s-maxage", "max-age"):
            if name in cc:
                return seconds(cc, name)
        if "expires" not in answer.fields:
            return None
        expires = http_date(answer.fields["expires"])
        date = http_date(answer.fields.get("date"))
        if expires is None:  # 5.3
            return 0
        return max(0, expires - (now if date is None else date))

    def lifetime(self, answer, now):
        choices, cc = self.choices, control(answer.fields)
        life = self.stated_lifetime(answer, cc, now)
        if life is None:
            if answer.status not in HEURISTIC and "public" not in cc:
                return 0  # 4.2.2
            life = max(self.heuristic(answer, now), choices.min_expire)
        # CacheMaxExpire counts from when it came
        return min(life, choices.max_expire + initial_age(answer, now))

    def heuristic(self, answer, now):  # 4.2.2
        changed = http_date(answer.fields.get("last-modified"))
        if changed is None:
            # larder: only where CacheIgnoreNoLastMod lets it be kept
            return (self.choices.default_expire
                    if self.choices.ignore_no_last_mod else 0)
        date = http_date(answer.fields["date"])
        return int(max(0, date - changed) * self.choices.factor)

    def store(self, path, fields, answer, now):
        held = names(answer.fields.get("vary"))
        key = tuple(sorted(held))
        values = tuple(normal(n, fields.get(n)) for n in key)
        self.list_names(path, key)
        kept = [s for s in self.kept.get(path, [])
                if (s.names, s.values) != (key, values)]
        self.count += 1
        new = Stored(without_some(answer, self.choices), key, values, now,
                     initial_age(answer, now), self.count)
        self.kept[path] = kept + [new]
        return new

    def list_names(self, path, key):
        """larder: what varies and what does not hide each other."""
        listed = self.listed.get(path, [])
        if () in listed or key == ():
            listed = []
        self.listed[path] = [key] + [k for k in listed if k != key]

    # -- 4: reusing --

    def select(self, path, fields):  # 4.1; 4: the most recent
        """As Date says; of equals, larder: the one whose list of names came
        last with any response."""
        suitable = [
            stored for listed in self.listed.get(path, [])
            for stored in self.kept[path]
            if stored.names == listed and stored.values == tuple(
                normal(n, fields.get(n)) for n in listed)]
        return max(suitable, default=None, key=lambda stored: http_date(
            stored.answer.fields["date"]))

    def stale_is_forbidden(self, stored):  # 4.2.4
        return bool({"must-revalidate", "proxy-revalidate", "s-maxage",
                     "no-cache"} & set(self.reuse_control(stored)))

    def reuse_control(self, stored):
        """no-cache with field names: the fields are left out, the rest may
        be used (5.2.2.4)."""
        cc = control(stored.answer.fields)
        if cc.get("no-cache"):
            del cc["no-cache"]
        return cc

    def request_control(self, fields):
        cc = control(fields)
        if "cache-control" not in fields and (
                fields.get("pragma") == "no-cache"):  # 5.4
            cc["no-cache"] = None
        if self.choices.ignore_cache_control:
            for name in ("no-cache", "max-age", "min-fresh"):
                cc.pop(name, None)
        return cc

    def verdict(self, stored, rcc, now):
        """"fresh", "stale" (and to be refreshed) or "ask"."""
        cc = self.reuse_control(stored)
        age, life = stored.age(now), self.lifetime(stored.answer, stored.at)
        if "no-cache" in cc or "no-cache" in rcc:
            return "ask"
        if "immutable" in cc and age < life:
            rcc.pop("max-age", None)  # a reload does not ask (RFC 8246 2)
        if "max-age" in rcc and (age > seconds(rcc, "max-age") or
                                 seconds(rcc, "max-age") == 0):
            return "ask"  # larder: 0 even within the same second
        if "min-fresh" in rcc and life - age < seconds(rcc, "min-fresh"):
            return "ask"
        if age < life:
            return "fresh"
        if self.stale_is_forbidden(stored):
            return "ask"
        if "max-stale" in rcc and (rcc["max-stale"] is None or
                                   age - life <= seconds(rcc, "max-stale")):
            return "fresh"
        if "max-age" in rcc:  # 5.2.1.1: nothing stale
            return "ask"
        window = seconds(cc, "stale-while-revalidate")  # RFC 5861 3
        if window is not None and age < life + window:
            return "stale"
        return "ask"

    def covers_error(self, stored, rcc, now):  # RFC 5861 4
        if self.stale_is_forbidden(stored) or (
                {"no-cache", "max-age", "min-fresh"} & set(rcc)):
            return False
        if self.choices.stale_on_error:
            return True
        window = seconds(control(stored.answer.fields), "stale-if-error")
        over = stored.age(now) - self.lifetime(stored.answer, stored.at)
        return window is not None and over < window

    # -- a request --

    def request(self, method, path, fields, origin, now):
        """origin: a function of the conditions, a dict, that answers."""
        if method != "GET":
            return self.unsafe(path, origin)
        rcc = self.request_control(fields)
        stored = self.select(path, fields)
        said = self.verdict(stored, dict(rcc), now) if stored else "ask"
        if said == "fresh":
            return self.serve(stored, fields, now, hit=True)
        if said == "stale":
            outcome = self.serve(stored, fields, now, hit=True)
            behind = self.fetch(path, plain(fields), stored, origin, now)
            outcome.asked, outcome.refreshed = behind.asked, True
            return outcome
        if "only-if-cached" in rcc:  # 5.2.1.7
            return Outcome(504, None, {})
        return self.fetch(path, fields, stored, origin, now)

    def unsafe(self, path, origin):  # 4.4
        answer = origin({})
        if answer.status == 0:
            return Outcome(502, None, {}, asked=[{}])
        if 200 <= answer.status < 400:
            for gone in (path, answer.fields.get("location"),
                         answer.fields.get("content-location")):
                self.kept.pop(gone, None)
                self.listed.pop(gone, None)
        return Outcome(answer.status, answer.body, answer.fields, asked=[{}])

    def fetch(self, path, fields, stored, origin, now):
        theirs = {n: v for n, v in fields.items()
                  if n in ("if-none-match", "if-modified-since")}
        conditions = own_conditions(stored) if stored else theirs
        asked = [conditions]
        answer = origin(conditions)
        if answer.status == 304 and stored:
            if selects(answer, stored):
                new = self.freshen(path, fields, stored, answer, now)
                outcome = self.serve(new, fields, now)
                outcome.asked = asked
                return outcome
            asked.append(theirs)
            answer = origin(theirs)
            stored = None  # larder: known to be another, it is not shown
        if (answer.status == 0 or answer.status >= 500) and stored and (
                self.covers_error(
                    stored, self.request_control(fields), now)):
            outcome = self.serve(stored, fields, now)
            outcome.asked = asked
            return outcome
        if answer.status == 0:
            return Outcome(502, None, {}, asked=asked)
        outcome = self.take(path, fields, stored, answer, now)
        outcome.asked = asked
        return outcome

    def take(self, path, fields, stored, answer, now):
        """A whole answer of the origin: stored if it may be.  One that is
        not is passed on as it came, the client's condition or not."""
        if not self.may_store(fields, answer, now):
            if (stored and tells_of_resource(answer.status)
                    and not self.may_store({}, answer, now)):
                self.drop(path, stored)  # 4.3.3: it is not suitable
            return Outcome(answer.status, answer.body, answer.fields)
        self.store(path, fields, answer, now)
        as_it_came = names_fields(answer)  # larder: and all of it
        if holds(answer, fields) and not as_it_came:  # 4.3.2
            return Outcome(304, b"", answer.fields)
        return Outcome(answer.status, answer.body, answer.fields)

    def freshen(self, path, asked_by, stored, answer, now):  # 4.3.4, 3.2
        fields = dict(stored.answer.fields)
        fields.pop("age", None)
        fields.update(answer.fields)
        merged = Answer(stored.answer.status, fields, stored.answer.body)
        forbidden = self.is_forbidden(merged)
        keep = not forbidden and not self.is_forbidden_by(asked_by, merged)
        if forbidden:
            self.drop(path, stored)
        elif keep:
            self.kept[path].remove(stored)
        self.count += 1
        new = Stored(without_some(merged, self.choices), stored.names,
                     stored.values, now, initial_age(answer, now), self.count)
        if keep:
            self.kept[path].append(new)
        return new

    def drop(self, path, stored):
        if stored.names:
            self.kept[path].remove(stored)
        else:  # larder: variants that are older than it go along
            self.kept.pop(path)
            self.listed.pop(path)

    def serve(self, stored, fields, now, hit=False):
        answer = stored.answer
        age = stored.age(now)
        if holds(answer, fields):  # 4.3.2
            return Outcome(304, b"", answer.fields, hit, age)
        part = hit and wanted_part(answer, fields)
        if part:
            return Outcome(206, part, answer.fields, hit, age)
        return Outcome(answer.status, answer.body, answer.fields, hit, age)


def tells_of_resource(status):
    """And not of the request, or of the server's state."""
    return 200 <= status < 300 and status != 206 or status in (
        301, 308, 404, 410)


def plain(fields):
    """A refresh has the request's selecting fields, and no conditions."""
    return {n: v for n, v in fields.items()
            if not n.startswith("if-") and n != "range"}


def initial_age(answer, now):  # 4.2.3, without a delay
    date = http_date(answer.fields.get("date"))
    apparent = max(0, now - date) if date is not None else 0
    return max(apparent, int(answer.fields.get("age", 0)))


def names_fields(answer):
    """Does it restrict fields by name (5.2.2.4, 5.2.2.7)?"""
    cc = control(answer.fields)
    return bool(cc.get("no-cache") or cc.get("private"))


def without_some(answer, choices):
    """What is kept of it: not what no-cache or private name."""
    cc = control(answer.fields)
    gone = names(cc.get("no-cache"))
    if not choices.store_private:
        gone |= names(cc.get("private"))
    fields = {n: v for n, v in answer.fields.items() if n not in gone}
    return Answer(answer.status, fields, answer.body)


def own_conditions(stored):  # 4.3.1
    conditions = {}
    if "etag" in stored.answer.fields:
        conditions["if-none-match"] = stored.answer.fields["etag"]
    if "last-modified" in stored.answer.fields:
        conditions["if-modified-since"] = stored.answer.fields["last-modified"]
    return conditions


def selects(answer, stored):  # 4.3.3
    for name in ("etag", "last-modified"):
        if name in answer.fields:
            return answer.fields[name] == stored.answer.fields.get(name)
    return True


def holds(answer, fields):
    """Does the client have it already (RFC 9110 13.2)?"""
    if not 200 <= answer.status < 300:  # 13.2.1
        return False
    wanted = fields.get("if-none-match")
    if wanted is not None:
        tag = answer.fields.get("etag")
        return wanted == "*" or (tag is not None and any(
            same_tag(tag, t.strip()) for t in wanted.split(",")))
    since = http_date(fields.get("if-modified-since"))
    changed = http_date(answer.fields.get(
        "last-modified", answer.fields["date"]))  # RFC 9111 4.3.2
    return since is not None and changed is not None and changed <= since


def wanted_part(answer, fields):
    """The bytes of a single satisfiable range (RFC 9110 14)."""
    match = re.fullmatch(r"bytes=(\d+)-(\d+)", fields.get("range", ""))
    if not match or answer.status != 200:
        return None
    first, last = int(match.group(1)), int(match.group(2))
    return answer.body[first:last + 1] if first <= last else None
