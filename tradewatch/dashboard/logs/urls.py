from tradewatch.core.routes import both
from tradewatch.dashboard.logs import views

urlpatterns = [
    *both("logs", views.logs, "logs"),
    *both("logs/export.<slug:kind>", views.export, "logs-export"),
]
