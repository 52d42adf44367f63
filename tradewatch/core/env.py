"""Options from the environment and `.env`, parsed once, each with its type, bounds and a safe default.

A bad value stops the start: every fault is collected, and `Options.finish` raises one error that names them all.
"""

from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar

import environ
from django.core.exceptions import ImproperlyConfigured

from tradewatch.core.dsn import BadDsnError, read_dsn

Value = TypeVar("Value")
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


@dataclass
class Options:
    """Reads options by name and remembers which names exist (a test compares them with `.env.example`)."""

    environment: dict[str, str]
    names: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def text(self, name: str, *, default: str = "", choices: tuple[str, ...] = ()) -> str:
        value = self._raw(name, default).strip()
        if choices and value not in choices:
            return self._fault(name, value, "one of " + ", ".join(choices), default)
        return value

    def secret(self, name: str) -> str:
        """Like `text`, but a fault never repeats the value."""
        return self._raw(name, "").strip()

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._raw(name, str(default)).strip().lower()
        if value not in _TRUE | _FALSE:
            return self._fault(name, value, "true or false", default)
        return value in _TRUE

    def number(self, name: str, *, default: int, at_least: int = 0, at_most: int | None = None) -> int:
        value = self._raw(name, str(default)).strip()
        try:
            number = int(value)
        except ValueError:
            return self._fault(name, value, "a whole number", default)
        if number < at_least or (at_most is not None and number > at_most):
            upper = f" to {at_most}" if at_most is not None else " or more"
            return self._fault(name, value, f"{at_least}{upper}", default)
        return number

    def ratio(self, name: str, *, default: float) -> float:
        value = self._raw(name, str(default)).strip()
        try:
            ratio = float(value)
        except ValueError:
            return self._fault(name, value, "a number from 0 to 1", default)
        if not 0.0 <= ratio <= 1.0:  # also refuses NaN
            return self._fault(name, value, "a number from 0 to 1", default)
        return ratio

    def names_list(self, name: str, *, default: str = "") -> list[str]:
        return [part.strip() for part in self._raw(name, default).split(",") if part.strip()]

    def networks(self, name: str) -> list[str]:
        """Addresses or networks with a mask, e.g. "10.0.0.0/8", separated by commas."""
        networks = self.names_list(name)
        for network in networks:
            try:
                ip_network(network, strict=False)
            except ValueError:
                return self._fault(name, network, "addresses or networks such as 10.0.0.0/8", [])
        return networks

    def url(self, name: str, *, default: str = "", schemes: tuple[str, ...]) -> str:
        value = self._raw(name, default).strip()
        if value and value.split("://", 1)[0] not in schemes:
            # The value is not repeated: a URL may carry a password.
            self.faults.append(f"{name}: expected a URL that starts with {' or '.join(s + '://' for s in schemes)}")
            return default
        return value

    def dsn(self, name: str) -> str:
        """A Sentry DSN, `https://KEY@HOST/PROJECT`; a fault does not repeat it."""
        value = self._raw(name, "").strip()
        try:
            if value:
                read_dsn(value)
        except BadDsnError as error:
            self.faults.append(f"{name}: {error}")
            return ""
        return value

    def path(self, name: str, *, default: Path) -> Path:
        return Path(self._raw(name, str(default))).expanduser().resolve()

    def folder(self, name: str) -> Path | None:
        """Return the folder, which need not exist yet; None when the option is empty."""
        given = self.text(name)
        return Path(given).expanduser().resolve() if given else None

    def finish(self) -> None:
        """Raise `ImproperlyConfigured` when any option read so far had a bad value."""
        if self.faults:
            raise ImproperlyConfigured("\n".join(["bad settings:", *("  " + fault for fault in self.faults)]))

    def _raw(self, name: str, default: str) -> str:
        if name not in self.names:
            self.names.append(name)
        return self.environment.get(name, default)

    def _fault(self, name: str, value: str, expected: str, default: Value) -> Value:
        self.faults.append(f"{name}: expected {expected}, got {value!r}")
        return default


def read_options(dotenv: Path, environment: dict[str, str]) -> Options:
    """Return the options of `environment` over those of the file `dotenv`: the real environment wins."""

    class File(environ.Env):  # type: ignore[misc]  # django-environ has no types
        ENVIRON: dict[str, str] = {}  # `read_env` writes into its class's, else into os.environ

    if dotenv.is_file():
        File.read_env(str(dotenv))
    return Options(environment={**File.ENVIRON, **environment})
