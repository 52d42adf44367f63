"""Makes text of strangers fit for one line that people read. Text in, text out."""

import re
import unicodedata

LONGEST = 500
# Joiners are part of scripts and emoji; all other format characters turn, hide or split what is read.
_JOINERS = "‌‍"
_ODD = re.compile(r"[^ -~]")


def plain(text: str, *, limit: int = LONGEST) -> str:
    """Return `text` as one line without control, turning or invisible characters, cut with an ellipsis at `limit`."""
    kept = " ".join(_ODD.sub(_kept, text[: limit * 4]).split())
    return kept if len(kept) <= limit else kept[: limit - 1].rstrip() + "…"


def _kept(found: re.Match[str]) -> str:
    character = found[0]
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category in ("Cf", "Cs", "Cn") and character not in _JOINERS else character
