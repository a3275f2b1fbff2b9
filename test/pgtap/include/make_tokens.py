#!/usr/bin/python3
"""Tokens that are good, and many that are not, made by nothing but Python's standard library, for test/pgtap/identity_token.sql.

  make_tokens.py SEED DATABASE PROGRAM KEY_ID SECRET OTHER_PROGRAM OTHER_KEY_ID OTHER_SECRET OLD_KEY_ID OLD_SECRET

Secrets in hexadecimal. Each line of the output is: good or bad, what it is, the token as JSON text, with tabs between them. Subjects: good is
somebody; nobody, left (not employed any more), twice (two of them), past (a proxy of former days) and merged are not; revoked is a jti.
"""
import base64
import hashlib
import hmac
import json
import random
import sys
import time

SEED, DATABASE, PROGRAM, KID, SECRET, OTHER, OTHER_KID, OTHER_SECRET, OLD_KID, OLD_SECRET = sys.argv[1:]
SECRET, OTHER_SECRET, OLD_SECRET = (bytes.fromhex(s) for s in (SECRET, OTHER_SECRET, OLD_SECRET))
NOW = int(time.time())
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
chance = random.Random(int(SEED))


def encode(data):
    if isinstance(data, str):
        data = data.encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(header, claims, secret=None, digest=hashlib.sha256):
    """A token of two texts (or values, to be JSON)."""
    parts = [part if isinstance(part, (str, bytes)) else json.dumps(part) for part in (header, claims)]
    text = ".".join(encode(part) for part in parts)
    return text + "." + encode(hmac.new(SECRET if secret is None else secret, text.encode(), digest).digest())


def header(**changes):
    return changed({"alg": "HS256", "typ": "JWT", "kid": KID}, changes)


def claims(**changes):
    return changed({"sub": "good", "aud": f"{DATABASE}/{PROGRAM}", "iat": NOW, "exp": NOW + 600, "jti": "1"}, changes)


def changed(value, changes):
    """A dictionary with changes, where ... takes a member away."""
    return {k: v for k, v in {**value, **changes}.items() if v is not ...}


def say(verdict, about, token):
    print(verdict, ascii(about), json.dumps(token), sep="\t")


def good(about, token):
    say("good", about, token)


def bad(about, token):
    say("bad", about, token)


H = json.dumps(header())
C = json.dumps(claims())
TOKEN = sign(H, C)
DEEP = 62  # brackets besides those of the object and its member

good("plain", TOKEN)
good("compact", sign(json.dumps(header(), separators=(",", ":")), json.dumps(claims(), separators=(",", ":"))))
good("with spaces and lines", sign(json.dumps(header(), indent=2), "\r\n\t" + json.dumps(claims(), indent=4) + " \n"))
good("without typ", sign(header(typ=...), claims()))
good("another typ", sign(header(typ="at+jwt"), claims()))
good("other members of the header", sign(header(jku="https://evil.example/keys", jwk={"k": "AAAA"}, x5c=["A"]), claims()))
good("other claims", sign(header(), claims(iss="idp", name="Zoë", roles=["a", {"b": [1, None, True]}], scope={"exp": 1, "sub": "nobody"})))
good("without iat", sign(header(), claims(iat=...)))
good("without jti", sign(header(), claims(jti=...)))
good("with nbf", sign(header(), claims(nbf=NOW - 5)))
good("made by a clock that is ahead", sign(header(), claims(iat=NOW + 30, nbf=NOW + 30)))
good("a fraction of a second", sign(header(), claims(exp=NOW + 600.5, iat=NOW - 0.25)))
good("seconds with an exponent", sign(header(), C.replace(str(NOW + 600), f"{(NOW + 600) / 1e9:.9f}E+9")))
good("escapes in strings", sign(H.replace("HS256", "HS\\u0032\\u0035\\u0036"), C.replace('"good"', '"\\u0067oo\\u0064"')))
good("escapes in names", sign(H.replace('"alg"', '"\\u0061lg"'), C.replace('"sub"', '"s\\u0075b"')))
good("a subject beyond ASCII", sign(header(), json.dumps(claims(sub="zoë@例.example"), ensure_ascii=False)))
good("the same in escapes", sign(header(), claims(sub="zoë@例.example")))
good("a pair of surrogates in escapes", sign(header(), claims(sub="\U0001f600")))
good("an old key in its days of grace", sign(header(kid=OLD_KID), claims(), OLD_SECRET))
good("to the last second", sign(header(), claims(exp=253402300799)))
good("a fairly nested claim", sign(header(), C[:-1] + ', "x": ' + "[" * DEEP + "]" * DEEP + "}"))
good("64 members", sign(header(), claims(**{f"m{i}": i for i in range(64 - 5)})))
longest = max(n for n in range(8192) if len(sign(header(), claims(x="x" * n))) <= 8192)
good("8 kB", sign(header(), claims(x="x" * longest)))

# Edits of the text
for at, old in enumerate(TOKEN):
    new = chance.choice([c for c in ALPHABET + "." if c != old])
    bad(f"character {at} changed", TOKEN[:at] + new + TOKEN[at + 1:])
    bad(f"character {at} gone", TOKEN[:at] + TOKEN[at + 1:])
    bad(f"character before {at} added", TOKEN[:at] + chance.choice(ALPHABET + ".=+/ \n\t") + TOKEN[at:])
for at in range(len(TOKEN)):
    bad(f"the first {at} characters", TOKEN[:at])
text, signature = TOKEN.rsplit(".", 1)
raw = base64.urlsafe_b64decode(signature + "=")
for bit in range(256):
    flipped = bytearray(raw)
    flipped[bit // 8] ^= 1 << bit % 8
    bad(f"bit {bit} of the signature", text + "." + encode(bytes(flipped)))
last = ALPHABET.index(signature[-1])
for spare in range(1, 4):
    bad("another text for the same signature", TOKEN[:-1] + ALPHABET[last ^ spare])
assert last % 4 == 0
for size in list(range(32)) + [33, 64]:
    bad(f"a signature of {size} bytes", text + "." + encode((raw * 2)[:size]))
for extra in ("=", "==", " ", "\n", "\r\n", ".", "..", ".A", "\u00e9", "\x7f"):
    bad("something after it", TOKEN + extra)
    bad("something before it", extra + TOKEN)
for wrapped in (f'"{TOKEN}"', f"Bearer {TOKEN}", json.dumps({"payload": TOKEN.split(".")[1]}), TOKEN.upper(), TOKEN.lower(), TOKEN[::-1],
                TOKEN.replace(".", ".."), TOKEN.replace(".", ","), TOKEN + "." + TOKEN, "", ".", "..", "...", "a.b.c", "x" * 8192, "." * 9000):
    bad("no token: " + wrapped[:20], wrapped)
other = sign(header(), claims(sub="zoë@例.example"))
for n in range(1, 7):
    mixed = ".".join((other if n >> i & 1 else TOKEN).split(".")[i] for i in range(3))
    if mixed not in (TOKEN, other) and n not in (1, 6):  # both have the same header
        bad("parts of two tokens", mixed)
bad("too long", sign(header(), claims(x="x" * 8192)))
bad("a little too long", sign(header(), claims(x="x" * (longest + 1))))

# Algorithms
for alg in ("none", "None", "NONE", "hs256", "HS256 ", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "", "HS25", "HS256\u0000", None, 256, True,
            ["HS256"], {"alg": "HS256"}, ...):
    for digest in (hashlib.sha256, hashlib.sha384, hashlib.sha512):
        bad(f"alg {alg}", sign(header(alg=alg), claims(), digest=digest))
    bad(f"alg {alg}, no signature", sign(header(alg=alg), claims()).rsplit(".", 1)[0] + ".")
for digest in (hashlib.md5, hashlib.sha1, hashlib.sha224, hashlib.sha384, hashlib.sha512):
    bad("another digest", sign(header(), claims(), digest=digest))

# Keys
for secret in (b"", b"\0", b"secret", SECRET[:-1], SECRET + b"\1", SECRET[::-1], SECRET.hex().encode(), base64.b64encode(SECRET), OTHER_SECRET, OLD_SECRET,
               KID.encode(), PROGRAM.encode(), hashlib.sha256(SECRET).digest()):
    bad("another secret", sign(header(), claims(), secret))
for kid in (OLD_KID, OTHER_KID, "", "retired", KID + " ", KID.upper() + "X", KID[:-1], KID + "' OR true --", "%", "../../dev/null", None, 1, [KID], {"kid": KID}, ...):
    bad(f"kid {kid}", sign(header(kid=kid), claims()))
bad("the key of another program", sign(header(kid=OTHER_KID), claims(), OTHER_SECRET))
bad("for another program with our key", sign(header(), claims(aud=f"{DATABASE}/{OTHER}")))
bad("for another program with our key by its name", sign(header(kid=OTHER_KID), claims(aud=f"{DATABASE}/{OTHER}")))
bad("a key that has retired", sign(header(kid="retired"), claims(), bytes(32)))

# Headers and claims that ask for what is not understood, or are not whole
for crit in (["exp"], [], ["b64"], "exp", None, {}, 0):
    bad(f"crit {crit}", sign(header(crit=crit), claims()))
bad("b64", sign(header(crit=["b64"], b64=False), claims()))
for typ in (None, 1, [], {}, ""):
    bad(f"typ {typ}", sign(header(typ=typ), claims()))
for aud in (PROGRAM, DATABASE, f"{DATABASE}/", f"/{PROGRAM}", f"x{DATABASE}/{PROGRAM}", f"{DATABASE}/{PROGRAM}x", f"{DATABASE}/{PROGRAM} ", f"{DATABASE}/nowhere",
            f"{DATABASE}/{PROGRAM.upper()}", f"{DATABASE}/public", f"{DATABASE}/pg_catalog", f"{DATABASE}/coachiatry", f"other/{PROGRAM}", f"{DATABASE}//{PROGRAM}",
            f"{DATABASE}/" + "x" * 200, f'{DATABASE}/"{PROGRAM}"', [f"{DATABASE}/{PROGRAM}"], [], {}, None, 1, "", ...):
    bad(f"aud {aud}", sign(header(), claims(aud=aud)))
for sub in ("nobody", "left", "twice", "past", "merged", "GOOD", "good ", " good", "goo", "good\u0000", "", "' OR true --", None, 1, ["good"], {}, True, ...):
    bad(f"sub {sub!r}", sign(header(), claims(sub=sub)))
for exp in (NOW, NOW - 1, NOW - 3600, 0, -1, 1, f"{NOW + 600}", None, True, [], [NOW + 600], {}, 253402300800, 1e300, ...):
    bad(f"exp {exp}", sign(header(), claims(exp=exp)))
for exp in ("1e400", "-1e400", "Infinity", "NaN", "0x7fffffff", f"0{NOW + 600}", f"+{NOW + 600}", f"{NOW + 600}.", f".{NOW}", f"{NOW + 600}e", "1" * 400):
    bad(f"exp {exp[:20]}", sign(header(), C.replace(str(NOW + 600), exp)))
for at in (NOW + 120, NOW + 86400, str(NOW), None, True, [], {}, -1, 1e300):
    bad(f"nbf {at}", sign(header(), claims(nbf=at)))
    bad(f"iat {at}", sign(header(), claims(iat=at)))
for jti in ("revoked", 1, None, [], {}, ""):
    bad(f"jti {jti}", sign(header(), claims(jti=jti)))

# JSON that others might take
for name, value in [*claims().items(), ("nbf", NOW)]:
    once = json.dumps(value)
    for twice in (f'{{"{name}": {once}, {C[1:]}' if name != "nbf" else f'{{"nbf": {once}, "nbf": {once}, {C[1:]}', f'{C[:-1]}, "{name}": {once}, "{name}": {once}}}'):
        bad(f"{name} twice", sign(header(), twice))
for name, value in header().items():
    bad(f"{name} twice", sign(f'{H[:-1]}, "{name}": {json.dumps(value)}}}', claims()))
    bad(f"{name} twice, once in escapes", sign(f'{H[:-1]}, "\\u{ord(name[0]):04x}{name[1:]}": {json.dumps(value)}}}', claims()))
bad("another member twice", sign(header(), f'{C[:-1]}, "x": 1, "x": 2}}'))
bad("65 members", sign(header(), claims(**{f"m{i}": i for i in range(65 - 5)})))
bad("very nested", sign(header(), C[:-1] + ', "x": ' + "[" * 64 + "]" * 64 + "}"))
bad("very nested and not closed", sign(header(), "[" * 3000))
broken = {
    "a comma too many": lambda j: j[:-1] + ",}", "not closed": lambda j: j[:-1], "closed twice": lambda j: j + "}", "two objects": lambda j: j + j,
    "a comment": lambda j: j + "/* */", "a line comment": lambda j: "// x\n" + j, "single quotes": lambda j: j.replace('"', "'"), "an array": lambda j: f"[{j}]",
    "a string": json.dumps, "a byte order mark": lambda j: "\ufeff" + j, "a NUL": lambda j: j + "\0", "a NUL in front": lambda j: "\0" + j,
    "a vertical tab": lambda j: "\v" + j, "no-break space": lambda j: j.replace(" ", "\u00a0"), "names without quotes": lambda j: j.replace('"', ""),
    "a NUL in a string": lambda j: j[:-1] + ', "x": "\0"}', "an escaped NUL": lambda j: j[:-1] + ', "x": "\\u0000"}',
    "a line in a string": lambda j: j[:-1] + ', "x": "\n"}', "half a surrogate": lambda j: j[:-1] + ', "x": "\\ud83d"}',
    "the other half": lambda j: j[:-1] + ', "x": "\\ude00"}', "an unknown escape": lambda j: j[:-1] + ', "x": "\\x41"}', "half an escape": lambda j: j[:-1] + ', "x": "\\u00"}',
    "Latin-1": lambda j: (j[:-1] + ', "x": "\u00e9"}').encode("latin-1"), "UTF-16": lambda j: j.encode("utf-16"), "a long form of UTF-8": lambda j: j.encode()[:-1] + b', "x": "\xc0\xaf"}',
    "a surrogate in UTF-8": lambda j: j.encode()[:-1] + b', "x": "\xed\xa0\x80"}', "True": lambda j: j[:-1] + ', "x": True}', "nothing": lambda j: "", "null": lambda j: "null",
    "a number": lambda j: "1", "an empty object": lambda j: "{}", "an empty array": lambda j: "[]", "space": lambda j: " ", "a name that is no string": lambda j: j[:-1] + ", 1: 2}",
}
for about, change in broken.items():
    bad(f"header: {about}", sign(change(H), C))
    bad(f"claims: {about}", sign(H, change(C)))
for _ in range(300):
    noise = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 60)))
    bad("noise, signed", sign(*((noise, C) if chance.random() < 0.5 else (H, noise))))
