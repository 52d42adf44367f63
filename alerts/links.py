"""Links in messages that acknowledge or resolve: signed for one receiver, they expire, and opening one does nothing.

Programs that scan mail open every link, so a link leads to a page with one button. The signature stands for the login:
whoever was told may answer, at night and on a phone that is signed in nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.core import signing

Subject = Literal["alert", "group"]
Action = Literal["acknowledge", "resolve"]
VALID_FOR = timedelta(days=7)
_SALT = "alerts.links"
_PARTS_WITHOUT_PERSON = 5  # as links were signed until they said whom they were sent to
_SUBJECTS: Mapping[str, Subject] = {"a": "alert", "g": "group"}
_ACTIONS: Mapping[str, Action] = {"k": "acknowledge", "r": "resolve"}


@dataclass(frozen=True, slots=True)
class Link:
    """What a link allows: one action on one subject, for the `receiver` it was sent to.

    `user_id`: the person who was told by it, whatever their address is by now; None: a channel or an address list.
    """

    subject: Subject
    subject_id: int
    action: Action
    receiver: str
    expires_at: datetime
    user_id: int | None = None


class BadLink(Exception):
    """The link is not ours, was changed, or has expired; the text says which, for a person."""


def signed_url(
    subject: Subject, subject_id: int, action: Action, receiver: str, *, user_id: int | None = None, now: datetime
) -> str:
    """Return an absolute URL that lets `receiver` (an address, or a channel's name) do `action` for seven days: as the
    person `user_id` and with their rights, where it is sent to one."""
    parts = [subject[0], subject_id, {"acknowledge": "k", "resolve": "r"}[action], receiver, user_id, _expiry(now)]
    return f"{settings.PUBLIC_URL}/alerts/answer/{signing.dumps(parts, salt=_SALT)}"


def read_link(token: str, *, now: datetime) -> Link:
    """Return what `token` allows. Raises `BadLink`."""
    try:
        parts = signing.loads(token, salt=_SALT)
        if len(parts) == _PARTS_WITHOUT_PERSON:
            raise BadLink("This link is from before an update of TradeWatch. Open the alert with your login instead.")
        subject, subject_id, action, receiver, user_id, expires = parts
        link = Link(
            _SUBJECTS[subject],
            int(subject_id),
            _ACTIONS[action],
            str(receiver),
            datetime.fromtimestamp(int(expires), now.tzinfo),
            None if user_id is None else int(user_id),
        )
    except (signing.BadSignature, ValueError, TypeError, KeyError, OverflowError):
        raise BadLink("This link is not one of ours, or a part of it is missing.") from None
    if link.expires_at <= now:
        raise BadLink("This link has expired. Open the alert with your login instead.")
    return link


def _expiry(now: datetime) -> int:
    """The end of a whole hour, so that the attempts of one notification mostly carry the same link."""
    return (int((now + VALID_FOR).timestamp()) // 3600 + 1) * 3600
