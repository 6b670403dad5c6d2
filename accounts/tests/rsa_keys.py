"""RSA keys for tests, made in no time: each is new, and of primes that were there already.

A key takes 40 ms to make, nearly all of it the search for two primes. n primes make n(n-1)/2 keys, so a new pair of
primes is looked for only when all those are used up. Keys that share a prime can be factored, which tests do not mind.
"""

from collections.abc import Iterator
from itertools import product

from cryptography.hazmat.primitives.asymmetric import rsa

EXPONENT = 65_537
BITS = 2048


def _pairs() -> Iterator[tuple[int, int]]:
    """Two primes, never the same two."""
    known: list[int] = []
    while True:
        made = rsa.generate_private_key(EXPONENT, BITS).private_numbers()
        yield made.p, made.q
        yield from product((made.p, made.q), known)
        known += made.p, made.q


_unused = _pairs()


def fresh_rsa_key() -> rsa.RSAPrivateKey:
    """2048 bits, and no other call's."""
    p, q = next(_unused)
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    return rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(EXPONENT, p * q),
    ).private_key(unsafe_skip_rsa_key_validation=True)
