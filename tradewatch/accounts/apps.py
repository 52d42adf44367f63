from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "tradewatch.accounts"
    label = "accounts"
