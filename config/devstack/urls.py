"""The pages that only development has; nothing of this is there in production, mounted or not."""

from django.conf import settings
from django.urls import URLPattern, path

from config.devstack import mail

urlpatterns: list[URLPattern] = []
if settings.DEVSTACK:
    urlpatterns = [
        path("dev/mail/", mail.inbox, name="dev-inbox"),
        path("dev/mail/latest", mail.latest, name="dev-latest-mail"),
        path("dev/mail/<str:name>", mail.mail, name="dev-mail"),
        path("dev/mail/<str:name>/html", mail.mail_html, name="dev-mail-html"),
    ]
