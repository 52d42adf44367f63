from django.db import models


class InternalError(models.Model):
    """An error inside TradeWatch's own digest: kept here, never sent into the inbox that failed."""

    at = models.DateTimeField(db_index=True)
    where = models.CharField(max_length=200)
    text = models.TextField()

    def __str__(self) -> str:
        return self.where
