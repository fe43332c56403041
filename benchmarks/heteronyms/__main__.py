"""``python -m benchmarks.heteronyms``: print how many heteronyms espeak-ng and the rules pronounce correctly."""

import sys

from benchmarks.heteronyms import PARTS, read_sentences, wrong

for part in PARTS:
    total = len(read_sentences(part))
    alone, ruled = wrong(part, rules=False), wrong(part, rules=True)
    sys.stdout.write(f"{part}: espeak-ng {total - len(alone)}, with rules {total - len(ruled)} of {total}\n")
    sys.stdout.writelines(f"  {word} ({form}): {text}\n" for word, form, text in ruled)
