from django.apps import AppConfig
from django.db.backends.signals import connection_created

from tradewatch.core.sqlite_files import settle_database


class CoreConfig(AppConfig):
    name = "tradewatch.core"
    label = "core"

    def ready(self) -> None:
        connection_created.connect(settle_database, dispatch_uid="settle_database")
