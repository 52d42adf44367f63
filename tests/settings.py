"""The settings of the test run: a data folder of its own, and no `.env` of whoever runs it."""

import os
import tempfile

os.environ["TRADEWATCH_HOME"] = tempfile.mkdtemp(prefix="tradewatch-test-")
os.environ["TRADEWATCH_DOTENV"] = "/nonexistent"
if os.environ.get("REDIS_URL"):
    # Each process of a parallel run has a Redis database of its own, as it has an SQL one.
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].rsplit("/", 1)[0] + f"/{number}"

from tradewatch.facade.failures import raise_failures
from tradewatch.settings import *  # noqa: F403
from tradewatch.settings import DATABASES, IS_POSTGRES

raise_failures()  # what production swallows shows in tests

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if IS_POSTGRES:
    del DATABASES["default"]["OPTIONS"]["pool"]  # pooled connections would keep the test database from being dropped

SCRAPE_SECONDS = 0.0  # in the test's own thread: another would not see what its transaction wrote
