"""The configuration of the client: environment, file, permissions."""

from pathlib import Path

import pytest

from alphanumeric_client import config
from alphanumeric_client.config import Config, load, path, save
from alphanumeric_client.errors import ClientError, Exit


def test_defaults_file_and_environment(tmp_path: Path) -> None:
    home = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert load(home) == Config(config.DEFAULT_URL)
    file = save("token", 'an_"quoted"', home)
    save("voice", "joe", home)
    assert file == tmp_path / "alphanumeric" / "client.toml" == path(home)
    assert file.stat().st_mode & 0o777 == 0o600
    assert load(home) == Config(config.DEFAULT_URL, 'an_"quoted"', "joe")
    assert load({**home, "ALPHANUMERIC_URL": "https://speech.example.com", "ALPHANUMERIC_VOICE": "nova"}) == Config(
        "https://speech.example.com", 'an_"quoted"', "nova"
    )
    save("voice", "", home)
    assert load(home).voice == ""


def test_a_token_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = save("token", "an_x", {"ALPHANUMERIC_CONFIG": str(tmp_path / "client.toml")})
    file.chmod(0o644)
    with pytest.raises(ClientError, match="chmod 600") as caught:
        load({"ALPHANUMERIC_CONFIG": str(file)})
    assert caught.value.status is Exit.CONFIGURATION


@pytest.mark.parametrize("content", ["url = [", "address = 'x'", "url = 'ftp://host'", "url = 'localhost:8000'"])
def test_a_malformed_file_is_an_error(tmp_path: Path, content: str) -> None:
    file = tmp_path / "client.toml"
    file.write_text(content)
    with pytest.raises(ClientError) as caught:
        load({"ALPHANUMERIC_CONFIG": str(file)})
    assert caught.value.status is Exit.CONFIGURATION
