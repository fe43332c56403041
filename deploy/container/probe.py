"""The health check of the container: exits with 0 if ``/readyz`` of this container returns 200."""

import os
import sys
import urllib.error
import urllib.request

PORT = os.environ.get("PORT") or "8000"

try:
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=5) as answer:
        sys.exit(0 if answer.status == 200 else 1)
except (urllib.error.URLError, OSError) as error:
    sys.exit(f"not ready: {error}")
