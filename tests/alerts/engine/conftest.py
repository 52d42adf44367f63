import pytest


@pytest.fixture(autouse=True)
def _one_reader(settings) -> None:
    settings.ALERT_MAIL_TO = ["desk@example.com"]
