from datetime import UTC, datetime, timedelta

import pytest

from tradewatch.core.faults import Conflict, Invalid
from tradewatch.core.idempotency import Answered, Claim, claim, forget_old_answers, keep_answer, release
from tradewatch.core.models import IdempotentAnswer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)


def ask(caller: str = "token:1", path: str = "/a?", key: str = "k", body: bytes = b"{}", *, later: float = 0):
    return claim(caller, path, key, body, now=NOW + timedelta(seconds=later))


def test_the_answer_is_kept_for_a_day_and_then_the_key_is_new() -> None:
    keep_answer(ask(), 201, {"id": 1})
    assert ask(later=86_399) == Answered(201, {"id": 1})
    assert isinstance(ask(later=86_400), Claim)


@pytest.mark.parametrize("other", [{"caller": "token:2"}, {"path": "/b?"}, {"key": "l"}])
def test_caller_path_and_key_keep_answers_apart(other: dict[str, str]) -> None:
    keep_answer(ask(), 201, {"id": 1})
    assert isinstance(ask(**other), Claim)


def test_a_second_request_meanwhile_is_a_conflict_until_the_claim_expires() -> None:
    first = ask()
    with pytest.raises(Conflict, match="still being answered"):
        ask(later=59)
    second = ask(later=60)
    assert isinstance(second, Claim)
    keep_answer(first, 201, {"id": 1})  # the first was only slow: its claim is gone, the second's answer counts
    release(first)
    keep_answer(second, 202, {"id": 2})
    assert ask(later=61) == Answered(202, {"id": 2})


def test_another_body_is_a_conflict_before_and_after_the_answer() -> None:
    held = ask()
    with pytest.raises(Conflict, match="another body"):
        ask(body=b"[]")
    keep_answer(held, 200, None)
    with pytest.raises(Conflict, match="another body"):
        ask(body=b"[]")


@pytest.mark.parametrize("status", [400, 403, 409, 500])
def test_a_refusal_is_not_kept(status: int) -> None:
    keep_answer(ask(), status, {"detail": "no"})
    assert isinstance(ask(body=b"[]"), Claim)


def test_a_key_too_long_is_refused() -> None:
    with pytest.raises(Invalid):
        ask(key="k" * 201)


def test_the_cleaning_leaves_what_is_younger_than_a_day() -> None:
    keep_answer(ask(), 200, None)
    keep_answer(ask(key="young", later=60), 200, None)
    assert forget_old_answers(now=NOW + timedelta(days=1)) == 1
    assert IdempotentAnswer.objects.get().key == "young"
