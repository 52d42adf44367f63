"""From a request to rows on disk: credentials, body, envelope, quota, queue."""

import asyncio
import time
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings

from tradewatch.core.addresses import client_address, trusted_networks
from tradewatch.inbox.decoding import BodyTooLargeError, encoding_name, inflate
from tradewatch.inbox.limits import Limits, current_limits
from tradewatch.inbox.queue import Arrived
from tradewatch.inbox.writer import Writer
from tradewatch.ingest import parcels
from tradewatch.ingest.answers import Answer, RefusedError, accepted, over_quota, refused
from tradewatch.ingest.bodies import LARGE_BYTES, LargeBodies, Receive, Ticket, read_body
from tradewatch.ingest.credentials import key_in_dsn, key_in_request
from tradewatch.ingest.gate import DiskGate
from tradewatch.ingest.parcels import Parcel
from tradewatch.ingest.quotas import EVENTS, LOGS, Kind, Quotas, rest_without
from tradewatch.ingest.relay.marks import is_our_own
from tradewatch.ingest.routes import Route
from tradewatch.ingest.stats import EdgeStats
from tradewatch.projects.config import ProjectConfig, cached_project_configs

Scope = MutableMapping[str, Any]


class Acceptance:
    """Takes the requests of one process. Refusals are exceptions: `RefusedError`, or what has a `status` and a text."""

    def __init__(self, writer: Writer, quotas: Quotas, gate: DiskGate, stats: EdgeStats) -> None:
        self._writer = writer
        self._quotas = quotas
        self._gate = gate
        self._stats = stats
        # Read once, at the start: seven look-ups a request were a tenth of its time.
        self._limits = current_limits()
        self._max_compressed_bytes = settings.INGEST_MAX_COMPRESSED_BYTES
        self._timeout_seconds = settings.INGEST_BODY_TIMEOUT_SECONDS
        self._large_bodies = LargeBodies(settings.INGEST_MAX_LARGE_BODIES)
        self._trusted = trusted_networks(settings.TRUSTED_PROXIES)
        # One thread: however many large bodies are under way, only one of them is decompressed at a time.
        self._inflater = ThreadPoolExecutor(max_workers=1, thread_name_prefix="edge-inflater")

    def close(self) -> None:
        self._inflater.shutdown(wait=False, cancel_futures=True)

    async def take(self, route: Route, scope: Scope, receive: Receive) -> Answer:
        """Return the answer to a request whose envelopes are on disk by then."""
        with self._large_bodies.ticket() as ticket:
            return await self._take(route, scope, receive, ticket)

    async def _take(self, route: Route, scope: Scope, receive: Receive, ticket: Ticket) -> Answer:
        headers = dict(scope["headers"])
        query = scope["query_string"]
        encoding = encoding_name(headers.get(b"content-encoding", b"").decode("latin-1"))
        key = key_in_request(headers, query) or route.key
        project = authorised(route.project_id, key) if key else None  # before the body is read
        if project is None and route.kind != "envelope":
            raise RefusedError(refused(401, "The request carries no DSN key."))
        body = await read_body(
            receive,
            headers.get(b"content-length"),
            ticket,
            limit=self._wire_limit(encoding, is_known=project is not None),
            timeout_seconds=self._timeout_seconds,
        )
        self._gate.check()  # not before the body is read: who still sends it would find a broken pipe and no answer
        plain = await self._inflated(body, encoding, ticket)
        arrived = parcels_of(route, query, body, encoding, plain, self._limits)
        if is_our_own(arrived[0].envelope.headers):
            raise RefusedError(refused(403, "This TradeWatch relayed the event itself: its upstream leads back here."))
        if project is None:
            project = authorised_by_dsn(route.project_id, arrived[0].envelope.headers.get("dsn"))
        peer = scope.get("client")
        forwarded = _forwarded_for(scope) if self._trusted else ""
        address = client_address(peer[0] if peer else "", forwarded, trusted=self._trusted)[:45]
        await self._store(arrived, project, address)
        self._stats.accepted += 1
        self._stats.accepted_bytes += len(body)
        return accepted(arrived[0].event_id, status=202 if route.kind == "cron" else 200)

    def _wire_limit(self, encoding: str, *, is_known: bool) -> int:
        """Return how large the body may be as it comes. What is not compressed may have the whole envelope's size, but
        only from a client whose key is known already."""
        return self._limits.envelope_bytes if encoding == "identity" and is_known else self._max_compressed_bytes

    async def _inflated(self, body: bytes, encoding: str, ticket: Ticket) -> bytes:
        """Return the decompressed body; a large one takes its place in `ticket` and is inflated off the loop."""
        limit = self._limits.envelope_bytes
        if len(body) <= LARGE_BYTES:
            try:
                return inflate(body, encoding, limit=min(limit, LARGE_BYTES))
            except BodyTooLargeError:
                if limit <= LARGE_BYTES:
                    raise
        ticket.take()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._inflater, lambda: inflate(body, encoding, limit=limit))

    async def _store(self, arrived: list[Parcel], project: ProjectConfig, address: str) -> None:
        """Return once all parcels are on disk. Raises `RefusedError` (429) when the quota or a full disk kept something
        out."""
        now = time.time()
        used_up = self._used_up(arrived, project, now)
        kept = _without(used_up, arrived) if used_up else arrived
        rows = [Arrived(project.id, now, parcel.encoding, address, parcel.body) for parcel in kept]
        self._gate.spend(sum(len(row.body) for row in rows))
        if len(rows) == 1:
            await self._writer.put(rows[0])
        else:
            await asyncio.gather(*(self._writer.put(row) for row in rows))
        if used_up:
            raise RefusedError(over_quota(*((kind.words, kind.categories) for kind in used_up)))

    def _used_up(self, arrived: list[Parcel], project: ProjectConfig, now: float) -> list[Kind]:
        """Return the quotas that have no room for all of what they count in the parcels; none on a fresh install."""
        used_up = []
        for kind, limit in ((EVENTS, project.quota_per_minute), (LOGS, project.log_bytes_per_minute)):
            if limit is None:
                continue
            count = sum(kind.count(parcel.envelope.parts) for parcel in arrived)
            if count and not self._quotas.admit(project.id, kind, count=count, limit=limit, now=now):
                used_up.append(kind)
        return used_up


def _without(kinds: list[Kind], arrived: list[Parcel]) -> list[Parcel]:
    """Return the parcels with what the quotas of `kinds` do not keep out."""
    rests = ((parcel, rest_without(kinds, parcel.plain, parcel.envelope)) for parcel in arrived)
    return [parcel._replace(encoding="identity", body=rest) for parcel, rest in rests if rest is not None]


def _forwarded_for(scope: Scope) -> str:
    """Return X-Forwarded-For; of several such headers, one line in their order."""
    return b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").decode("latin-1")


def authorised(project_id: int, key: str) -> ProjectConfig:
    """Return the project's settings when `key` may send to it. Raises `RefusedError` (403), and does not tell a wrong
    key from a wrong project."""
    project = cached_project_configs().get(project_id)
    if project is None or key not in project.keys:
        raise RefusedError(refused(403, "The DSN's key or project is unknown or revoked."))
    return project


def authorised_by_dsn(project_id: int, dsn: object) -> ProjectConfig:
    """As `authorised`, for a request whose only credentials are the `dsn` in the envelope's header (a tunnel's)."""
    key = key_in_dsn(dsn)
    if key is None:
        raise RefusedError(refused(401, "Neither the request nor the envelope's header carries a DSN key."))
    return authorised(project_id, key)


def parcels_of(route: Route, query: bytes, body: bytes, encoding: str, plain: bytes, limits: Limits) -> list[Parcel]:
    """Return what the request carries, at least one parcel. Raises `EnvelopeError`."""
    match route.kind:
        case "envelope":
            return [parcels.envelope_parcel(body, encoding, plain, limits)]
        case "store":
            return [parcels.store_parcel(plain, limits)]
        case "security":
            return parcels.security_parcels(plain, query, limits)
        case "cron":
            return [parcels.check_in_parcel(route.slug, query, plain, limits)]
