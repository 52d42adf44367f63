"""A forged Host, and what proxies say of it, is in no page, redirect or mail: links are made of TRADEWATCH_URL."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tests.attacks.walk import EVIL, HEADERS, Walked
from tests.projects.builders import make_user
from tradewatch.accounts import reset
from tradewatch.projects.choices import Role

pytestmark = [pytest.mark.once, pytest.mark.slow]


def test_no_answer_names_it(seen: Walked) -> None:
    assert len(seen.answers) > 300
    for each in seen.answers:
        assert EVIL not in each.text, each.path
        assert not [name for name, value in each.headers.items() if EVIL in value], each.path


def test_the_mail_with_a_new_password_leads_to_us(
    client: Client, db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reset, "post", reset._send)
    settings.PUBLIC_URL = "https://watch.example"
    make_user("ann", role=Role.VIEWER, email="ann@desk.example")
    client.post("/login/reset", {"email": "ann@desk.example"}, headers=HEADERS)
    (sent,) = mail.outbox
    assert "https://watch.example/login/reset/" in sent.body
    assert EVIL not in sent.message().as_string()
