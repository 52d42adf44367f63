"""The settings of the test run: a data folder of its own, and no `.env` of whoever runs it."""

import os
import tempfile

os.environ["TRADEWATCH_HOME"] = tempfile.mkdtemp(prefix="tradewatch-test-")
os.environ["TRADEWATCH_DOTENV"] = "/nonexistent"

from tradewatch.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
