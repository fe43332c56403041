from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations
from django.utils import timezone


def list_them(apps: Any, schema_editor: Any) -> None:
    """Who is signed in already is to be listed as well: "everywhere" has to mean it."""
    Session = apps.get_model("sessions", "Session")
    SignedIn = apps.get_model("accounts", "SignedIn")
    User = apps.get_model(settings.AUTH_USER_MODEL)
    users = {str(pk) for pk in User.objects.values_list("pk", flat=True)}
    now = timezone.now()
    store = SessionStore()
    for session in Session.objects.filter(expire_date__gt=now).iterator():
        user = store.decode(session.session_data).get("_auth_user_id")
        if user in users:
            SignedIn.objects.get_or_create(
                session_key=session.session_key, defaults={"user_id": user, "agent": "A browser"}
            )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("sessions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(list_them, migrations.RunPython.noop)]
