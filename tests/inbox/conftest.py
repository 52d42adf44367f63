from django.conf import settings as live_settings

collect_ignore = [] if live_settings.IS_POSTGRES else ["test_queue_postgres.py"]  # it needs the real server
