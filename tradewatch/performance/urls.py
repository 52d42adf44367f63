from tradewatch.core.routes import both
from tradewatch.performance.api import health, ready

urlpatterns = [*both("health", health, "health"), *both("health/ready", ready, "health-ready")]
