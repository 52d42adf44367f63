import pytest

from tests.performance.logs.builders import digest_lines, line
from tests.performance.logs.test_digest import stored
from tests.projects.builders import make_project
from tradewatch.performance.logs.lines import Line
from tradewatch.performance.logs.scrubbing import REMOVED
from tradewatch.performance.models import LogBlock
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db

SECRET = "hunter2-4711"
CARD = "4111111111111111"


@pytest.fixture
def project() -> Project:
    return make_project()


def only(project: Project, *sent: object) -> Line:
    digest_lines(project, *sent)
    [found] = stored(project)
    return found


@pytest.mark.parametrize(
    "sent",
    [
        line(f"login password={SECRET}"),
        line(f"GET https://user:{SECRET}@broker.example/"),
        line(f'{{"api_key": "{SECRET}"}}'),
        line(attributes={"password": SECRET}),
        line(attributes={"app.api_key": SECRET}),
        line(attributes={"sentry.message.parameter.password": SECRET}),
        line(attributes={"note": f"token={SECRET}"}),
        line(attributes={"headers": ["a", f"Authorization: Bearer {SECRET}"]}),
        line(attributes={f"password={SECRET}": "x"}),
        line(f"login password={SECRET}", attributes={"sentry.message.parameter.0": SECRET}),
        line(f"key {SECRET} of ada", attributes={"sentry.message.parameter.api_key": SECRET}),
        line(f"key {SECRET}", attributes={"password": SECRET, "sentry.message.parameter.0": SECRET}),
        line(f"code {SECRET[-4:]}", attributes={"pin": int(SECRET[-4:]), "note": f"of {SECRET}", "secret": SECRET}),
        line(f"login password={SECRET}", attributes={"sentry.message.template": "login password=%s", "who": SECRET}),
    ],
)
def test_no_secret_is_stored(project: Project, sent: object) -> None:
    found = only(project, sent)
    assert SECRET not in f"{found}" and SECRET[-4:] not in f"{found}".replace(found.span_id, "")
    assert "[removed: " in f"{found}"
    assert found.attributes["logger.name"] == "app.orders"


def test_a_parameter_that_only_one_line_must_not_say_stays_with_the_others(project: Project) -> None:
    digest_lines(
        project,
        line("password=ACME-17", ago=9, attributes={"sentry.message.parameter.0": "ACME-17"}),
        line("filled ACME-17", ago=8, attributes={"sentry.message.parameter.0": "ACME-17"}),
    )
    assert [each.text("sentry.message.parameter.0") for each in stored(project)] == [REMOVED, "ACME-17"]


def test_card_numbers_go_as_text_and_as_numbers(project: Project) -> None:
    number = int(CARD)
    sent = [line(f"paid by {CARD}"), line(attributes={"paid_with": number}), line(attributes={"order_id": number})]
    digest_lines(project, *sent)
    text, paid, order = stored(project)
    assert CARD not in text.body and paid.attributes["paid_with"] == "[removed: card number]"
    assert order.attributes["order_id"] == number  # trading data stays


def test_addresses_of_users_go_unless_the_project_keeps_them(project: Project) -> None:
    sent = line(attributes={"user.ip_address": "203.0.113.9"})
    assert "203.0.113.9" not in f"{only(project, sent)}"
    Project.objects.update(keeps_ip_addresses=True)
    LogBlock.objects.all().delete()
    assert only(project, {**sent, "body": "again"}).attributes["user.ip_address"] == "203.0.113.9"


def test_fields_that_the_project_names_go(project: Project) -> None:
    Project.objects.update(scrub_fields=["desk_code"])
    found = only(project, line("desk_code=K17 ok", attributes={"desk.code": "K17", "desk": "fx"}))
    assert "K17" not in f"{found}" and found.attributes["desk"] == "fx"


def test_what_is_clean_is_left_alone(project: Project) -> None:
    sent = {"order_id": "ord-000017", "symbol": "ACME", "price": 12.5, "quantity": 100, "thread.id": 140701413149568}
    found = only(project, line("order ord-000017 filled at 12.5", attributes=sent))
    assert {name: found.attributes[name] for name in sent} == sent
    assert found.body == "order ord-000017 filled at 12.5"


def test_each_line_of_many_keeps_its_own_values(project: Project) -> None:
    lines = [
        line(
            f"line {at}" + (f" password={SECRET}" if at % 7 == 0 else ""),
            ago=100 - at,
            attributes={"n": at, "even": at % 2 == 0},
        )
        for at in range(60)
    ]
    digest_lines(project, *lines)
    found = stored(project)
    assert [each.attributes["n"] for each in found] == list(range(60))
    assert [each.attributes["even"] for each in found] == [at % 2 == 0 for at in range(60)]
    assert [each.body for each in found] == [
        f"line {at}" + (" password=[removed: password]" if at % 7 == 0 else "") for at in range(60)
    ]
