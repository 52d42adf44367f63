#!/usr/bin/env python3
"""envload - Sentry-envelope load generator (stdlib only, one epoll loop per process).

Sends realistic `error` events (a FastAPI trading app: order routing, risk checks, venue
adapters) and, optionally, transactions to POST /api/<project>/envelope/ the way a stock
Sentry SDK does, and prints one JSON object with what the server answered and how fast.

    envload.py --dsn http://KEY@127.0.0.1:8000/1 --events 5000 --groups 100 --gzip
    envload.py --dsn ... --rate 200 --duration 60 --size 50k --transactions 0.2

Cheap by design, because it shares the machine with the server under test:
  * everything constant per issue is serialised (and deflated) once, before the clock runs;
  * only a ~450-byte prefix differs per event (event_id, timestamp, trace, user, tags, request);
    with --gzip that prefix is deflated with Z_FULL_FLUSH and glued to the ready-made, already
    deflated rest, which is one valid single-member gzip stream at ~1/10 of the cost;
  * non-blocking sockets on one epoll, keep-alive where the server allows it (a server that
    closes after each answer, such as gunicorn's sync worker, is reconnected to, and counted).

Latency is from write to full answer ("service").  With --rate, "from_schedule" is also given:
from the moment the event was due, so a stalled server cannot hide behind a stalled sender.
Rates are answers with status 200..299 divided by the time from first write to last answer.
"""

import argparse
import array
import errno
import json
import random
import select
import socket
import struct
import sys
import time
import zlib
from urllib.parse import urlsplit

# ------------------------------------------------------------------ the application we imitate
EXC = [  # every message carries {b}, a word of the issue's own: some peers group on type and message alone
    ("RiskLimitExceeded", "app.risk.limits", "Gross notional limit breached for book {b}: limit=2500000.00 USD"),
    ("OrderRejected", "app.venues.base", "Venue {v} rejected order: INSUFFICIENT_MARGIN (account {b})"),
    ("StaleQuoteError", "app.marketdata.book", "Top of book {b}/{s} is older than the allowed age"),
    ("VenueTimeout", "app.venues.http", "Timed out waiting for {v} order gateway {b}"),
    ("ValueError", None, "could not convert string to float: '' (field 'px_{b}' of {s})"),
    ("KeyError", None, "'{s}.{b}'"),
    ("ZeroDivisionError", None, "division by zero (strategy {b})"),
    ("DecimalException", "decimal", "quantize result has too many digits for {s} tick size in {b}"),
    (
        "OperationalError",
        "sqlalchemy.exc",
        "(psycopg.OperationalError) server closed the connection unexpectedly [book {b}]",
    ),
    ("ConnectionResetError", None, "[Errno 104] Connection reset by peer ({v}, session {b})"),
    ("DuplicateClientOrderId", "app.orders.ids", "clOrdId already live on {v}, session {b}"),
    ("AssertionError", None, "position and fills disagree for {s} in {b}"),
]
SYMS = ["BTC-USD", "ETH-USD", "SOL-USD", "ES=F", "NQ=F", "EURUSD", "AAPL", "MSFT", "NVDA", "TSLA", "XAUUSD", "CL=F"]
VENUES = ["binance", "coinbase", "kraken", "cme", "lmax", "nasdaq-itch", "bybit", "deribit"]
STRATS = ["mean_revert", "twap", "vwap", "pairs", "grid", "market_maker", "basis", "momentum", "iceberg", "pov"]

# (path under the app or site-packages, module, function, line, source line, in_app)
CHAIN = [
    (
        "starlette/middleware/errors.py",
        "starlette.middleware.errors",
        "__call__",
        165,
        "await self.app(scope, receive, _send)",
        False,
    ),
    (
        "starlette/middleware/exceptions.py",
        "starlette.middleware.exceptions",
        "__call__",
        62,
        "await wrap_app_handling_exceptions(self.app, conn)(scope, receive, send)",
        False,
    ),
    ("starlette/routing.py", "starlette.routing", "app", 758, "await route.handle(scope, receive, send)", False),
    ("starlette/routing.py", "starlette.routing", "handle", 276, "await self.app(scope, receive, send)", False),
    ("fastapi/routing.py", "fastapi.routing", "app", 301, "raw_response = await run_endpoint_function(", False),
    (
        "fastapi/routing.py",
        "fastapi.routing",
        "run_endpoint_function",
        212,
        "return await dependant.call(**values)",
        False,
    ),
    (
        "app/api/v1/orders.py",
        "app.api.v1.orders",
        "submit_order",
        88,
        "ack = await router.route(order, account=account)",
        True,
    ),
    (
        "app/routing/order_router.py",
        "app.routing.order_router",
        "route",
        141,
        "plan = await self._plan(order, self.book.snapshot())",
        True,
    ),
    (
        "app/routing/order_router.py",
        "app.routing.order_router",
        "_plan",
        203,
        "child = strategy.slice(order, snapshot)",
        True,
    ),
    (
        "app/strategies/@STRAT.py",
        "app.strategies.@STRAT",
        "slice_@G",
        57,
        "self.risk.pre_trade_check(order, qty=qty, px=px)",
        True,
    ),
    (
        "app/risk/engine.py",
        "app.risk.engine",
        "pre_trade_check",
        119,
        "exposure = self.exposure.after(order, qty, px)",
        True,
    ),
    (
        "app/risk/exposure.py",
        "app.risk.exposure",
        "after",
        74,
        "return self._mark(positions, self.marks.mid(order.symbol))",
        True,
    ),
    ("app/marketdata/marks.py", "app.marketdata.marks", "mid", 39, "bid, ask = self.books[symbol].top()", True),
    ("app/marketdata/book.py", "app.marketdata.book", "top_@G", 126, "return self._bids[0].px, self._asks[0].px", True),
    ("app/risk/limits.py", "app.risk.limits", "check_@G", 91, "raise self._breach(limit, observed)", True),
]
PRE = [
    '    async with self.tracer.span("risk.pre_trade") as span:',
    '        span.set("symbol", order.symbol)',
    "        positions = self.positions.for_book(order.book_id)",
    "        if positions is None:",
    "            positions = await self.store.load(order.book_id)",
]
POST = [
    "        if observed > limit.hard:",
    "            self.metrics.breaches.inc(order.book_id)",
    "            await self.kill_switch.trip(order.book_id, reason=limit.name)",
    "        return exposure",
    "",
]


SYL = [
    "ba",
    "ke",
    "li",
    "mo",
    "nu",
    "ra",
    "se",
    "ti",
    "vo",
    "zu",
    "da",
    "fe",
    "gi",
    "ho",
    "ju",
    "ka",
    "le",
    "ni",
    "po",
    "wa",
]


def word(g):
    """A name without digits per issue: peers that fold numbers when they group still see G issues."""
    return SYL[g % 20] + SYL[g // 20 % 20] + SYL[g // 400 % 20] + ("x" * (g // 8000))


def frames(g, big):
    strat, out = STRATS[g % len(STRATS)] + f"_{word(g)}", []
    for i, (path, mod, fn, line, src, app) in enumerate(CHAIN):
        path, mod, fn = (x.replace("@STRAT", strat).replace("@G", word(g)) for x in (path, mod, fn))
        f = {
            "filename": path,
            "module": mod,
            "function": fn,
            "lineno": line,
            "in_app": app,
            "context_line": "        " + src,
        }
        if big:
            f["abs_path"] = ("/srv/trading/" if app else "/usr/local/lib/python3.12/site-packages/") + path
            f["pre_context"] = [p + f"  # {fn}:{line - 5 + k}" for k, p in enumerate(PRE)]
            f["post_context"] = [p + f"  # {fn}:{line + 1 + k}" for k, p in enumerate(POST)]
            f["vars"] = {
                "self": f"<{mod}.{fn.title()} object at 0x7f3a{g:04x}{i:04x}>",
                "order": {
                    "cl_ord_id": "'ord-8f21ac77'",
                    "symbol": repr(SYMS[g % 12]),
                    "side": "'BUY'",
                    "qty": "Decimal('2.500')",
                    "px": "Decimal('64123.50')",
                    "tif": "'IOC'",
                    "account": "'acc-desk-07'",
                },
                "snapshot": [[f"Decimal('{64000 + k}.5')", "Decimal('0.75')"] for k in range(6)],
                "scope": {
                    "type": "'http'",
                    "path": "'/api/v1/orders'",
                    "headers": "[[b'host', b'oms'], [b'x-desk', b'7']]",
                },
            }
        elif app and i >= 9:
            f["pre_context"], f["post_context"] = [PRE[(i + g) % 5]], [POST[i % 4]]
        out.append(f)
    return out


def crumbs(g, n):
    kinds = [
        (
            "httplib",
            "http",
            lambda k: {
                "data": {
                    "url": f"https://api.{VENUES[(g + k) % 8]}.example/v3/depth",
                    "method": "GET",
                    "status_code": 200,
                }
            },
        ),
        (
            "query",
            "default",
            lambda k: {"message": f"SELECT qty, px FROM fills WHERE book_id = %s AND seq > {1000 + k}"},
        ),
        ("risk", "default", lambda k: {"message": f"pre-trade check {k} passed", "level": "info"}),
        ("marketdata", "default", lambda k: {"message": f"resync {SYMS[(g + k) % 12]} gap={k}", "level": "warning"}),
    ]
    out = []
    for k in range(n):
        cat, typ, extra = kinds[k % 4]
        out.append(
            {
                "timestamp": f"2026-01-05T09:30:{k % 60:02d}.{(k * 37) % 1000:03d}Z",
                "category": cat,
                "type": typ,
                **extra(k),
            }
        )
    return out


def event_rest(g, big):
    """Everything of an error event that is the same for each event of issue g."""
    typ, mod, msg = EXC[g % len(EXC)]
    sub = {"b": word(g).upper(), "v": VENUES[g % 8], "s": SYMS[g % 12]}
    tx = f"/api/v1/{STRATS[g % 10]}/{word(g)}/orders"
    ev = {
        "platform": "python",
        "level": "error",
        "logger": "app.oms",
        "transaction": tx,
        "transaction_info": {"source": "route"},
        "exception": {
            "values": [
                {
                    "type": typ,
                    "module": mod,
                    "value": msg.format(**sub),
                    "mechanism": {"type": "starlette", "handled": False},
                    "stacktrace": {"frames": frames(g, big)},
                }
            ]
        },
        "breadcrumbs": {"values": crumbs(g, 100 if big else 5)},
        "sdk": {
            "name": "sentry.python.fastapi",
            "version": "2.30.0",
            "packages": [{"name": "pypi:sentry-sdk", "version": "2.30.0"}],
        },
    }
    if big:
        ev["modules"] = {f"trading-lib-{k:03d}": f"{k % 9}.{k % 13}.{k % 7}" for k in range(200)}
        ev["extra"] = {
            "limits": {f"book-{k}": {"gross": 2500000 - k, "net": 400000 + k} for k in range(80)},
            "sys.argv": ["uvicorn", "app.main:app", "--workers", "4"],
        }
        ev["contexts"] = {"os": {"name": "Linux", "version": "6.8"}, "device": {"arch": "x86_64"}}
    return ev


def transaction_rest(g):
    spans = [
        {
            "span_id": f"{g:08x}{k:08x}",
            "parent_span_id": f"{g:08x}{0:08x}",
            "trace_id": f"{g:032x}",
            "op": op,
            "description": d,
            "start_timestamp": 1767605400.0 + k * 0.003,
            "timestamp": 1767605400.0004 + k * 0.003 + g % 17 * 0.0001,
            "status": "ok",
            "origin": "auto.db.sqlalchemy",
            "same_process_as_parent": True,
            "tags": {},
            "data": {
                "db.system": "postgresql",
                "db.name": "trading",
                "server.address": "db-1.trading.internal",
                "server.port": 5432,
                "thread.id": "140241736579968",
                "thread.name": "MainThread",
            },
        }
        for k, (op, d) in enumerate(
            [
                ("middleware.starlette", "AuthMiddleware"),
                ("db", "SELECT * FROM accounts WHERE id = %s"),
                ("http.client", "GET https://api.kraken.example/0/public/Depth"),
                ("risk", "pre_trade_check"),
                ("db", "INSERT INTO orders (...) VALUES (...)"),
                ("queue.publish", "orders.accepted"),
                ("cache.get", "marks:BTC-USD"),
                ("db", "UPDATE margin SET held = held + %s WHERE account_id = %s"),
                ("http.client", f"POST https://risk.example/v2/checks/{4711 + g}?deep=1"),
                ("serialize", "OrderAck"),
            ]
        )
    ]
    return {
        "type": "transaction",
        "platform": "python",
        "transaction": f"/api/v1/{STRATS[g % 10]}/{word(g)}/orders",
        "transaction_info": {"source": "route"},
        "spans": spans,
        "sdk": {"name": "sentry.python.fastapi", "version": "2.30.0"},
    }


class Template:
    """Constant tail of one envelope, plus its raw-deflated form."""

    __slots__ = ("kind", "tail", "tail_z")

    def __init__(self, rest, kind, level):
        self.kind = kind
        self.tail = json.dumps(rest, separators=(",", ":")).encode()[1:] + b"\n"  # the prefix brought the '{'
        c = zlib.compressobj(level, zlib.DEFLATED, -15)
        self.tail_z = c.compress(self.tail) + c.flush(zlib.Z_FINISH)


GZ_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
ENVS, RELS = ["production"] * 6 + ["staging"], ["oms@4.12.0", "oms@4.12.1", "oms@4.13.0-rc1"]


def iso_of(at):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at * 1e6) % 1000000:06d}Z"


class Maker:
    def __init__(self, a, seed):
        big = a.size == "50k"
        self.a, self.rnd = a, random.Random(seed)
        self.ev = [Template(event_rest(g, big), "event", a.level) for g in range(a.groups)]
        self.tx = (
            [Template(transaction_rest(g), "transaction", a.level) for g in range(min(a.groups, 50))]
            if a.transactions
            else []
        )
        if a.dist == "zipf":
            w = [1 / (k + 1) for k in range(a.groups)]
            self.pick = lambda i: self.rnd.choices(range(a.groups), w)[0]
        else:
            self.pick = lambda i: i % a.groups

    def body(self, i, now):
        """-> (bytes to post, event id, kind). ~450 unique bytes plus a ready-made tail."""
        r, bits = self.rnd, self.rnd.getrandbits
        g = self.pick(i)
        t = self.tx[g % len(self.tx)] if self.tx and r.random() < self.a.transactions else self.ev[g]
        eid, trace, n = f"{bits(128):032x}", f"{bits(128):032x}", bits(30)
        user, sym, ven = n % self.a.users, SYMS[n % 12], VENUES[n % 8]
        sent_at = iso_of(now)
        if self.a.spread:
            now -= r.random() * self.a.spread
        iso = iso_of(now)
        start = f'"start_timestamp":{now - 0.02 - bits(10) / 5000:.6f},' if t.kind == "transaction" else ""
        head = (
            f'{{"event_id":"{eid}","timestamp":"{iso}",{start}"release":"{RELS[n % 3]}","environment":"{ENVS[n % 7]}",'
            f'"server_name":"oms-{n % 6}","user":{{"id":"{user}","username":"trader{user}","ip_address":"10.0.{n % 250}.{user % 250}"}},'
            f'"tags":{{"symbol":"{sym}","venue":"{ven}","desk":"desk-{n % 9}","side":"{"buy" if n & 1 else "sell"}"}},'
            f'"request":{{"method":"POST","url":"https://oms.example/api/v1/orders","data":{{"clOrdId":"{n:08x}"}},"headers":{{"host":"oms.example","user-agent":"python-httpx/0.27","x-desk":"{n % 9}"}}}},'
            f'"contexts":{{"trace":{{"trace_id":"{trace}","span_id":"{bits(64):016x}","op":"http.server"}},"runtime":{{"name":"CPython","version":"3.12.4"}}}},'
        )
        item = head.encode()
        n_item = len(item) + len(t.tail) - 1
        pre = (
            f'{{"event_id":"{eid}","sent_at":"{sent_at}","trace":{{"trace_id":"{trace}","environment":"production"}}}}\n'
            f'{{"type":"{t.kind}","content_type":"application/json","length":{n_item}}}\n'
        ).encode() + item
        if not self.a.gzip:
            return pre + t.tail, eid, t.kind
        c = zlib.compressobj(1, zlib.DEFLATED, -15)
        z = c.compress(pre) + c.flush(zlib.Z_FULL_FLUSH)
        crc = zlib.crc32(t.tail, zlib.crc32(pre))
        return b"".join((GZ_HEAD, z, t.tail_z, struct.pack("<II", crc, len(pre) + len(t.tail)))), eid, t.kind


# ------------------------------------------------------------------ HTTP on epoll
class Conn:
    __slots__ = ("buf", "busy", "eid", "fd", "full", "out", "retry", "s", "t_due", "t_send")

    def __init__(self):
        self.s, self.busy, self.retry = None, False, 0


def run_one(a, idx, seed, start_at):
    u = urlsplit(a.dsn)
    host, port, key, project = u.hostname, u.port or 80, u.username, u.path.rstrip("/").rsplit("/", 1)[-1]
    prefix = u.path.rstrip("/").rsplit("/", 1)[0]
    mk = Maker(a, seed)
    total = a.events // a.procs + (1 if idx < a.events % a.procs else 0)
    rate = a.rate / a.procs if a.rate else 0
    auth = f"Sentry sentry_key={key}, sentry_version=7, sentry_client=sentry.python.fastapi/2.30.0"
    path = f"{prefix}/api/{project}/envelope/" + (f"?sentry_key={key}&sentry_version=7" if a.auth == "query" else "")
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: sentry.python.fastapi/2.30.0\r\n"
        + (f"X-Sentry-Auth: {auth}\r\n" if a.auth == "header" else "")
        + ("Content-Encoding: gzip\r\n" if a.gzip else "")
        + "".join(h + "\r\n" for h in a.header)
        + "Content-Type: application/x-sentry-envelope\r\nContent-Length: "
    ).encode()

    # Pre-built bodies where they fit in memory; otherwise built on the fly (about 12-20 us each).
    sample = len(mk.body(0, time.time())[0])
    prebuilt = [mk.body(i, time.time()) for i in range(total)] if total * sample < a.prebuild_mb << 20 else None
    ids = open(f"{a.ids_file}.{idx}" if a.procs > 1 else a.ids_file, "w") if a.ids_file else None
    acked = open(f"{a.acked_file}.{idx}" if a.procs > 1 else a.acked_file, "w") if a.acked_file else None

    ep = select.epoll()
    conns, by_fd, idle = [Conn() for _ in range(max(1, a.concurrency // a.procs))], {}, []
    codes, kinds, errs = {}, {}, {}
    lat, sched = array.array("d"), array.array("d")
    reconnects = bytes_out = sent = done = 0
    mono = time.monotonic
    samples = {}

    def connect(c):
        nonlocal reconnects
        reconnects += 1
        if c.s is not None:
            by_fd.pop(c.fd, None)
            c.s.close()
        c.s = socket.create_connection((host, port), timeout=a.timeout)
        c.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        c.s.setblocking(False)
        c.fd = c.s.fileno()
        by_fd[c.fd] = c
        ep.register(c.fd, select.EPOLLIN)

    def push(c):
        try:
            n = c.s.send(c.out)
            if n < len(c.out):
                c.out = memoryview(c.out)[n:]
                ep.modify(c.fd, select.EPOLLIN | select.EPOLLOUT)
            else:
                c.out = None
        except BlockingIOError:
            ep.modify(c.fd, select.EPOLLIN | select.EPOLLOUT)

    def finish(c, code, close):
        nonlocal done
        t = mono()
        codes[code] = codes.get(code, 0) + 1
        if acked and code == "200":
            acked.write(c.eid + "\n")
        lat.append(t - c.t_send)
        if rate:
            sched.append(t - c.t_due)
        done += 1
        c.busy = False
        if close:
            by_fd.pop(c.fd, None)
            c.s.close()
            c.s = None
        idle.append(c)

    for c in conns:
        idle.append(c)
    while time.time() < start_at:
        time.sleep(0.002)
    t0 = t_last = mono()
    deadline = t0 + a.duration if a.duration else None
    while done < total:
        now = mono()
        if deadline and now > deadline and sent == done:
            break
        while idle and sent < total and (not rate or t0 + sent / rate <= now) and not (deadline and now > deadline):
            c = idle.pop()
            body, eid, kind = prebuilt[sent] if prebuilt else mk.body(sent, time.time())
            if prebuilt:
                prebuilt[sent] = None
            c.t_due, c.eid = t0 + sent / rate if rate else now, eid
            c.out = c.full = head + b"%d\r\n\r\n" % len(body) + body
            c.buf, c.busy, c.retry = b"", True, 0
            c.t_send = mono()
            try:
                if c.s is None:
                    connect(c)
                push(c)
            except OSError as e:
                errs[errno.errorcode.get(e.errno, str(e))] = errs.get(errno.errorcode.get(e.errno, str(e)), 0) + 1
                c.s = None
                finish(c, "error", False)
                time.sleep(0.01)
            bytes_out += len(body)
            kinds[kind] = kinds.get(kind, 0) + 1
            sent += 1
            if ids:
                ids.write(f"{eid} {kind}\n")
        if sent == total or (deadline and now > deadline):
            wait = 1.0
        elif rate and idle:
            wait = max(0.0, t0 + sent / rate - mono())
        else:
            wait = 1.0
        for fd, evm in ep.poll(wait):
            c = by_fd.get(fd)
            if c is None:
                continue
            try:
                if evm & select.EPOLLOUT and c.out is not None:
                    push(c)
                    if c.out is None:
                        ep.modify(c.fd, select.EPOLLIN)
                if not evm & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                    continue
                data = c.s.recv(65536)
            except BlockingIOError:
                continue
            except OSError as e:
                data = b""
                errs[errno.errorcode.get(e.errno, str(e))] = errs.get(errno.errorcode.get(e.errno, str(e)), 0) + 1
            if data:
                c.buf = c.buf + data if c.buf else data
            b = c.buf if c.busy else b""
            k = b.find(b"\r\n\r\n")
            if k >= 0:
                low = b[:k].lower()
                code = low[9:12].decode()
                close = b"connection: close" in low or low.startswith(b"http/1.0")
                p = low.find(b"content-length:")
                if p >= 0:
                    need = int(low[p + 15 :].split(b"\r\n", 1)[0])
                    full = len(b) - k - 4 >= need
                elif b"transfer-encoding: chunked" in low:
                    full = b.endswith(b"0\r\n\r\n")
                else:
                    full, close = not data, True
                if full:
                    samples.setdefault(code, b[k + 4 : k + 200].decode("latin1"))
                    finish(c, code, close or not data)
                    t_last = mono()
                    continue
            if not data:  # peer closed
                if c.busy and c.retry == 0 and not c.buf:
                    c.retry = 1  # keep-alive race: the same bytes once more, on a new connection
                    errs["closed-retried"] = errs.get("closed-retried", 0) + 1
                    c.out = c.full
                    try:
                        connect(c)
                        push(c)
                    except OSError:
                        finish(c, "error", False)
                elif c.busy:
                    finish(c, "closed", True)
                else:
                    by_fd.pop(c.fd, None)
                    c.s.close()
                    c.s = None
        if a.timeout and sent > done:
            lim = mono() - a.timeout
            for c in conns:
                if c.busy and c.t_send < lim:
                    finish(c, "timeout", True)
    return {
        "t0": t0,
        "t1": t_last,
        "codes": codes,
        "kinds": kinds,
        "errs": errs,
        "lat": lat,
        "sched": sched,
        "sent": sent,
        "bytes": bytes_out,
        "connects": reconnects,
        "samples": samples,
        "cpu": time.process_time(),
        "prebuilt": prebuilt is not None,
    }


def pct(xs):
    if not xs:
        return None
    xs = sorted(xs)

    def q(p):
        return round(1000 * xs[min(len(xs) - 1, int(len(xs) * p))], 2)

    return {"p50": q(0.50), "p95": q(0.95), "p99": q(0.99), "max": round(1000 * xs[-1], 2)}


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("--dsn", required=True)
    p.add_argument(
        "--rate", default="max", help="events/s, open loop; 'max' = as fast as --concurrency allows (closed loop)"
    )
    p.add_argument("--events", type=int, default=0)
    p.add_argument(
        "--duration", type=float, default=0, help="stop after this many seconds (with --events: whichever is first)"
    )
    p.add_argument("--groups", type=int, default=100, help="distinct issues")
    p.add_argument("--dist", choices=["uniform", "zipf"], default="uniform")
    p.add_argument("--size", choices=["small", "50k"], default="small")
    p.add_argument("--gzip", action="store_true")
    p.add_argument("--level", type=int, default=9, help="deflate level (sentry-python uses 9)")
    p.add_argument("--transactions", type=float, default=0.0, help="fraction of envelopes that carry a transaction")
    p.add_argument("--users", type=int, default=2000)
    p.add_argument("--spread", type=float, default=0.0, help="each happened up to so many seconds before it is sent")
    p.add_argument("--concurrency", type=int, default=16)
    p.add_argument("--procs", type=int, default=1)
    p.add_argument("--auth", choices=["header", "query"], default="header")
    p.add_argument("--header", action="append", default=[], help="extra header line, e.g. 'X-Forwarded-Proto: https'")
    p.add_argument("--timeout", type=float, default=30)
    p.add_argument("--seed", type=int, default=0, help="0: from the clock, so ids never repeat between runs")
    p.add_argument("--ids-file", help="write 'event_id kind' of everything sent")
    p.add_argument("--acked-file", help="write the event_id of everything answered 200")
    p.add_argument("--prebuild-mb", type=int, default=1500)
    p.add_argument("--dump", action="store_true", help="print one decoded envelope and its sizes, send nothing")
    a = p.parse_args()
    a.rate = 0 if a.rate == "max" else float(a.rate)
    if not a.events:
        a.events = int(a.duration * a.rate) if a.duration and a.rate else (10**9 if a.duration else 1000)
    if a.dump:
        mk = Maker(a, a.seed or 1)
        b, eid, _kind = mk.body(0, time.time())
        raw = zlib.decompress(b, 31) if a.gzip else b
        sys.stdout.write(raw.decode())
        lines = raw.split(b"\n")
        ev = json.loads(lines[2])
        assert ev["event_id"] == eid and json.loads(lines[1])["length"] == len(lines[2])
        print(f"-- wire {len(b)} B, envelope {len(raw)} B, event {len(lines[2])} B", file=sys.stderr)
        return
    seed = a.seed or int(time.time() * 1e6)
    start_at = time.time() + (0.3 if a.procs > 1 else 0)
    if a.procs == 1:
        rs = [run_one(a, 0, seed, start_at)]
    else:
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(a.procs) as ex:
            rs = list(
                ex.map(
                    run_one,
                    [a] * a.procs,
                    range(a.procs),
                    [seed + 7919 * k for k in range(a.procs)],
                    [start_at + 1] * a.procs,
                )
            )

    def merge(k):
        out = {}
        for r in rs:
            for x, n in r[k].items():
                out[x] = out.get(x, 0) + n
        return out

    lat, sched = [], []
    for r in rs:
        lat += r["lat"]
        sched += r["sched"]
    codes = merge("codes")
    ok = sum(n for c, n in codes.items() if c.startswith("2"))
    wall = max(r["t1"] for r in rs) - min(r["t0"] for r in rs)
    n_bytes = sum(r["bytes"] for r in rs)
    sent = sum(r["sent"] for r in rs)
    out = {
        "sent": sent,
        "accepted": ok,
        "by_status": codes,
        "kinds": merge("kinds"),
        "errors": merge("errs"),
        "seconds": round(wall, 3),
        "accept_rate": round(ok / wall, 1) if wall else 0,
        "latency_ms": pct(lat),
        "from_schedule_ms": pct(sched) if sched else None,
        "wire_bytes_avg": round(n_bytes / max(1, sent)),
        "mb_per_s": round(n_bytes / 1e6 / wall, 2) if wall else 0,
        "connects": sum(r["connects"] for r in rs),
        "generator_cpu_s": round(sum(r["cpu"] for r in rs), 2),
        "sample_answer": {k: v for r in rs for k, v in r["samples"].items()},
        "args": {
            k: getattr(a, k) for k in ("rate", "groups", "dist", "size", "gzip", "transactions", "concurrency", "procs")
        },
    }
    print(json.dumps(out))


if __name__ == "__main__":
    main()
