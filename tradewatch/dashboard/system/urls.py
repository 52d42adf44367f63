from tradewatch.core.routes import both
from tradewatch.dashboard.system import views

urlpatterns = [*both("system", views.system, "system")]
