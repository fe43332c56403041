"""``python -m benchmarks.languages``: print the sentences whose language is mistaken."""

import sys

from benchmarks.languages import mistakes, read_sentences

for language, text, found in mistakes():
    sys.stdout.write(f"{language} as {found}: {text}\n")
sys.stdout.write(f"{len(mistakes())} of {len(read_sentences())}\n")
