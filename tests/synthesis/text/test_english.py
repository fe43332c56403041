"""English normalization, one case per line: ``written => spoken``, with audible punctuation."""

import pytest

from synthesis.text.normalizer import normalize

CASES = """
Build #42 failed at 12:05: $3.50 over, see https://ci.example.com/log?x=1 (50%) => Build number forty two failed at twelve oh five: three dollars and fifty cents over, see CI dot example dot com slash log question mark x equals one, fifty percent

# Plain words keep what they are.
Hello, world. => Hello, world.
It's the cat's toy; don't worry! => It's the cat's toy; don't worry!
A well-known, state-of-the-art idea => A well known, state of the art idea
She met McDonald's O'Brien => She met Mcdonald's O'brien
rock 'n' roll => rock n roll

# Whole numbers, decimals, signs
3 apples => three apples
105 apples => one hundred and five apples
1,234,567 pears => one million two hundred and thirty four thousand five hundred and sixty seven pears
100,000 => one hundred thousand
1000000 people => one million people
-5 degrees => minus five degrees
−3.5 => minus three point five
.5 => point five
pi is 3.14159 => pi is three point one four one five nine
007 => zero zero seven
+5 => plus five
~5 => about five
±2 => plus or minus two
10k users => ten thousand users
4K video => four K video
5M rows => five million rows
3x faster than 2x => three x faster than two x
1e-5 => one times ten to the power of minus five
0xFF => hex F F

# Ordinals
1st, 2nd, 3rd, 22nd => first, second, third, twenty second
the 101st time => the one hundred and first time
100th => one hundredth
1,000th => one thousandth

# Years
in 2024 => in twenty twenty four
since 1905 => since nineteen oh five
by 2000 => by two thousand
in 2001 => in two thousand and one
in 1066 => in ten sixty six
1500 dollars => one thousand five hundred dollars
2024 users => two thousand and twenty four users
the 1990s => the nineteen nineties
the '80s and 1950s => the eighties and nineteen fifties
in the 90s => in the nineties
the 2000s => the two thousands
retry in 30s => retry in thirty seconds
mid-1990s => mid nineteen nineties
2019-2024 => twenty nineteen to twenty twenty four

# Money
$3.50 => three dollars and fifty cents
$1 => one dollar
$1.01 => one dollar and one cent
$0.99 => ninety nine cents
$1,000.00 => one thousand dollars
£2.50 => two pounds and fifty pence
€10 => ten euros
¥500 => five hundred yen
-$5 => minus five dollars
$1.2M => one point two million dollars
$3 million => three million dollars
$5k => five thousand dollars
$0.015 => zero point zero one five dollars
$12/month => twelve dollars per month
5 € => five euros
5€ => five euros
$100-200 => one hundred to two hundred dollars

# Dates
12/25/2024 => December twenty fifth twenty twenty four
25/12/2024 => December twenty fifth twenty twenty four
2024-12-25 => December twenty fifth twenty twenty four
25.12.2024 => December twenty fifth twenty twenty four
Dec 25 => December twenty fifth
Dec. 25th => December twenty fifth
December 25, 2024 => December twenty fifth, twenty twenty four
25 December 2024 => the twenty fifth of December twenty twenty four
the 4th of July => the fourth of July
March 2023 => March twenty twenty three
I may 5 times => I may five times

# Times of day
5:00 => five o'clock
5:00 pm => five PM
5:30pm => five thirty PM
9am => nine AM
9 a.m. sharp => nine AM sharp
14:30 => fourteen thirty
14:00 => fourteen hundred
09:07 => nine oh seven
00:00 => midnight
12:05:33 => twelve oh five and thirty three seconds
10:00-11:30 => ten o'clock to eleven thirty
5-6 pm => five to six PM
2024-12-25T12:05:33Z => December twenty fifth twenty twenty four, twelve oh five and thirty three seconds
at 5 p.m. on Monday => at five PM on Monday
3:05 p.m. Then => three oh five PM. Then

# Percent and units
95% => ninety five percent
3.5% => three point five percent
50 % => fifty percent
5 km => five kilometers
1 km => one kilometer
10ms => ten milliseconds
3 GB => three gigabytes
20 °C => twenty degrees celsius
20°C => twenty degrees celsius
60 mph => sixty miles per hour
100 MB/s => one hundred megabytes per second
5 m² => five square meters
5 μm => five micrometers
6ft => six feet
12.5s => twelve point five seconds

# Ranges, fractions, ratios
5-10 => five to ten
pages 3–7 => pages three to seven
5-10% => five to ten percent
10–20 km => ten to twenty kilometers
10 - 20 => ten to twenty
5 - 3 => five minus three
1/2 => one half
3/4 => three quarters
½ => one half
3½ => three and a half
2 1/2 => two and a half
5/8 => five eighths
3/7 passed => three out of seven passed
12/25 passed => twelve out of twenty five passed
Room 101B => Room one hundred and one B
16:9 => sixteen to nine
24/7 => twenty four seven
1920x1080 => nineteen twenty by ten eighty

# Versions, numbers of things, codes
v1.2.3 => version one point two point three
3.11.7 => three point eleven point seven
Python 3.11 => Python three point eleven
1.0.0-rc1 => one point zero point zero rc one
Eq. (4) => equation, four
section 3.2.1 => section three point two point one
No. 5 => number five
no. 1 => number one
No. I said no. => No. I said no.
p. 5, pp. 3-7, fig. 2 => page five, pages three to seven, figure two
#hashtag => hashtag hashtag
555-123-4567 => five five five, one two three, four five six seven
+1 415 555 1234 => plus one, four one five, five five five, one two three four
12345678 => one two three four five six seven eight
a1b2c3d => eh one B two C three D
123e4567-e89b-12d3-a456-426614174000 => one two three E four five six

# Addresses, paths, identifiers
www.example.com => W W W dot example dot com
https://example.com/a/b?x=1&y=2#top => example dot com slash a slash b question mark x equals one and y equals two hash top
http://localhost:8000/admin/ => localhost port eight thousand slash admin
192.168.0.1:8080 => one hundred and ninety two dot one hundred and sixty eight dot zero dot one port eight thousand and eighty
alice@example.com => alice at example dot com
bob.smith+test@mail.example.co.uk => bob dot smith plus test at mail dot example dot co dot uk
src/main.py => src slash main dot py
/usr/local/bin => slash usr slash local slash bin
~/notes.txt => home slash notes dot txt
main.py:42 => main dot py line forty two
.gitignore => dot gitignore
snake_case => snake case
camelCase => camel Case
HTTPServer => H T T P Server
x86_64 => x eighty six sixty four
utf-8 => utf eight
foo.bar() => foo dot bar
key=value => key equals value
--verbose => verbose
@alice => at alice

# Abbreviations
Dr. Smith => doctor Smith
Mr. and Mrs. Jones => mister and missus Jones
on St. John St. today => on saint John street today
cats, e.g. lions => cats, for example lions
i.e. this => that is this
cats vs. dogs => cats versus dogs
cats, dogs, etc. Then more => cats, dogs, et cetera. Then more
approx. 5 min. left => approximately five minutes left
The U.S. is big => The US is big
I live in the U.S. => I live in the US.
J. K. Rowling => J K Rowling
R&D and Q&A => R and D and Q and A
C++ and C# => C plus plus and C sharp
9:30 a.m. EST => nine thirty AM EST
Mon., Jan. 5 => Monday, January fifth
Sat. and Sun. are free => Saturday and Sunday are free
Mon-Fri, 9am-5pm => Monday to Friday, nine AM to five PM
Jan. was cold => January was cold

# Acronyms, capitals, numerals
the CI failed again => the CI failed again
CI => C eye
NASA and JSON => nasa and json
the GPUs ran => the GPUs ran
more RAM please => more ram please
THE BUILD HAS FAILED. IT IS RED => the build has failed. it is red
World War II => World War two
Henry VIII => Henry the eighth
Chapter IV => Chapter four

# Symbols
a & b => a and b
a + b = c => eh plus b equals c
x != y => x is not equal to y
a <= b => eh less than or equal to b
f -> g => f to g
5 * 3 => five times three
5 x 3 => five times three
10 / 2 => ten divided by two
2 × 3 ÷ 4 => two times three divided by four
ls | wc => ls pipe wc
10^6 and x² => ten to the power of six and x squared
Δt and π => delta t and pi
% => percent
C++ => C plus plus

# Quotes, brackets, dashes, dots
"Hello," she said (quietly) again. => Hello, she said, quietly, again.
Well... maybe => Well... maybe
wait…what => wait... what
No—yes => No; yes
one -- two - three => one; two, three
Really?! => Really?
hi :) => hi

# Markup and escapes
**bold** and *it* and _it_ and `code` => bold and it and it and code
__init__ and ~~gone~~ => init and gone
[text](https://example.com/a) => text
![alt text](a.png) => alt text
<https://example.com> => example dot com
<b>Hello</b> <span class="a b">big</span> world => Hello big world
<p>One</p><p>Two &amp; three</p> => One. Two and three.
2**3 and 2*3 => two to the power of three and two times three
\x1b[31mred\x1b[0m text => red text
\x1b]0;my title\x07shown => shown

# Typography and emoji
“Curly” ‘quotes’ it’s ﬁne => Curly quotes it's fine
Ｈｅｌｌｏ １２３ => Hello one hundred and twenty three
𝐁𝐨𝐥𝐝 café => Bold café
Dvořák => Dvorák
nice👍thanks 🙂 => nice thanks
👩‍💻 codes 1️⃣ => codes one
"""  # noqa: E501


def cases() -> list[tuple[str, str]]:
    lines = (line for line in CASES.splitlines() if "=>" in line)
    return [tuple(line.replace("\\x1b", "\x1b").replace("\\x07", "\x07").rsplit(" => ", 1)) for line in lines]  # type: ignore[misc]


def said(text: str, language: str = "en-US") -> str:
    return " ".join(word.spoken + word.punctuation for word in normalize(text, language))


@pytest.mark.parametrize(("written", "spoken"), cases())
def test_reads(written: str, spoken: str) -> None:
    assert said(written) == spoken


def test_the_country_decides_the_order_of_a_date() -> None:
    assert said("3/4/2024") == "March fourth twenty twenty four"
    assert said("3/4/2024", "en-GB") == "April third twenty twenty four"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("# Title\n\nText that\nis wrapped.", "Title.¶ Text that is wrapped."),
        ("- one\n- two\n  and more\n* three", "one. two and more. three"),
        ("Steps:\n1. First\n2. Second", "Steps. one, First. two, Second"),
        ("> quoted\n> on\n\nand said", "quoted on.¶ and said"),
        ("```python\nx = 1\ny = 2\n```\ndone", "x equals one. y equals two. done"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\nend", "a, b. one, two.¶ end"),
        ("Roses are red\nViolets are blue", "Roses are red. Violets are blue"),
        ("12:05:33 one\n12:05:34 two", "twelve oh five and thirty three seconds one. "
         "twelve oh five and thirty four seconds two"),
        ("One\r\n\r\nTwo", "One.¶ Two"),
        ("The fox jumped over a fence and the lazy\ndog slept.", "The fox jumped over a fence and the lazy dog slept."),
        ("milk\neggs\nbread", "milk. eggs. bread"),
        ("host: a\nport: b", "host: a. port: b"),
        ("if a<b then x>5", "if eh less than b then x greater than five"),
        ("<p>One</p> <b>two</b> List<a>", "One. two List a"),
        ("Hello <break time='1s'/> bob", "Hello, bob"),
        ("It ends.[2] Next.³ Then", "It ends. Next. Then"),
        ("- [x] done\n- [ ] open", "done. open"),
    ],
)  # fmt: skip
def test_reads_the_layout(written: str, spoken: str) -> None:
    words = normalize(written, "en-US")
    assert " ".join(word.spoken + word.punctuation + "¶" * word.ends_paragraph for word in words) == spoken
