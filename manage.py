#!/usr/bin/env python
"""Run a management command of TradeWatch; `manage.py help` lists them."""

import os
import sys

if __name__ == "__main__":
    if sys.argv[1:2] == ["agent"]:  # runs where TradeWatch does not: without Django, settings and a data folder
        from tradewatch.performance.hosts.agent import start

        sys.exit(start(sys.argv[2:]))

    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradewatch.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # bad options: the names, not a traceback through Django
        sys.exit(str(error))
