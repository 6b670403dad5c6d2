"""Pages for people about their accounts at brokers."""

from django.urls import path

from trading.pages import brokers, linking, paper

ACCOUNT = "accounts/brokers/<str:account_id>"

urlpatterns = [
    path("accounts/brokers", brokers.brokers, name="brokers"),
    path("accounts/brokers/link", linking.choose_broker, name="choose-broker"),
    path("accounts/brokers/link/<slug:broker>", linking.link, name="link-broker"),
    path("accounts/brokers/paper/login", paper.paper_login, name="paper-login"),
    path(ACCOUNT, brokers.broker_account, name="broker-account"),
    path(f"{ACCOUNT}/login", brokers.log_in_again, name="broker-log-in-again"),
    path(f"{ACCOUNT}/refresh", brokers.refresh, name="broker-refresh"),
    path(f"{ACCOUNT}/rename", brokers.rename, name="broker-rename"),
    path(f"{ACCOUNT}/credentials", linking.replace_credentials, name="broker-credentials"),
    path(f"{ACCOUNT}/unlink", linking.unlink, name="broker-unlink"),
]
