"""PagerDuty Events API v2: https://developer.pagerduty.com/docs/events-api-v2/overview/."""

import re
from datetime import datetime
from typing import Any

import orjson

from alerts.channels.http import fault_in_url, post
from alerts.channels.kinds import ChannelKind, SettingField, Settings
from alerts.channels.message import Message
from alerts.channels.outcome import Outcome
from alerts.channels.words import ALERTS_SHOWN, lines_of, title_of
from alerts.words import one_line

ENDPOINT = "https://events.pagerduty.com/v2/enqueue"
SUMMARY_CHARACTERS = 1024
DEDUP_KEY_CHARACTERS = 255
TEXT_CHARACTERS = 5_000  # an event is 512 KB at most
_ACTIONS = {"firing": "trigger", "test": "trigger", "acknowledged": "acknowledge", "resolved": "resolve"}
_ROUTING_KEY = re.compile(r"[A-Za-z0-9]{32}")


def send_pagerduty(settings: Settings, message: Message, *, now: datetime) -> Outcome:
    """Trigger, acknowledge or resolve the incident of the message's dedup key. PagerDuty answers 202."""
    key, url = str(settings["routing_key"]), str(settings.get("url") or ENDPOINT)
    body = orjson.dumps(event_of(message, routing_key=key))
    return post(url, body, headers={"Content-Type": "application/json"}, secrets=[key], now=now)


def event_of(message: Message, *, routing_key: str) -> dict[str, Any]:
    event = {
        "routing_key": routing_key,
        "event_action": _ACTIONS[message.event],
        "dedup_key": message.dedup_key[:DEDUP_KEY_CHARACTERS],
    }
    if event["event_action"] != "trigger":  # the incident has the rest already
        return event
    return {
        **event,
        "client": "TradeWatch",
        "client_url": message.url,
        "links": _links(message),
        "payload": {
            "summary": one_line(title_of(message), limit=SUMMARY_CHARACTERS),
            "source": one_line(message.place, limit=250) or "TradeWatch",
            "severity": message.severity,  # the same four words
            "timestamp": message.starts_at.isoformat(),
            "component": one_line(message.project),
            "group": one_line(message.environment or message.project),
            "class": message.alerts[0].category if message.alerts else "",
            "custom_details": _details(message),
        },
    }


def _details(message: Message) -> dict[str, Any]:
    details: dict[str, Any] = {
        "alerts": list(lines_of(message)),
        "message": (message.text or (message.alerts[0].message if len(message.alerts) == 1 else ""))[:TEXT_CHARACTERS],
        "likely_cause": message.likely_cause[:TEXT_CHARACTERS],
        "why": message.why[:TEXT_CHARACTERS],
        "labels": {name: value[:250] for name, value in message.labels.items()},
    }
    return {name: value for name, value in details.items() if value}


def _links(message: Message) -> list[dict[str, str]]:
    links = [{"href": message.url, "text": "Open in TradeWatch"}]
    if message.acknowledge_url:
        links.append({"href": message.acknowledge_url, "text": "Acknowledge in TradeWatch"})
    links += [{"href": alert.link, "text": one_line(alert.title, limit=100)} for alert in message.alerts if alert.link]
    return links[: ALERTS_SHOWN + 2]


def _fault_in_routing_key(key: str) -> str:
    return "" if _ROUTING_KEY.fullmatch(key) else "expected the integration key of Events API v2: 32 letters and digits"


PAGERDUTY = ChannelKind(
    name="pagerduty",
    label="PagerDuty",
    phrase="by PagerDuty",
    send=send_pagerduty,
    is_safe_to_repeat=True,
    limit_per_minute=120,
    fields=(
        SettingField(
            name="routing_key",
            label="Integration key",
            help="Service, Integrations, Events API v2: 32 letters and digits.",
            check=_fault_in_routing_key,
            is_secret=True,
        ),
        SettingField(
            name="url",
            label="Endpoint",
            help="Only for the EU service region, or another receiver of the same protocol.",
            check=fault_in_url,
            default=ENDPOINT,
            is_required=False,
        ),
    ),
)
