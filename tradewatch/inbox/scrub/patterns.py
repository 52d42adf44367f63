"""What secrets look like, in one RE2 expression over bytes, and the sums that tell a card from an order number.

The expression runs over raw JSON as well as over single texts, so it knows nothing of quoting: a name counts when
anything like a quote or a separator follows, in plain, JSON-escaped, percent-encoded or HTML form. It may find too
much (then a walk finds nothing to remove), never too little.
"""

import base64
import binascii
import re
from collections.abc import Iterable

import re2

_ROOTS = (
    "passw|passphrase|passcode|pwd|secret|token|jwt|auth|credential|creds|cookie|sess|csrf|xsrf|symfony|connect\\.sid|cvv|cvc|"
    "otp|mfa[-_. ]?code|security[-_. ]?code|card|cc[-_. ]?number|iban|addr|forwarded|peername|sign|"
    "(?:api|access|private|shared|master|encryption|decryption|hmac|ssh|pgp|gpg|storage|deploy|license|webhook|account)"
    "[-_. ]?key"
)
_LAST_ROOTS = r"ip|client|pin(?:[-_. ]?code)?"  # too common inside other words: only at the end of a name
_AFTER = (
    r"(?:\\*[\"']|%2[27]|&(?:quot|#0?39|#x27);|%5[dD])*(?:\s|\\+[nrt]|%20)*"
    r"(?:[:=,\]}]|%3[aAdD]|\\*[\"'])"
)
_BREAK = r"(?:\b|\\[nrtbf]|\\u[0-9a-fA-F]{4})"  # escapes end in word characters, what they stand for is none
_COUNTRIES = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 "
    "EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 "
    "KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 "
    "PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 "
    "UA29 VA22 VG24 XK20 YE30"
)
IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _COUNTRIES.split()}

NAME, ARGUMENT, JWT, PEM, SCHEME, SHAPE, USERINFO, CARD, IBAN, ENCODED, FILTERED = range(1, 12)  # the groups, in order
_SHAPES = "|".join(
    (
        r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
        r"(?:sk|rk|pk)_(?:live|test)_[0-9A-Za-z]{8,}",
        r"whsec_[0-9A-Za-z]{16,}",
        r"gh[pousr]_[0-9A-Za-z]{16,}",
        r"github_pat_\w{20,}",
        r"glpat-[\w\-]{16,}",
        r"xox[a-z]-[0-9A-Za-z\-]{8,}",
        r"xapp-[0-9A-Za-z\-]{8,}",
        r"hooks\.slack\.com/services/[\w/]+",
        r"AIza[\w\-]{35}",
        r"ya29\.[\w\-]{16,}",
        r"SG\.[\w\-]{16,}\.[\w\-]{16,}",
        r"sk-(?:ant-|proj-)?[\w\-]{20,}",
        r"npm_[0-9A-Za-z]{30,}",
        r"pypi-[\w\-]{30,}",
        r"shp(?:at|ss|ca|pa)_[0-9a-fA-F]{20,}",
        r"dop_v1_[0-9a-f]{32,}",
        r"\d{8,10}:AA[\w\-]{32,35}",
    )
)
_DATABASES = r"(?:postgres|postgresql|mysql|mariadb|redis|rediss|amqp|amqps|mongodb|clickhouse|mssql|oracle)(?:\+\w+)?"
_GROUPS = (
    rf"{_BREAK}?(eyJ[\w\-]{{5,}}\.[\w\-=]{{2,}}(?:\.[\w\-=]*)*)",
    r"(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z))",
    rf"{_BREAK}((?i:bearer|basic)(?:\s|%20|\+)+[A-Za-z0-9._~+/=\-]{{4,}})",
    f"{_BREAK}({_SHAPES})",
    rf"(?:(?i:{_DATABASES})://[^\s\"'<>@:/]*:|[A-Za-z][A-Za-z0-9+.\-]*://[^\s/?#\"'<>@:]*:)"
    r"([^\s/?#\"'<>]+@|[^\s\"'<>]+@)",
    rf"{_BREAK}(\d{{13,19}}|\d{{4}}[ \-]\d{{4}}[ \-]\d{{4}}[ \-]\d{{1,7}}|\d{{4}}[ \-]\d{{6}}[ \-]\d{{4,5}})\b",
    rf"{_BREAK}((?i:{'|'.join(IBAN_LENGTHS)})\d\d[ \-]?[A-Za-z0-9]{{4}}[ \-]?[A-Za-z0-9]{{4}}[ \-]?[A-Za-z0-9]{{3}})",
    r"(\\/|\\u00[2-7][0-9a-fA-F]|\\x[2-7][0-9a-fA-F]|%(?:3[0-9]|4[1-9A-Fa-f]|5[0-9Aa]|6[1-9A-Fa-f]|7[0-9Aa]))",
    r"(\[Filtered\])",
)
KINDS = {JWT: "token", PEM: "private key", SCHEME: "token", SHAPE: "api key", USERINFO: "password"}


def compile_patterns(extra_fields: Iterable[str]) -> "re2._Regexp":
    """Return the expression; its groups are the constants above. `extra_fields`: names out of `keys.squashed`."""
    extra = "".join("|" + r"[^\w]?_?".join(re.escape(letter) for letter in field) for field in sorted(extra_fields))
    name = rf"([\w$.\-]*(?:(?:{_ROOTS}{extra})[\w$.\-]*|(?:{_LAST_ROOTS})\d?))"
    options = re2.Options()
    options.max_mem = 32 << 20  # the default's lazy DFA starts over too often on large events
    argument = rf"--([\w\-]*(?:{_ROOTS}{extra})[\w\-]*)\s"
    return re2.compile("|".join((f"(?i:{name}{_AFTER})", f"(?i:{argument})", *_GROUPS)).encode(), options)


def is_card(digits: str) -> bool:
    """Tell whether 13 to 19 digits begin like a card of a known scheme and pass the Luhn check (ISO/IEC 7812)."""
    return _has_card_prefix(digits) and _luhn_sum(digits) % 10 == 0


def _has_card_prefix(digits: str) -> bool:
    size, two, four = len(digits), int(digits[:2]), int(digits[:4])
    if digits[0] == "4":
        return size in (13, 16, 19)
    if 51 <= two <= 55 or 2221 <= four <= 2720:
        return size == 16
    if two in (34, 37):
        return size == 15
    if two in (36, 38, 39) or 3000 <= four <= 3059:
        return size in (14, 16, 19)
    if (
        3528 <= four <= 3589
        or two in (62, 64, 65)
        or four in (6011, 5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763)
    ):
        return 16 <= size <= 19
    return False


def _luhn_sum(digits: str) -> int:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return sum(doubled) + sum(int(digit) for digit in digits[-1::-2])


def iban_length(text: str) -> int | None:
    """Return how many characters of `text` are an IBAN it begins with (spaces and hyphens count); None: it does not.

    The country's length and the check digits decide (ISO 13616, mod 97): ISINs and LEIs fail one or the other.
    """
    wanted = IBAN_LENGTHS.get(text[:2].upper(), 0)
    letters: list[str] = []
    for position, character in enumerate(text):
        if character.isascii() and character.isalnum():
            letters.append(character.upper())
            if len(letters) == wanted:
                return position + 1 if _ends(text, position + 1) and _iban_checks("".join(letters)) else None
        elif character not in " -":
            return None
    return None


def _ends(text: str, position: int) -> bool:
    return not (text[position : position + 1].isalnum() or text[position : position + 1] == "_")


def _iban_checks(iban: str) -> bool:
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1


_PROSE = frozenset(
    b"token tokens auth authentication authorization scheme schemes realm header headers error errors required invalid "
    b"missing expected credentials credential format type access from with and the for not was".split()
)


def is_credential(scheme_and_value: bytes) -> bool:
    """Tell `Bearer abc123` and `Basic dTpw` from prose about them ("bearer authentication failed")."""
    scheme, _, value = scheme_and_value.replace(b"%20", b" ").replace(b"+", b" ", 1).partition(b" ")
    value = value.strip()
    if re.split(rb"[^A-Za-z]", value.lower())[0] in _PROSE and not re.search(rb"\d", value):
        return False
    if scheme.lower() == b"bearer":
        return True
    try:
        return b":" in base64.b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except binascii.Error:
        return False
