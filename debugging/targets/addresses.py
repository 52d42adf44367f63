"""What is wrong with a target as it was entered, by field. Pure: no name is looked up here."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any

import httpx

from alerts.channels.http import fault_in_url
from debugging.choices import SecretPlace, TargetKind
from debugging.requests.headers import fault_in_header
from debugging.requests.pointers import PointerError, tokens_of
from debugging.targets.masking import SHORTEST
from tradewatch.core.net import may_call

LONGEST_NAME, LONGEST_URL, LONGEST_SECRET = 100, 500, 4096
SECONDS, AT_ONCE = (1, 60), (1, 20)
Faults = dict[str, list[str]]


def faults_in_target(values: Mapping[str, Any], *, allowed: Sequence[str] = ()) -> Faults:
    """Return {field: sentences}; empty: requests can be sent there. `values`: the fields of a target."""
    faults: Faults = {}
    name = values["name"]
    if not name.strip() or len(name) > LONGEST_NAME or name != name.strip() or not name.isprintable():
        faults["name"] = [f"expected 1 to {LONGEST_NAME} characters"]
    if values["kind"] not in TargetKind.values:
        faults["kind"] = [f"expected one of {', '.join(TargetKind.values)}"]
    if fault := fault_in_base_url(values["base_url"]):
        faults["base_url"] = [fault]
    elif not values["allows_internal"] and not _is_public(host_of(values["base_url"]), allowed):
        faults["base_url"] = ["no public address: only an administrator may allow an internal target"]
    for field, (least, most) in (("timeout_seconds", SECONDS), ("most_at_once", AT_ONCE)):
        if not isinstance(values[field], int) or not least <= values[field] <= most:
            faults[field] = [f"expected {least} to {most}"]
    return faults


def fault_in_base_url(url: str) -> str:
    if fault := fault_in_url(url):
        return fault
    if "@" in url.partition("://")[2].partition("/")[0]:
        return "names a login: make it a secret of the target, which is kept encrypted"
    if "?" in url or "#" in url or "\\" in url:
        return "is an address without a query: put that into the replay, or make it a secret"
    if len(url) > LONGEST_URL:
        return f"is longer than {LONGEST_URL} characters"
    try:
        httpx.URL(url)
    except httpx.InvalidURL as error:
        return f"cannot be called: {error}"
    return ""


def host_of(url: str) -> str:
    """Return the host as it is asked for when a request is sent; empty: there is none."""
    try:
        return httpx.URL(url).host
    except httpx.InvalidURL:
        return ""


def faults_in_secret(place: str, name: str, value: str) -> Faults:
    faults: Faults = {}
    if place not in SecretPlace.values:
        faults["place"] = [f"expected one of {', '.join(SecretPlace.values)}"]
    elif fault := _fault_in_name(SecretPlace(place), name):
        faults["name"] = [fault]
    if len(value) < SHORTEST:
        faults["value"] = [f"expected {SHORTEST} characters or more: a shorter one cannot be kept out of answers"]
    elif len(value) > LONGEST_SECRET:
        faults["value"] = [f"is longer than {LONGEST_SECRET:,} characters"]
    elif place in (SecretPlace.HEADER, SecretPlace.COOKIE) and (fault := fault_in_header("X", value)):
        faults["value"] = [fault]
    elif place == SecretPlace.COOKIE and (";" in value or "," in value or any(each.isspace() for each in value)):
        faults["value"] = ["holds a character that ends a cookie"]
    return faults


def _fault_in_name(place: SecretPlace, name: str) -> str:
    if not name or len(name) > 200:
        return "expected 1 to 200 characters"
    match place:
        case SecretPlace.HEADER:
            return fault_in_header(name, "")
        case SecretPlace.COOKIE:
            return "is no name of a cookie" if fault_in_header(name, "") == "is no name of a header" else ""
        case SecretPlace.BODY:
            try:
                return "" if tokens_of(name) else "expected a place within the body, e.g. /auth/token"
            except PointerError as fault:
                return str(fault)
    return ""


def _is_public(host: str, allowed: Sequence[str]) -> bool:
    """An address is judged at once; a name each time that something is sent there."""
    try:
        return may_call(str(ip_address(host)), allowed=allowed)
    except ValueError:
        return host.lower() != "localhost"
