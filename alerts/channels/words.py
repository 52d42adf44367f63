"""What every channel says of a message, in its usual words. Values in, texts out."""

from collections.abc import Iterator
from dataclasses import replace

from alerts.channels.message import AlertFacts, Message
from alerts.words import moment_words, one_line

ALERTS_SHOWN = 10
SIMULATED = "[simulated]"
SIMULATED_WORDS = f"{SIMULATED} Somebody tests alerting with an error that was stored: it did not happen again."


def mark_simulated(message: Message) -> Message:
    """Return the message with the mark at the head of whatever people read of it first."""
    if not message.is_simulated:
        return message
    text = f"{SIMULATED_WORDS}\n{message.text}" if message.text else ""
    return replace(message, headline=f"{SIMULATED} {message.headline}", text=text)


def title_of(message: Message) -> str:
    """Return one line: how bad, what, and where. An end says itself that it is one."""
    if message.is_simulated:  # its headline begins with the mark, which must stand first
        return f"{one_line(message.headline, limit=150)} · {one_line(message.place, limit=80)}{message.repeat_mark}"
    line = {
        "firing": f"[{message.severity}] {message.headline}",
        "acknowledged": f"Acknowledged: {message.headline}",
        "resolved": message.headline,
        "test": f"[test] {message.headline}",
    }[message.event]
    return f"{one_line(line, limit=150)} · {one_line(message.place, limit=80)}{message.repeat_mark}"


def times_of(message: Message) -> str:
    since = f"Since {moment_words(message.starts_at)}"
    if message.has_ended and message.ended_at is not None:
        return f"{since}, until {moment_words(message.ended_at)}"
    count = sum(alert.count for alert in message.alerts)
    return f"{since}, {count:,} times" if count > 1 else since


def seen_in(alert: AlertFacts) -> str:
    """Return where in the application it is, by the tags that its news carried."""
    release = alert.tags.get("release")
    parts = [alert.tags.get("transaction") or alert.tags.get("culprit"), f"release {release}" if release else ""]
    return ", ".join(str(part) for part in parts if part)


def lines_of(message: Message) -> Iterator[str]:
    """Yield one line for each alert of a group; none where there is a single one, which the headline names."""
    if len(message.alerts) + message.more_alerts < 2:
        return
    for alert in message.alerts[:ALERTS_SHOWN]:
        state = "" if alert.state == "firing" else f" ({alert.state})"
        yield one_line(f"[{alert.severity}] {alert.title}{state}", limit=200)
    if hidden := len(message.alerts[ALERTS_SHOWN:]) + message.more_alerts:
        yield f"and {hidden} more"


def repeat_of(message: Message) -> str:
    if not message.may_be_repeat:
        return ""
    return "Possible repeat: it is not known whether an earlier attempt of this message arrived."


def body_of(message: Message) -> str:
    """Return the text that plain channels send: the template's, or what, when, likely cause, why you, what next."""
    if message.text:
        return message.text
    first = message.alerts[0] if len(message.alerts) == 1 else None
    parts = [
        SIMULATED_WORDS if message.is_simulated else "",
        repeat_of(message),
        first.message if first else "",
        "\n".join(f"- {line}" for line in lines_of(message)),
        times_of(message) + ".",
        f"Likely cause: {message.likely_cause}" if message.likely_cause else "",
        f"Why you: {message.why}" if message.why else "",
        f"What happens next: {message.next_step}" if message.next_step else "",
        message.held,
    ]
    return "\n".join(part for part in parts if part)
