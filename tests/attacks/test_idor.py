"""Ids of another project: each REST endpoint answers as to an id that is not there, in the same words."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.attacks.endpoints import Endpoint, endpoints
from tests.core.test_public_routes import is_public
from tests.hostile.rows import Side
from tests.projects.builders import bearer, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.slow, pytest.mark.usefixtures("inbox")]
NAMING = [each for each in endpoints() if "<" in each.route and not is_public(each.route)]
THEIRS, NOBODYS = 4242, 7777


class Names(Side):
    """The names that a path is made of; makes no row."""

    def __post_init__(self) -> None:
        self.rows, self.unmade = {}, []


@pytest.fixture
def ours(settings: Any) -> Side:
    settings.API_TOKEN_RATE_PER_MINUTE = settings.API_ADDRESS_RATE_PER_MINUTE = 1_000_000
    Side("zebra4242", THEIRS).fill()
    return Side("koala4343", 4343).fill()


def answer_of(client: Client, endpoint: Endpoint, method: str, side: Side, headers: Any) -> tuple[int, str]:
    """Return status and words, the id in them left out."""
    answer = client.generic(method.upper(), endpoint.path(side), "{}", "application/json", headers=headers)
    text = (b"".join(answer) if answer.streaming else answer.content).decode()
    names = "|".join((side.word, side.hex, str(side.number)))
    return answer.status_code, re.sub(names, "it", text)


@pytest.mark.parametrize("by", ["token", "session"])
def test_anothers_id_is_answered_as_one_that_is_not_there(client: Client, ours: Side, by: str) -> None:
    headers = bearer("*", projects=[ours.project]) if by == "token" else {}
    if by == "session":
        mia = make_user("mia")
        add_member(SYSTEM, ours.project, mia, Role.MANAGER)
        client.force_login(mia)
    theirs, nobody, told = Names("zebra4242", THEIRS), Names("yak7777", NOBODYS), []
    for endpoint in NAMING:
        for method in endpoint.methods():
            answers = [answer_of(client, endpoint, method, side, headers) for side in (theirs, nobody)]
            if answers[0] != answers[1]:
                told.append((method, endpoint.route, *answers))
            elif answers[0][0] < 300:
                told.append((method, endpoint.route, answers[0][0], "it is answered"))
    assert len(NAMING) > 80
    assert told == []
