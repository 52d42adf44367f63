from django.conf import settings
from django.db import models

from tradewatch.core.encryption import EncryptedTextField


class Authenticator(models.Model):
    """The app on somebody's phone that shows codes; it counts once it is confirmed by a first code.

    Not django-otp's TOTPDevice and StaticDevice: those keep the seed, and recovery codes, readable in the database, so
    that a stolen backup would be a second factor. Its arithmetic is used (`accounts.codes`).
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="authenticator")
    seed = EncryptedTextField(help_text="Base32, as the app was given it.")
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=-1, help_text="Time step of the last code taken: none is taken twice.")
    last_used_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="Wrong codes in a row.")
    last_failed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "second factor"

    def __str__(self) -> str:
        return f"second factor of {self.user}"


class RecoveryCode(models.Model):
    """A code on paper for when the phone is gone. Only the SHA-256 is stored (80 random bits need no more)."""

    authenticator = models.ForeignKey(Authenticator, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authenticator", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return "used" if self.used_at else "unused"
