"""`make demo`: the trading service with real traffic against a running TradeWatch, ending in a known bad release."""

import argparse
import asyncio
import os
import subprocess
import sys
from urllib.parse import urlsplit

import httpx

from examples.trading_app.process import ROOT, running_service
from examples.trading_app.traffic import Counts, drive

GOOD_RELEASE = "trading-api@2.0.0"
BAD_RELEASE = "trading-api@2.0.1"
REPAIRED_RELEASE = "trading-api@2.0.2"  # not shown in the demo, which ends in its incident


class NoTradeWatch(Exception):
    """There is nothing to send to; the text says what to do."""


def main() -> int:
    given = _arguments()
    try:
        dsn = find_dsn()
        web = check_tradewatch(dsn)
    except NoTradeWatch as error:
        print(error, file=sys.stderr)
        return 1
    for release in (GOOD_RELEASE, BAD_RELEASE):
        print(f"{release}: {given.seconds:g} s of traffic ...", flush=True)
        with running_service(dsn=dsn, release=release) as url:
            counts = asyncio.run(drive(url, seconds=given.seconds, rate=given.rate, seed=given.seed))
        print(summary(counts), flush=True)
    print(farewell(web))
    return 0


def find_dsn() -> str:
    """Return TRADEWATCH_DSN, else what `manage.py dsn` says."""
    if dsn := os.environ.get("TRADEWATCH_DSN", "").strip():
        return dsn
    asked = subprocess.run([sys.executable, "manage.py", "dsn"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    if asked.returncode or not asked.stdout.strip():
        raise NoTradeWatch("There is no DSN: start TradeWatch once (`make run`), or set TRADEWATCH_DSN.")
    return asked.stdout.strip()


def check_tradewatch(dsn: str) -> str:
    """Return the address of the TradeWatch that `dsn` names, once it has answered."""
    parts = urlsplit(dsn)
    prefix = parts.path.rpartition("/")[0]
    web = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{prefix}"
    try:
        httpx.get(f"{web}/health", timeout=5).raise_for_status()
    except httpx.HTTPError as error:
        raise NoTradeWatch(f"TradeWatch does not answer at {web}: start it with `make run`.") from error
    return web


def summary(counts: Counts) -> str:
    """Return the counts as lines for a person."""
    lines = [f"  {counts.sent} requests"]
    for endpoint, by_status in sorted(counts.answers.items()):
        lines.append(f"    {endpoint:28}" + "  ".join(f"{status}: {n}" for status, n in sorted(by_status.items())))
    settled = counts.settlements
    lines.append(f"  settlements: {settled.get('settled', 0)} settled, {settled.get('failed', 0)} failed")
    return "\n".join(lines)


def farewell(web: str) -> str:
    return f"""
What to look at:
  {web}/error-dashboard.html   the live page: newest and loudest issues, active alerts
  {web}/admin/                 issues, events, rules
The incident: KeyError in margin_by_tier, new in {BAD_RELEASE}, for orders of institutional accounts only.
Its cause is told in examples/trading_app/README.md."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each of the two releases is in use")
    parser.add_argument("--rate", type=float, default=15.0, help="requests a second")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
