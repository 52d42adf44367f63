"""What a name says about its value: `password`, `x-api-key`, `dbPassword` give themselves away.

Every name of the SDK's own deny-list and of its list of personal data is in here
(https://docs.sentry.io/platforms/python/data-management/sensitive-data/), in any case and with any separators, and the
names that trading systems use. `tests/inbox/test_scrub_keys.py` compares with the SDK's lists.
"""

import itertools
import re

IP_ADDRESS = "ip address"
PROJECT_FIELD = "project field"

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_EXACT = {
    "auth": "authorization",
    "xauth": "authorization",
    "basicauth": "authorization",
    "httpauth": "authorization",
    "proxyauth": "authorization",
    "authheader": "authorization",
    "oauth": "authorization",
    "session": "session",
    "sessionid": "session",
    "sessid": "session",
    "connectsid": "session",
    "symfony": "session",
    "usersession": "session",
    "aiohttpsession": "session",
    "pin": "pin",
    "pincode": "pin",
    "cardpin": "pin",
    "otp": "one-time code",
    "otpcode": "one-time code",
    "mfacode": "one-time code",
    "cvv": "card code",
    "cvc": "card code",
    "cvvcode": "card code",
    "securitycode": "card code",
    "cardnumber": "card number",
    "ccnumber": "card number",
    "creditcardnumber": "card number",
    "iban": "iban",
    "accountkey": "",  # told apart by its spelling: Azure's AccountKey is a secret, account_key names an account
}
_WORDS = {
    "password": "password",
    "passwords": "password",
    "passwd": "password",
    "pwd": "password",
    "passphrase": "password",
    "passcode": "password",
    "secret": "secret",
    "secrets": "secret",
    "credential": "credentials",
    "credentials": "credentials",
    "creds": "credentials",
    "authorization": "authorization",
    "cookie": "cookie",
    "cookies": "cookie",
    "csrf": "csrf token",
    "xsrf": "csrf token",
    "jwt": "token",
}
_ENDINGS = (
    ("apikey", "api key"),
    ("secretkey", "secret"),
    ("privatekey", "private key"),
    ("accesskey", "api key"),
    ("sessid", "session"),
    ("csrftoken", "csrf token"),
    ("xsrftoken", "csrf token"),
    ("token", "token"),
    ("secret", "secret"),
    ("credentials", "credentials"),
    ("pwd", "password"),
)
_PARTS = (("password", "password"), ("passwd", "password"), ("passphrase", "password"))
_KEYS_OF = {
    "api": "api key",
    "access": "api key",
    "private": "private key",
    "secret": "secret",
    "auth": "secret",
    "shared": "secret",
    "master": "secret",
    "signing": "secret",
    "encryption": "secret",
    "decryption": "secret",
    "hmac": "secret",
    "ssh": "private key",
    "pgp": "private key",
    "gpg": "private key",
    "storage": "secret",
    "deploy": "secret",
    "license": "secret",
    "session": "session",
    "webhook": "secret",
}
# What follows says that the value is about the secret, not the secret: token_count, password_changed_at, cookie_name.
_ABOUT = _set(
    "at age attempts changed count counts date enabled endpoint expired expires expiration expiry field index "
    "length len lifetime limit limits max min name names policy required reset status strength ttl type types "
    "uri url used usage valid version in seconds domain path samesite secure httponly"
)
_TOKEN_TAILS = _set("value key secret string hash data raw header hex text")
_PLAIN_TOKENS = _set(
    # crypto assets, cursors and parsers have tokens that are no secret
    "base quote underlying cancellation cancel next page continuation sync start end unexpected lookahead"
)
_SESSION_OWNERS = _set("user web http login php asp aspnet j java client auth admin django browser x")
_ADDRESSES = _set("addr address ip")
_ADDRESS_NAMES = _set(
    "forwarded xforwarded ipaddress ipaddr clientip remoteip userip sourceip peerip realip remoteaddr "
    "clientaddr peeraddr peername client"
)
_PEERS = _set("remote client peer user source src caller")
_IDENTIFIED = _set(
    "order ord orders exec execution trade trades fill deal quote cl client orig event trace span parent "
    "request correlation transaction tx seq sequence message msg match ticket venue exchange leg block list"
)
_IDENTIFIERS = _set("id ids no num number ref reference seq")
_IDENTIFIER_NAMES = _set("clordid clordids origclordid orderid execid tradeid fillid dealid seq sequence nonce")


def words_of(name: str) -> list[str]:
    """Return the words of `dbPassword`, `X-Api-Key`, `PHPSESSID`, in lower case; digits count as nothing."""
    return [word.lower() for word in _WORD.findall(name)]


def squashed(name: str) -> str:
    """Return `name` as it compares: `Client-Ref`, `client_ref` and `clientRef` are one."""
    return "".join(character for character in name.lower() if character.isalnum())


def kind_of(name: str) -> str | None:
    """Return what a value under `name` is (`password`, `token`, `ip address`, ...); None when it may stay."""
    words = words_of(name)
    if not words or name in ("PWD", "OLDPWD"):  # the working folder, in every environment
        return None
    whole = "".join(words)
    if whole == "accountkey":
        return "secret" if name == "AccountKey" else None
    return _EXACT.get(whole) or _address_kind(words, whole) or _secret_kind(words, whole)


def _secret_kind(words: list[str], whole: str) -> str | None:
    if words[-1] in _ABOUT and len(words) > 1:
        return None
    for word in words:
        if word in _WORDS:
            return _WORDS[word]
    return _key_kind(words) or _token_kind(words) or _session_kind(words, whole) or _glued_kind(words, whole)


def _key_kind(words: list[str]) -> str | None:
    for before, word in itertools.pairwise(words):
        if word == "key" and before in _KEYS_OF:
            return _KEYS_OF[before]
        if word == "sign" and before in ("api", "access"):  # how exchanges name a request's signature
            return "signature"
    return None


def _token_kind(words: list[str]) -> str | None:
    if "token" in words:
        position = words.index("token")
        plain = position and words[position - 1] in _PLAIN_TOKENS
        return "token" if not plain and _TOKEN_TAILS.issuperset(words[position + 1 :]) else None
    if (
        words[-1] == "tokens"
        and len(words) > 1
        and words[-2] in ("access", "refresh", "auth", "api", "bearer", "session")
    ):
        return "token"
    return None


def _session_kind(words: list[str], whole: str) -> str | None:
    """A web session is a secret, a trading session is not."""
    if whole.endswith("sessionid"):
        owner = whole.removesuffix("sessionid")
        return "session" if owner in _SESSION_OWNERS else None
    return None


def _glued_kind(words: list[str], whole: str) -> str | None:
    """Names without separators: dbpassword, accesstoken."""
    for ending, kind in _ENDINGS:
        if whole.endswith(ending) and "token" not in words:
            return kind
    for part, kind in _PARTS:
        if part in whole:
            return kind
    return None


def _address_kind(words: list[str], whole: str) -> str | None:
    if words[-1] == "ip" or words[-2:] in (["ip", "address"], ["ip", "addr"]):
        return IP_ADDRESS
    if words[-1] in _ADDRESSES and len(words) > 1 and words[-2] in _PEERS:
        return IP_ADDRESS
    if words[-2:] == ["forwarded", "for"] or whole in _ADDRESS_NAMES:
        return IP_ADDRESS
    return None


def is_identifier(name: str) -> bool:
    """Tell whether `name` holds the id of an order, a fill, a message: digits there are no card number."""
    words = words_of(name)
    if not words:
        return False
    whole = "".join(words)
    if whole in _IDENTIFIER_NAMES or whole in ("id", "ids"):
        return True
    return words[-1] in _IDENTIFIERS and not _IDENTIFIED.isdisjoint(words)
