#include "jose/keycheck.h"

#include <openssl/bn.h>
#include <string.h>

#include "jose/openssl.h"

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192

#define ED25519_LENGTH 32
#define ED448_LENGTH 57

static enum status
unusable(struct why *why, const char *reason)
{
    return status_because(why, ST_UNKNOWN_KEY, "%s", reason);
}

/*
 * ROCA (Nemec and others, 2017): the broken generator made primes that are powers of 65537 modulo
 * every small prime, so n is one too. A random n passes this for all the primes below with a
 * chance of about one in 2^27.
 */
static bool
is_roca(const BIGNUM *n)
{
    static const unsigned short primes[] = {
        11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
    };

    for (size_t i = 0; i < COUNT(primes); i++) {
        BN_ULONG remainder = BN_mod_word(n, primes[i]);
        BN_ULONG power = 1;
        do {
            power = power * 65537 % primes[i];
        } while (power != remainder && power != 1);
        if (power != remainder) {
            return false;
        }
    }
    return true;
}

static enum status
check_modulus(const BIGNUM *n, struct why *why)
{
    int bits = BN_num_bits(n);

    if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX) {
        return status_because(why, ST_UNKNOWN_KEY, "RSA modulus of %d bits, not %d to %d", bits,
                              RSA_BITS_MIN, RSA_BITS_MAX);
    }
    if (!BN_is_odd(n)) {
        return unusable(why, "RSA modulus that is even");
    }
    if (is_roca(n)) {
        return unusable(why, "RSA modulus of a broken generator (ROCA, CVE-2017-15361)");
    }
    return ST_OK;
}

enum status
keycheck_rsa(struct span n, struct span e, struct why *why)
{
    /* Before any arithmetic: a leading zero byte or two is tolerated, a megabyte is not. */
    if (n.length > RSA_BITS_MAX / 8 + 8 || e.length > 16) {
        return unusable(why, "RSA modulus or exponent that is too long");
    }
    BIGNUM *modulus CLEANUP(openssl_free_bn) =
        BN_bin2bn((const unsigned char *)n.at, (int)n.length, NULL);
    BIGNUM *exponent CLEANUP(openssl_free_bn) =
        BN_bin2bn((const unsigned char *)e.at, (int)e.length, NULL);

    if (modulus == NULL || exponent == NULL) {
        return status_because(why, ST_MEMORY, "out of memory while reading a key");
    }
    TRY(check_modulus(modulus, why));
    if (!BN_is_odd(exponent) || BN_num_bits(exponent) > 32 || BN_get_word(exponent) < 65537) {
        return unusable(why, "RSA exponent that is not odd and 65537 to 4294967295");
    }
    return ST_OK;
}

/* Fermat's test to the base 2: no product of two random primes passes it in practice. */
enum status
keycheck_rsa_prime(struct span n, bool *ret_prime)
{
    BIGNUM *modulus CLEANUP(openssl_free_bn) =
        BN_bin2bn((const unsigned char *)n.at, (int)n.length, NULL);
    BIGNUM *exponent CLEANUP(openssl_free_bn) = BN_dup(modulus); /* NULL of NULL */
    BIGNUM *power CLEANUP(openssl_free_bn) = BN_new();
    BN_CTX *context CLEANUP(openssl_free_bn_context) = BN_CTX_new();

    if (exponent == NULL || power == NULL || context == NULL || BN_sub_word(exponent, 1) != 1 ||
        (BN_is_odd(modulus) &&
         BN_mod_exp_mont_word(power, 2, exponent, modulus, context, NULL) != 1)) {
        return ST_MEMORY;
    }
    *ret_prime = BN_is_one(power); /* of an even one, zero: it is not computed */
    return ST_OK;
}

enum status
keycheck_ec(enum alg_crv crv, struct span x, struct span y, struct why *why)
{
    size_t width = alg_crv_row(crv)->width;

    if (x.length != width || y.length != width) {
        return status_because(why, ST_UNKNOWN_KEY,
                              "EC coordinates of %zu and %zu bytes where the curve has %zu",
                              x.length, y.length, width);
    }
    return ST_OK;
}

/* x (x^2 + a) + b - y^2 is zero for a point; a coordinate is less than p. */
static enum status
is_on_curve(const struct alg_crv_row *curve, const BIGNUM *x, const BIGNUM *y, bool *ret_point)
{
    BIGNUM *p CLEANUP(openssl_free_bn) = NULL;
    BIGNUM *b CLEANUP(openssl_free_bn) = NULL;
    BIGNUM *sum CLEANUP(openssl_free_bn) = BN_new();
    BIGNUM *square CLEANUP(openssl_free_bn) = BN_new();
    BN_CTX *context CLEANUP(openssl_free_bn_context) = BN_CTX_new();

    if (x == NULL || y == NULL || sum == NULL || square == NULL || context == NULL ||
        BN_hex2bn(&p, curve->p) == 0 || BN_hex2bn(&b, curve->b) == 0 ||
        BN_mod_sqr(sum, x, p, context) != 1 || BN_sub_word(sum, curve->minus_a) != 1 ||
        BN_mod_mul(sum, sum, x, p, context) != 1 || BN_mod_add(sum, sum, b, p, context) != 1 ||
        BN_mod_sqr(square, y, p, context) != 1) {
        return ST_MEMORY;
    }
    *ret_point = BN_cmp(x, p) < 0 && BN_cmp(y, p) < 0 && BN_cmp(sum, square) == 0;
    return ST_OK;
}

enum status
keycheck_ec_point(enum alg_crv crv, struct span x, struct span y, struct why *why)
{
    BIGNUM *first CLEANUP(openssl_free_bn) =
        BN_bin2bn((const unsigned char *)x.at, (int)x.length, NULL);
    BIGNUM *second CLEANUP(openssl_free_bn) =
        BN_bin2bn((const unsigned char *)y.at, (int)y.length, NULL);
    bool point = false;

    TRY(is_on_curve(alg_crv_row(crv), first, second, &point));
    return point ? ST_OK : unusable(why, "EC key that is no point of its curve");
}

/* a < b, both little-endian and `length` bytes. */
static bool
less_than(const unsigned char *a, const unsigned char *b, size_t length)
{
    bool borrow = false; /* of a - b */

    for (size_t i = 0; i < length; i++) {
        borrow = a[i] < b[i] + (borrow ? 1 : 0);
    }
    return borrow;
}

/* The field prime 2^255 - 19, little-endian. */
static const unsigned char ed25519_p[ED25519_LENGTH] = {
    0xED, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F,
};

/*
 * The y coordinates of the eight points whose order divides 8, little-endian: 0 (order 4),
 * 1 (the identity), -1 (order 2), and two of order 8. The sign of x does not matter.
 */
static const unsigned char ed25519_small_order[][ED25519_LENGTH] = {
    {0x00},
    {0x01},
    {0xEC, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
     0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
     0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F},
    {0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4,
     0x89, 0xF2, 0xEF, 0x98, 0xF0, 0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6,
     0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05},
    {0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B,
     0x76, 0x0D, 0x10, 0x67, 0x0F, 0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39,
     0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A},
};

static enum status
check_ed25519(struct span x, struct why *why)
{
    unsigned char y[ED25519_LENGTH];

    memcpy(y, x.at, sizeof(y));
    y[ED25519_LENGTH - 1] &= 0x7F; /* the sign of x */
    if (!less_than(y, ed25519_p, sizeof(y))) {
        return unusable(why, "Ed25519 key in an encoding that is not canonical");
    }
    for (size_t i = 0; i < COUNT(ed25519_small_order); i++) {
        if (memcmp(y, ed25519_small_order[i], sizeof(y)) == 0) {
            return unusable(why, "Ed25519 key of small order: any signature would fit it");
        }
    }
    return ST_OK;
}

/* Edwards448 has cofactor 4: the y of its small-order points are 0, 1 and -1 (RFC 8032 5.2). */
static enum status
check_ed448(struct span x, struct why *why)
{
    unsigned char p[ED448_LENGTH - 1]; /* 2^448 - 2^224 - 1, little-endian */
    unsigned char minus_one[ED448_LENGTH - 1];
    unsigned char small[ED448_LENGTH - 1] = {0};
    const unsigned char *y = (const unsigned char *)x.at;

    memset(p, 0xFF, sizeof(p));
    p[28] = 0xFE;
    memcpy(minus_one, p, sizeof(p));
    minus_one[0] = 0xFE;
    /* The last byte holds nothing but the sign of x. */
    if ((y[ED448_LENGTH - 1] & 0x7F) != 0 || !less_than(y, p, sizeof(p))) {
        return unusable(why, "Ed448 key in an encoding that is not canonical");
    }
    bool is_zero = memcmp(y, small, sizeof(small)) == 0;
    small[0] = 1;
    if (is_zero || memcmp(y, small, sizeof(small)) == 0 ||
        memcmp(y, minus_one, sizeof(minus_one)) == 0) {
        return unusable(why, "Ed448 key of small order: any signature would fit it");
    }
    return ST_OK;
}

enum status
keycheck_okp(enum alg_crv crv, struct span x, struct why *why)
{
    size_t length = crv == CRV_ED25519 ? ED25519_LENGTH : ED448_LENGTH;

    if (x.length != length) {
        return status_because(why, ST_UNKNOWN_KEY, "OKP key of %zu bytes where the curve has %zu",
                              x.length, length);
    }
    return crv == CRV_ED25519 ? check_ed25519(x, why) : check_ed448(x, why);
}

/* The two Edwards curves: their prime, and d; a is -1 and 1. */
static const struct {
    const char *p;
    const char *d;
    size_t width; /* of y, without the bit for the sign of x */
} edwards[] = {
    [CRV_ED25519] = {"7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED",
                     "52036CEE2B6FFE738CC740797779E89800700A4D4141D8AB75EB4DCA135978A3",
                     ED25519_LENGTH},
    [CRV_ED448] = {"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFE"
                   "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
                   "-98A9", ED448_LENGTH - 1},
};

static BIGNUM *
y_of(enum alg_crv crv, struct span x)
{
    unsigned char y[ED448_LENGTH] = {0};

    memcpy(y, x.at, edwards[crv].width);
    if (crv == CRV_ED25519) {
        y[ED25519_LENGTH - 1] &= 0x7F;
    }
    return BN_lebin2bn(y, (int)edwards[crv].width, NULL);
}

/*
 * a x^2 + y^2 = 1 + d x^2 y^2, so x^2 = (y^2 - 1) / (d y^2 - a): a square if and only if the
 * product of the two is. `*ret_symbol` is 1 for a square, -1 for none, 0 for zero.
 */
static enum status
square_of_x(enum alg_crv crv, BIGNUM *y, int *ret_symbol)
{
    BIGNUM *p CLEANUP(openssl_free_bn) = NULL;
    BIGNUM *d CLEANUP(openssl_free_bn) = NULL;
    BIGNUM *below CLEANUP(openssl_free_bn) = BN_new();
    BN_CTX *context CLEANUP(openssl_free_bn_context) = BN_CTX_new();

    if (y == NULL || below == NULL || context == NULL || BN_hex2bn(&p, edwards[crv].p) == 0 ||
        BN_hex2bn(&d, edwards[crv].d) == 0 || BN_mod_sqr(y, y, p, context) != 1 ||
        BN_mod_mul(below, d, y, p, context) != 1 || BN_sub_word(y, 1) != 1 ||
        (crv == CRV_ED25519 ? BN_add_word(below, 1) : BN_sub_word(below, 1)) != 1 ||
        BN_mod_mul(y, y, below, p, context) != 1) {
        return ST_MEMORY;
    }
    *ret_symbol = BN_kronecker(y, p, context);
    return *ret_symbol >= -1 ? ST_OK : ST_MEMORY;
}

enum status
keycheck_okp_point(enum alg_crv crv, struct span x, struct why *why)
{
    BIGNUM *y CLEANUP(openssl_free_bn) = y_of(crv, x);
    int symbol = 0;

    TRY(square_of_x(crv, y, &symbol));
    return symbol >= 0 ? ST_OK : unusable(why, "OKP key that is no point of its curve");
}
