from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "tradewatch.dashboard"
    label = "dashboard"

    def ready(self) -> None:
        from tradewatch.core.panels import add_dashboard_panel, add_panel
        from tradewatch.dashboard.checks.panel import checks_panel
        from tradewatch.dashboard.debugging.event_panel import issue_sessions_panel
        from tradewatch.dashboard.debugging.panel import sessions_panel
        from tradewatch.dashboard.debugging.patterns import issue_patterns_panel
        from tradewatch.dashboard.debugging.recordings import issue_recordings_panel
        from tradewatch.dashboard.hosts.event_panel import event_host_panel
        from tradewatch.dashboard.hosts.panel import hosts_panel
        from tradewatch.dashboard.logs.panel import event_logs_panel
        from tradewatch.dashboard.oncall_panel import on_call_panel
        from tradewatch.dashboard.performance.panel import performance_panel
        from tradewatch.dashboard.releases.panel import deployed_panel
        from tradewatch.dashboard.releases.suspects_panel import suspects_panel
        from tradewatch.dashboard.sla.panel import issue_cost_panel, release_cost_panel, sla_panel
        from tradewatch.dashboard.traces.panel import event_trace_panel

        add_dashboard_panel("On call now", on_call_panel, width="c5", position=20, is_on_wall=True)
        add_dashboard_panel("Deployed", deployed_panel, width="c5", position=25)
        add_dashboard_panel("Checks", checks_panel, width="c7", position=30)
        add_dashboard_panel("SLA budgets", sla_panel, width="c7", position=45, is_on_wall=True)
        add_panel("issue", "Suspect commits", suspects_panel, position=20)
        add_panel("issue", "Cost of budget", issue_cost_panel, position=60)
        add_panel("release", "Cost of budget", release_cost_panel, position=60)
        add_dashboard_panel("Hosts", hosts_panel, width="c12", position=50)
        add_dashboard_panel("Debugging", sessions_panel, width="c5", position=48)
        add_panel("issue", "Patterns", issue_patterns_panel, position=30)
        add_panel("issue", "Debugging sessions", issue_sessions_panel, position=20)
        add_panel("issue", "Recordings", issue_recordings_panel, position=25)
        add_panel("event", "Trace", event_trace_panel, position=20)
        add_panel("event", "Host at that minute", event_host_panel, position=40)
        add_panel("event", "Logs of the trace", event_logs_panel, position=30)
        add_dashboard_panel("Transactions", performance_panel, width="c5", position=40)
