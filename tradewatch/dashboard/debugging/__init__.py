"""The pages of debugging: sessions, the workbench of one, the button on an issue's event, a panel for the dashboard."""
