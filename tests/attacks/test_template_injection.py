"""A text that is a template stays a text: on every page, in mails and in what channels are sent."""

import pytest

from alerts.channels import slack, webhook
from alerts.channels.templates import Words, apply_words
from alerts.mails import build_mail
from tests.alerts.channels.builders import NOW, make_facts, make_message
from tests.attacks.hostile_store import MARKUP, PAYLOAD, PRODUCT
from tests.attacks.walk import Walked

pytestmark = [pytest.mark.once, pytest.mark.slow]
TEXTS = (
    "{{913*7919}}",
    "{{ 913 * 7919 }}{% debug %}",
    "${913*7919}",
    "<%= 913*7919 %>",
    "{{alerts|length*1}}",
    "%(a)s{0}",
)


def test_no_page_and_no_endpoint_computes_what_somebody_sent(seen: Walked) -> None:
    assert [each.path for each in seen.answers if PRODUCT in each.text] == []
    assert len([each.path for each in seen.answers if MARKUP in each.text]) > 100  # it is shown as it is
    assert [each.path for each in seen.pages() if "<xss-tag" in each.text] == []


@pytest.mark.parametrize("text", [*TEXTS, PAYLOAD])
def test_no_mail_computes_it(text: str) -> None:
    message = make_message(headline=text, why=text, project=text, alerts=(make_facts(title=text, message=text),))
    mail = build_mail(message, to=["ann@example.com"])
    parts = [mail.subject, mail.body, str(mail.alternatives[0][0])]
    assert not [part for part in parts if PRODUCT in part]
    assert " ".join(text.split()) in " ".join(mail.body.split())


@pytest.mark.parametrize("text", TEXTS)
def test_no_channel_computes_it(text: str) -> None:
    message = make_message(headline=text, alerts=(make_facts(title=text, message=text),))
    for sent in (slack.payload_of(message), webhook.payload_of(message, now=NOW)):
        assert (PRODUCT not in str(sent) and "913" in str(sent)) or "913" not in text


@pytest.mark.parametrize("text", TEXTS)
def test_a_channels_own_template_says_it_and_does_not_read_it(text: str) -> None:
    """What a value holds is not read as a template a second time."""
    message = make_message(headline=text, alerts=(make_facts(title=text),))
    said, fault = apply_words(message, Words("{{ headline }}", "{{ alert.title }}"))
    assert (said.headline, said.text, fault) == (text, text, "")
