"""Parses browser and system from User-Agent headers. Pure."""

BROWSERS = (
    # Most browsers also include the marks of others, for compatibility: the most specific mark stands first.
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "a Mac"),
    ("Linux", "Linux"),
    ("X11", "Unix"),
)


def describe_user_agent(agent: str) -> str:
    """Return text such as "Firefox on Linux". It contains no part of the header, which is untrusted."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "A program")
    system = next((name for mark, name in SYSTEMS if mark in agent), None)
    return f"{browser} on {system}" if system else browser
