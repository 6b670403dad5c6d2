"""The pages that only development has; `config.urls` mounts them where `settings.DEVSTACK` says so."""

from django.urls import path

from config.devstack import mail

urlpatterns = [
    path("dev/mail/", mail.inbox, name="dev-inbox"),
    path("dev/mail/latest", mail.latest, name="dev-latest-mail"),
    path("dev/mail/<str:name>", mail.mail, name="dev-mail"),
    path("dev/mail/<str:name>/html", mail.mail_html, name="dev-mail-html"),
]
