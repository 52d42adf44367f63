from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "tradewatch.projects"
    label = "projects"
