from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tradewatch.core.reencrypting import encrypted_columns, reencrypt


class Command(BaseCommand):
    help = "Encrypt stored secrets under TRADEWATCH_SECRET_KEY, so that TRADEWATCH_SECRET_KEY_FALLBACKS may go."

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = 0
        for column in encrypted_columns():
            tally = reencrypt(column)
            unreadable += tally.unreadable
            said = f"{tally.renewed} encrypted anew, {tally.current} were"
            self.stdout.write(f"{column}: {said}" + (f", {tally.unreadable} unreadable" if tally.unreadable else ""))
        if unreadable:
            raise CommandError(
                f"{unreadable} are under a key that is not named: put it into TRADEWATCH_SECRET_KEY_FALLBACKS and "
                "run this again, or enter those secrets again"
            )
