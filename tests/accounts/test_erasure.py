"""Tests that a deleted account leaves nothing on the disk: neither in the database nor in its WAL file."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = "rumpelstiltskin"
SCRIPT = f"""
import sys
import django
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pathlib import Path

call_command("migrate", verbosity=0)
# A checkpoint copies the write-ahead log to the database file, which then contains the name too.
User.objects.create_user("{NAME}", email="{NAME}@example.com", password="straw into gold")
connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
User.objects.filter(username="{NAME}").update(first_name="{NAME}")
folder = Path(sys.argv[1])

def found():
    return [path.name for path in sorted(folder.glob("*.sqlite3*")) if b"{NAME}" in path.read_bytes()]

print(found())
client = Client(headers={{"Host": "localhost"}})
assert client.post("/accounts/sign-in/", {{"username": "{NAME}", "password": "straw into gold"}}).status_code == 302
assert client.post("/accounts/delete/", {{"password": "straw into gold"}}).status_code == 302
assert not User.objects.exists()
print(found())
"""


def test_a_deleted_accounts_name_is_in_no_file(tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "project.settings"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    before, after = done.stdout.splitlines()
    assert before == "['alphanumeric.sqlite3', 'alphanumeric.sqlite3-wal']"
    assert after == "[]"
