"""The seed's enumerations without Django; a test holds them equal to the choices that the server stores."""

from enum import StrEnum


class ErrorSeverity(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"

    @property
    def sdk_level(self) -> str:
        """The SDK's name of it: what we call critical travels as `fatal`."""
        return "fatal" if self is ErrorSeverity.CRITICAL else self.value


class ErrorCategory(StrEnum):
    ORDER_EXECUTION = "order_execution"
    MARKET_DATA = "market_data"
    RISK = "risk"
    SETTLEMENT = "settlement"
    AUTHENTICATION = "authentication"
    DATABASE = "database"
    NETWORK = "network"
    EXTERNAL_API = "external_api"
    VALIDATION = "validation"
    BUSINESS_LOGIC = "business_logic"
    SECURITY = "security"
    SYSTEM = "system"
    PERFORMANCE = "performance"
    UNKNOWN = "unknown"
