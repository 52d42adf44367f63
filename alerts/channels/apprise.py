"""Whatever apprise knows (https://github.com/caronc/apprise/wiki), sent by a short process of its own.

`alerts.apprise_child` says how it is guarded. Here: the job, the time limit, and what the result means.
"""

import json
import re
import subprocess
import sys
import tempfile
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.conf import settings as options

from alerts.channels.http import redact
from alerts.channels.kinds import ChannelKind, SettingField, Settings
from alerts.channels.message import Message
from alerts.channels.outcome import Outcome
from alerts.channels.words import body_of, title_of

TIMEOUT_SECONDS = 40.0
_TYPES = {"critical": "failure", "error": "failure", "warning": "warning", "info": "info"}
_HTTP_STATUS = re.compile(r"error=(\d{3})")
_LOCAL = re.compile(r"(dbus|gnome|glib|gio|kde|qt|macosx|windows|syslog|rsyslog|hid|blink1|gnmi|smpps?)$", re.I)


class ChildFailed(Exception):
    """The process gave no result; the text says why."""


def send_apprise(settings: Settings, message: Message, *, now: datetime) -> Outcome:
    url = str(settings["url"])
    links = [message.url, *(link for link in (message.acknowledge_url, message.resolve_url) if link)]
    job = {
        "url": url,
        "title": title_of(message),
        "body": "\n".join([body_of(message), "", *links]),
        "type": "success" if message.has_ended else _TYPES.get(message.severity, "info"),
        "allowed": list(options.OUTBOUND_ALLOWED_NETWORKS),
    }
    try:
        result = run_child(job)
    except ChildFailed as failure:
        return Outcome(is_sent=False, answer=str(failure), may_have_arrived=True)
    return outcome_of_result(result, url=url)


def outcome_of_result(result: dict[str, Any], *, url: str) -> Outcome:
    """A refusal and a 4xx of the service are for good; anything else may be tried again."""
    if result["is_sent"]:
        return Outcome(is_sent=True, answer=f"accepted by {result['service']}")
    if result["refused"]:
        return Outcome(is_sent=False, answer=f"not called: {result['refused']}", is_permanent=True)
    if not result["is_readable"]:
        return Outcome(is_sent=False, answer="apprise cannot read the URL", is_permanent=True)
    said = redact("; ".join(result["said"]), secrets_of(url)) or "not sent, without a reason"
    status = _HTTP_STATUS.search(said)
    is_refused = status is not None and 400 <= int(status[1]) < 500 and int(status[1]) not in (408, 429)
    return Outcome(is_sent=False, answer=said, is_permanent=is_refused)


def run_child(job: dict[str, Any]) -> dict[str, Any]:
    """Return what the child says of `job`; at most 40 s later it is gone. Raises `ChildFailed`."""
    with tempfile.TemporaryDirectory(prefix="tradewatch-apprise-") as home:
        try:
            done = subprocess.run(  # our own interpreter and module; the job goes in by its input
                [sys.executable, "-E", "-s", "-m", "alerts.apprise_child"],
                input=json.dumps(job).encode(),
                capture_output=True,
                cwd=options.BASE_DIR,
                env={"HOME": home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ChildFailed(f"no answer within {TIMEOUT_SECONDS:g} s") from None
    try:
        result: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise ChildFailed(f"the sending process ended with code {done.returncode}") from None
    return result


def secrets_of(url: str) -> list[str]:
    """Return every part of an apprise URL that may be a credential: all but its scheme."""
    rest = url.partition("://")[2]
    parts = [part for part in re.split(r"[/@:?&=,]+", rest) if len(part) >= 4]
    return [url, rest, *parts, *(unquote(part) for part in parts)]


def _fault_in_apprise_url(url: str) -> str:
    scheme, found, _ = url.partition("://")
    if not found or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        return "expected service://..., as apprise writes it"
    if _LOCAL.match(scheme):
        return f"{scheme} speaks to this machine, not to a person"
    try:
        result = run_child({"url": url})
    except ChildFailed as failure:
        return f"could not be checked: {failure}"
    return "" if result["is_readable"] else f"apprise cannot read it as a {scheme} URL: see its wiki for the parts"


APPRISE = ChannelKind(
    name="apprise",
    label="Apprise (Telegram, Teams, SMS and more)",
    phrase="by apprise",
    send=send_apprise,
    fields=(
        SettingField(
            name="url",
            label="Apprise URL",
            help="As https://github.com/caronc/apprise/wiki lists them, e.g. tgram://token/chat. All of it is secret.",
            check=_fault_in_apprise_url,
            is_secret=True,
        ),
    ),
)
