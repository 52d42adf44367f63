#!/usr/bin/env python
"""Run a management command of TradeWatch; `manage.py help` lists them."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradewatch.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # bad options: the names, not a traceback through Django
        sys.exit(str(error))
