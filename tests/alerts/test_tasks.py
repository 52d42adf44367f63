import pytest
from django.core import mail

from alerts import tasks
from alerts.models import Alert, Route
from alerts.services import observe
from tests.alerts.builders import make_news

pytestmark = pytest.mark.django_db


def test_the_tasks_carry_news_to_a_mail_and_may_run_twice(settings) -> None:
    settings.ALERT_MAIL_TO = ["desk@example.com"]
    observe(make_news())
    Route.objects.update(group_wait_seconds=0)
    for _ in range(2):
        for task in (tasks.judge, tasks.judge_rates, tasks.deliver, tasks.clean_up):
            task()
    assert Alert.objects.count() == len(mail.outbox) == 1
