from tradewatch.accounts.models.second_factor import Authenticator, RecoveryCode
from tradewatch.accounts.models.sessions import SessionRecord

__all__ = ["Authenticator", "RecoveryCode", "SessionRecord"]
