"""Takes secrets and personal data out of what SDKs send, before anything is stored for good (docs/privacy.md).

Pure: values in, values out. What a project wants on top comes in as a `ScrubPolicy`.
"""

from tradewatch.inbox.scrub.policy import ScrubPolicy
from tradewatch.inbox.scrub.walk import is_clean, scrub_document, scrub_text

__all__ = ["ScrubPolicy", "is_clean", "scrub_document", "scrub_text"]
