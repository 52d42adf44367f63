"""Slack by incoming webhook, in Block Kit. Limits: https://docs.slack.dev/reference/block-kit/blocks/."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from alerts.channels.http import fault_in_url, post
from alerts.channels.kinds import ChannelKind, SettingField, Settings
from alerts.channels.message import Message
from alerts.channels.outcome import Outcome
from alerts.channels.words import lines_of, repeat_of, seen_in, times_of, title_of
from alerts.words import one_line

Block = dict[str, Any]
HEADER_CHARACTERS = 150
SECTION_CHARACTERS = 3000
URL_CHARACTERS = 3000
_MARKS = {"critical": ":red_circle:", "error": ":large_orange_circle:", "warning": ":large_yellow_circle:"}


def send_slack(settings: Settings, message: Message, *, now: datetime) -> Outcome:
    url = str(settings["url"])
    body = orjson.dumps(payload_of(message))
    return post(url, body, headers={"Content-Type": "application/json"}, secrets=secrets_of(url), now=now)


def payload_of(message: Message) -> dict[str, Any]:
    """`text` is what notifications on a phone show; the blocks are what stands in the channel."""
    return {"text": _escaped(title_of(message), 3000), "blocks": list(_blocks(message)), "unfurl_links": False}


def secrets_of(url: str) -> list[str]:
    """Return what must not be repeated of an incoming webhook's URL: its path is the credential."""
    return [url, url.partition("/services/")[2]]


def _blocks(message: Message) -> Iterator[Block]:
    headline = one_line(message.headline + message.repeat_mark, limit=HEADER_CHARACTERS)
    yield {"type": "header", "text": {"type": "plain_text", "text": headline, "emoji": False}}
    yield _context(f"{_mark(message)} {message.place} · {times_of(message)}")
    for text in _sections(message):
        yield {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    footer = " ".join(part for part in (_bold("Why here", message.why), message.held, repeat_of(message)) if part)
    if footer:
        yield _context(footer)
    yield {"type": "actions", "elements": list(_buttons(message))}


def _sections(message: Message) -> Iterator[str]:
    if message.text:
        yield _escaped(message.text, SECTION_CHARACTERS)
        return
    if len(message.alerts) == 1:
        alert = message.alerts[0]
        text = "\n".join(part for part in (alert.message, seen_in(alert)) if part)
        if text:
            yield _escaped(text, SECTION_CHARACTERS)
    if lines := list(lines_of(message)):
        yield _escaped("\n".join(f"• {line}" for line in lines), SECTION_CHARACTERS)
    told = [("Likely cause", message.likely_cause), ("What happens next", message.next_step)]
    if text := "\n".join(f"*{label}*: {_escaped(text, 1000)}" for label, text in told if text):
        yield text[:SECTION_CHARACTERS]


def _buttons(message: Message) -> Iterator[Block]:
    if message.acknowledge_url and message.event == "firing":
        yield _button("acknowledge", "Acknowledge", message.acknowledge_url, style="primary")
    if message.resolve_url and not message.has_ended:
        yield _button("resolve", "Resolve", message.resolve_url)
    yield _button("open", "Open in TradeWatch", message.url)


def _button(name: str, label: str, url: str, *, style: str = "") -> Block:
    text = {"type": "plain_text", "text": label, "emoji": False}
    button: Block = {"type": "button", "action_id": f"tradewatch-{name}", "text": text, "url": url[:URL_CHARACTERS]}
    return {**button, "style": style} if style else button


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text[:2000]}]}


def _mark(message: Message) -> str:
    if message.has_ended:
        return ":white_check_mark: *Ended*"
    if message.event == "acknowledged":
        return ":eyes: *Acknowledged*"
    return f"{_MARKS.get(message.severity, ':large_blue_circle:')} *{message.severity.capitalize()}*"


def _bold(label: str, text: str) -> str:
    return f"*{label}*: {_escaped(text, 500)}" if text else ""


def _escaped(text: str, limit: int) -> str:
    """Return `text` so that Slack shows it as it is: no mentions, no links of a stranger's making.

    Cut before a half entity can arise: & becomes five characters.
    """
    escaped = ""
    for char in text:
        piece = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(char, char)
        if len(escaped) + len(piece) > limit - 1:
            return escaped + "…"
        escaped += piece
    return escaped


SLACK = ChannelKind(
    name="slack",
    label="Slack",
    phrase="in Slack",
    send=send_slack,
    limit_per_minute=60,  # one a second: https://docs.slack.dev/apis/web-api/rate-limits/
    fields=(
        SettingField(
            name="url",
            label="Incoming webhook URL",
            help="https://hooks.slack.com/services/... It is a credential: whoever has it can post.",
            check=fault_in_url,
            is_secret=True,
        ),
    ),
)
