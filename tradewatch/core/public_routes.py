"""Every route that answers without credentials. A test walks the URL table: whatever is not here refuses strangers.

Routes as `urls.py` writes them, each also with a trailing slash. The ingest routes are in no URL table: the raw edge in
front of Django serves them, and asks for a DSN key (`tradewatch.ingest`). Static files hold nothing of a user's.
"""

PUBLIC_ROUTES = (
    "",  # only leads on to the dashboard, which asks for a login
    "health",
    "health/ready",
    "admin/login",
    "oncall/feed/<str:secret>.ics",  # a calendar cannot log in: unguessable, revocable, read only
    "admin/logout",  # ends a session; without one there is nothing to end
    "login/code",  # the second step: does something only after a right password
    "login/second-factor",
    "login/reset",
    "login/reset/sent",
    "login/reset/done",
    "login/reset/<uidb64>/<token>",
    "ping/<str:key>",  # heartbeats: the key cannot be guessed
    "ping/<str:key>/<int:exit_code>",
    "ping/<str:key>/<slug:signal>",
    "v2/enqueue",  # PagerDuty's protocol: the key is in the body, and without a known one the answer is 400
    "alerts/answer/<str:token>",  # the link in a message: signed for its receiver, expires, a GET changes nothing
)
INGEST_PATHS = (
    "/api/1/envelope",
    "/api/1/store",
    "/api/1/security",
    "/api/1/cron/nightly",
    "/api/1/cron/nightly/key",
)
STATIC_PREFIX = "/static/"
