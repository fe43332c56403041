"""Every language reads numbers, dates, money and measures without an error, by its tables or by CLDR alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from synthesis.text.normalization.languages import LANGUAGES
from synthesis.text.normalization.localized.icu_locale import icu_locale
from synthesis.text.normalization.tables import DATA, language_table
from synthesis.text.normalizer import normalize

FORMS = (
    "21, 1.234.567, -5, 3,5; 5 € 12,50 € $100 R$ 5, 20 km 5 kg 20 °C 50 % 200 km/h 5 m² 23.10.1992 2024-01-05 5. 14:30 "
    "2:00 PM 10-20 1/2 2 3/4 1½ kg Tel. 012 345 678 +33 1 23 45 alice@example.com www.example.com A320 B-52 v2.3.1 "
    "192.168.0.1 1º 2ª 5e XXI Ve 12/31/2020 5/2020 3 h 12 min 2×3 m 10 % – 20 % #5 1e10 5^2 l'1:15 1,000.50 2020'de"
)
WITHOUT_TABLES = sorted({*LANGUAGES} - {path.stem.partition("-")[0] for path in DATA.glob("*.toml")})


def said(text: str, language: str) -> str:
    return " ".join(word.spoken for word in normalize(text, language))


@pytest.mark.parametrize("language", [*sorted(LANGUAGES), "pt-PT", "es-MX", "gl-ES", "xx"])
def test_all_forms_are_read_without_an_error(language: str) -> None:
    assert normalize(FORMS, language)


@pytest.mark.parametrize("language", [language for language in WITHOUT_TABLES if icu_locale(language).spells])
def test_cldr_alone_leaves_no_digit(language: str) -> None:
    for written in ("21", "5 €", "20 km", "2024-01-05", "14:30", "10-20"):
        assert not any(map(str.isdecimal, said(written, language))), written


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("fi-FI", "23.10.1992", "kahdeskymmeneskolmas lokakuuta tuhatyhdeksänsataayhdeksänkymmentäkaksi"),
        ("da-DK", "23.5.1992", "treogtyvende maj nittenhundrede og tooghalvfems"),
        ("cs-CZ", "20 km", "dvacet kilometrů"),
        ("hu-HU", "5. ház", "ötödik ház"),
        ("ca-ES", "5 €", "cinc euros"),
        ("id-ID", "50 %", "lima puluh persen"),
        ("vi-VN", "23.10.1992", "hai mươi ba tháng mười một nghìn chín trăm chín mươi hai"),
    ],
)
def test_cldr_alone_reads_common_forms(language: str, written: str, spoken: str) -> None:
    assert said(written, language) == spoken


TABLES = [path for path in sorted(DATA.glob("*.toml")) if path.stem not in {"root", "units", "en"}]


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_tables_have_only_fields_that_root_describes(path: Path) -> None:
    """A misspelled field would be ignored."""
    root, table = language_table("xx"), language_table(path.stem)
    free = {"ordinal_words", "ordinal_endings", "symbols", "abbreviations", "final_abbreviations", "before_numbers"}
    free |= {
        "bare",
        "before_names",
        "weekdays",
        "weekday_letters",
        "after_numerals",
        "saints",
        "letters",
        "units",
        "unit_nouns",
        "magnitudes",
        "fractions",
        "suffixes",
        "math",
    }
    assert set(table) <= set(root)
    for section in set(table) - free:
        assert set(table[section]) - set(root[section]) <= set("@./-_:+?=&#~%") | {"words", "reale"}, section


def test_english_does_not_load_icu() -> None:
    code = (
        "import sys; from synthesis.text.normalizer import normalize; normalize('$5 on May 3', 'en-US');"
        "sys.exit('icu' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
