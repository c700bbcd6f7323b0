#include "support.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "jose/base64url.h"
#include "jose/key.h"
#include "jose/keycheck.h"
#include "jose/signature.h"

/* Prepares and verifies: what became of the first, else of the second. */
static enum status
verify(enum alg alg, EVP_PKEY *key, struct span text, struct span signature, struct why *why)
{
    EVP_MD_CTX *ready = NULL;

    enum status status = signature_prepare(alg, key, why, &ready);
    if (status == ST_OK) {
        status = signature_verify(alg, ready, text, signature, why);
    }
    EVP_MD_CTX_free(ready);
    return status;
}

static struct span
of(const void *at, size_t length)
{
    return (struct span){.at = at, .length = length};
}

/* ---- RSA parameters (R44) ------------------------------------------------------------------ */

static const unsigned char e65537[] = {0x01, 0x00, 0x01};

/* An odd number of exactly `bits` bits, the same at every run. */
static BIGNUM *
modulus_of(int bits)
{
    BIGNUM *n = BN_new();
    uint32_t seed = 2463534242;

    assert_non_null(n);
    for (int i = 0; i < bits; i++) {
        seed = seed * 1664525 + 1013904223;
        if (i == 0 || i == bits - 1 || (seed >> 31) != 0) {
            assert_int_equal(BN_set_bit(n, i), 1);
        }
    }
    assert_int_equal(BN_num_bits(n), bits);
    return n;
}

static enum status
check_n(const BIGNUM *n, struct why *why)
{
    unsigned char bytes[2100];
    int length = BN_bn2bin(n, bytes);

    return keycheck_rsa(of(bytes, (size_t)length), of(e65537, sizeof(e65537)), why);
}

static void
R44_a_modulus_has_2048_to_8192_bits(void **state)
{
    static const struct {
        int bits;
        enum status status;
    } rows[] = {
        {512, ST_UNKNOWN_KEY},   {1024, ST_UNKNOWN_KEY}, {2047, ST_UNKNOWN_KEY},
        {2048, ST_OK},           {2049, ST_OK},          {3072, ST_OK},
        {4096, ST_OK},           {8191, ST_OK},          {8192, ST_OK},
        {8193, ST_UNKNOWN_KEY},  {8200, ST_UNKNOWN_KEY}, {8256, ST_UNKNOWN_KEY},
        {16384, ST_UNKNOWN_KEY},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        BIGNUM *n = modulus_of(rows[i].bits);
        struct why why = {""};
        if (check_n(n, &why) != rows[i].status) {
            fail_msg("%d bits: %s", rows[i].bits, why.sentence);
        }
        assert_int_equal(why.sentence[0] == '\0', rows[i].status == ST_OK);
        BN_free(n);
    }
    struct why why = {""};
    assert_int_equal(keycheck_rsa(of(NULL, 0), of(e65537, 3), &why), ST_UNKNOWN_KEY);
}

static void
R44_an_even_modulus_is_refused(void **state)
{
    BIGNUM *n = modulus_of(2048);

    (void)state;
    assert_int_equal(check_n(n, NULL), ST_OK);
    assert_int_equal(BN_clear_bit(n, 0), 1);
    assert_int_equal(check_n(n, NULL), ST_UNKNOWN_KEY);
    BN_free(n);
}

static void
R44_an_exponent_is_odd_and_65537_to_2_32(void **state)
{
    static const struct {
        unsigned char bytes[18];
        size_t length;
        enum status status;
    } rows[] = {
        {{0}, 0, ST_UNKNOWN_KEY},
        {{0}, 1, ST_UNKNOWN_KEY},
        {{1}, 1, ST_UNKNOWN_KEY},
        {{2}, 1, ST_UNKNOWN_KEY},
        {{3}, 1, ST_UNKNOWN_KEY},
        {{17}, 1, ST_UNKNOWN_KEY},
        {{0xFF, 0xFF}, 2, ST_UNKNOWN_KEY},
        {{1, 0, 0}, 3, ST_UNKNOWN_KEY},
        {{1, 0, 1}, 3, ST_OK},
        {{1, 0, 2}, 3, ST_UNKNOWN_KEY},
        {{1, 0, 3}, 3, ST_OK},
        {{0xFF, 0xFF, 0xFF, 0xFE}, 4, ST_UNKNOWN_KEY},
        {{0xFF, 0xFF, 0xFF, 0xFF}, 4, ST_OK},
        {{1, 0, 0, 0, 0}, 5, ST_UNKNOWN_KEY},
        {{1, 0, 0, 0, 1}, 5, ST_UNKNOWN_KEY}, /* 2^32 + 1 */
        {{1, 0, 0, 1, 0, 1}, 6, ST_UNKNOWN_KEY},
        {{1, 0, 0, 0, 0, 0, 1, 0, 1}, 9, ST_UNKNOWN_KEY}, /* 65537 in its low 64 bits */
        {{0, 0, 0, 0, 0, 1, 0, 1}, 8, ST_OK},
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1}, 16, ST_OK},
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1}, 17, ST_UNKNOWN_KEY},
    };
    unsigned char bytes[256];
    BIGNUM *n = modulus_of(2048);

    (void)state;
    assert_int_equal(BN_bn2bin(n, bytes), 256);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (keycheck_rsa(of(bytes, 256), of(rows[i].bytes, rows[i].length), NULL) !=
            rows[i].status) {
            fail_msg("row %zu", i);
        }
    }
    BN_free(n);
}

/* A megabyte of zeros must not reach the arithmetic. */
static void
R44_at_most_eight_leading_zeros_are_tolerated(void **state)
{
    unsigned char bytes[1024 + 9];
    BIGNUM *n = modulus_of(8192);

    (void)state;
    assert_int_equal(BN_bn2binpad(n, bytes, 1024 + 8), 1024 + 8);
    assert_int_equal(keycheck_rsa(of(bytes, 1024 + 8), of(e65537, 3), NULL), ST_OK);
    assert_int_equal(BN_bn2binpad(n, bytes, 1024 + 9), 1024 + 9);
    assert_int_equal(keycheck_rsa(of(bytes, 1024 + 9), of(e65537, 3), NULL), ST_UNKNOWN_KEY);
    BN_free(n);
}

/* ---- ROCA ---------------------------------------------------------------------------------- */

/* The product of the first `count` primes, the M of the attack's paper (126 for 2048-bit keys). */
static BIGNUM *
primorial(size_t count)
{
    BIGNUM *product = BN_new();
    size_t found = 0;

    assert_int_equal(BN_set_word(product, 1), 1);
    for (BN_ULONG candidate = 2; found < count; candidate++) {
        bool prime = true;
        for (BN_ULONG divisor = 2; divisor * divisor <= candidate; divisor++) {
            prime = prime && candidate % divisor != 0;
        }
        if (prime) {
            assert_int_equal(BN_mul_word(product, candidate), 1);
            found++;
        }
    }
    return product;
}

/* k * M + 65537^a mod M with the greatest k that leaves 1024 bits, less `less`. */
static BIGNUM *
roca_factor(const BIGNUM *m, BN_ULONG a, BN_ULONG less)
{
    BN_CTX *context = BN_CTX_new();
    BIGNUM *factor = BN_new();
    BIGNUM *power = BN_new();
    BIGNUM *base = BN_new();

    assert_int_equal(BN_set_bit(factor, 1024), 1);
    assert_int_equal(BN_div(factor, NULL, factor, m, context), 1);
    assert_int_equal(BN_sub_word(factor, less), 1);
    assert_int_equal(BN_mul(factor, factor, m, context), 1);
    assert_int_equal(BN_set_word(base, 65537), 1);
    assert_int_equal(BN_set_word(power, a), 1);
    assert_int_equal(BN_mod_exp(power, base, power, m, context), 1);
    assert_int_equal(BN_add(factor, factor, power), 1);
    BN_free(power);
    BN_free(base);
    BN_CTX_free(context);
    return factor;
}

static BIGNUM *
roca_modulus(void)
{
    BN_CTX *context = BN_CTX_new();
    BIGNUM *m = primorial(126);
    BIGNUM *p = roca_factor(m, 123456789, 2);
    BIGNUM *q = roca_factor(m, 987654321, 3);
    BIGNUM *n = BN_new();

    assert_int_equal(BN_mul(n, p, q, context), 1);
    assert_int_equal(BN_num_bits(n), 2048);
    assert_true(BN_is_odd(n));
    BN_free(m);
    BN_free(p);
    BN_free(q);
    BN_CTX_free(context);
    return n;
}

static void
E30_a_roca_modulus_is_refused(void **state)
{
    BIGNUM *n = roca_modulus();
    struct why why = {""};

    (void)state;
    assert_int_equal(check_n(n, &why), ST_UNKNOWN_KEY);
    assert_non_null(strstr(why.sentence, "CVE-2017-15361"));
    assert_int_equal(BN_add_word(n, 2), 1);
    assert_int_equal(check_n(n, NULL), ST_OK);
    BN_free(n);
}

/* Nobody else's key is taken for one: odd numbers in a row. */
static void
E30_other_moduli_are_not_roca(void **state)
{
    BIGNUM *n = modulus_of(2048);

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        assert_int_equal(check_n(n, NULL), ST_OK);
        assert_int_equal(BN_add_word(n, 2), 1);
    }
    BN_free(n);
}

/* True if `residue` is a power of 65537 modulo `prime`, by writing all of them down. */
static bool
is_power(BN_ULONG residue, BN_ULONG prime)
{
    BN_ULONG power = 1;

    for (BN_ULONG i = 0; i < prime; i++) {
        if (power == residue) {
            return true;
        }
        power = power * 65537 % prime;
    }
    return false;
}

/*
 * The primes up to 167 whose powers of 65537 leave residues out; the others tell nothing. For each
 * moduli that are ROCA moduli for all others and run through its residues: only powers may be
 * refused, or an honest key is lost. (All of them multiples of 3, so that none is prime.)
 */
static void
E30_each_prime_of_the_fingerprint_counts_with_each_residue(void **state)
{
    static const BN_ULONG primes[] = {11, 13, 17,  19,  37,  53,  61,  71, 73,
                                      79, 97, 103, 107, 109, 127, 151, 157};
    BIGNUM *start = roca_modulus();
    BIGNUM *step = BN_new();
    size_t refused = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(primes); i++) {
        BIGNUM *n = BN_dup(start);
        assert_int_equal(BN_set_word(step, 2), 1);
        for (size_t j = 0; j < COUNT(primes); j++) {
            assert_int_equal(BN_mul_word(step, i == j ? 1 : primes[j]), 1);
        }
        while (BN_mod_word(n, 3) != 0) {
            assert_int_equal(BN_sub(n, n, step), 1);
        }
        assert_int_equal(BN_mul_word(step, 3), 1);
        for (BN_ULONG t = 0; t < primes[i]; t++) {
            assert_int_equal(BN_sub(n, n, step), 1);
            bool power = is_power(BN_mod_word(n, primes[i]), primes[i]);
            if (check_n(n, NULL) != (power ? ST_UNKNOWN_KEY : ST_OK)) {
                fail_msg("residue %lu of %lu", BN_mod_word(n, primes[i]), primes[i]);
            }
            refused += power ? 1 : 0;
        }
        BN_free(n);
    }
    assert_true(refused > COUNT(primes));
    BN_free(start);
    BN_free(step);
}

/* E30: with a prime modulus phi is n - 1 and anybody signs. 2^2203 - 1 and 2^3217 - 1 are primes.
 */
static void
E30_a_prime_modulus_is_found(void **state)
{
    static const int mersenne[] = {2203, 3217};
    static const int other[] = {2047, 2204, 2281 + 2, 3072};
    unsigned char bytes[512];
    bool prime = false;

    (void)state;
    for (size_t i = 0; i < COUNT(mersenne); i++) {
        BIGNUM *n = BN_new();
        assert_int_equal(BN_set_bit(n, mersenne[i]), 1);
        assert_int_equal(BN_sub_word(n, 1), 1);
        assert_int_equal(BN_bn2binpad(n, bytes, sizeof(bytes)), sizeof(bytes));
        assert_int_equal(keycheck_rsa_prime(of(bytes, sizeof(bytes)), &prime), ST_OK);
        assert_true(prime);
        BN_free(n);
    }
    for (size_t i = 0; i < COUNT(other); i++) {
        BIGNUM *n = modulus_of(other[i]);
        int length = BN_bn2bin(n, bytes);
        assert_int_equal(keycheck_rsa_prime(of(bytes, (size_t)length), &prime), ST_OK);
        assert_false(prime);
        BN_free(n);
    }
    /* An even one is none, and no reason to say that memory is out. */
    memset(bytes, 0x80, sizeof(bytes));
    prime = true;
    assert_int_equal(keycheck_rsa_prime(of(bytes, 256), &prime), ST_OK);
    assert_false(prime);
}

/* ---- EC and OKP parameters (R45, R46) ------------------------------------------------------ */

static void
R45_a_coordinate_is_exactly_as_wide_as_its_field(void **state)
{
    static const struct {
        enum alg_crv crv;
        size_t width;
    } curves[] = {{CRV_P256, 32}, {CRV_P384, 48}, {CRV_P521, 66}};
    static const size_t widths[] = {0, 1, 31, 32, 33, 47, 48, 49, 64, 65, 66, 67, 96, 132};
    static const char bytes[140];

    (void)state;
    for (size_t i = 0; i < COUNT(curves); i++) {
        for (size_t x = 0; x < COUNT(widths); x++) {
            for (size_t y = 0; y < COUNT(widths); y++) {
                bool good = widths[x] == curves[i].width && widths[y] == curves[i].width;
                assert_int_equal(
                    keycheck_ec(curves[i].crv, of(bytes, widths[x]), of(bytes, widths[y]), NULL),
                    good ? ST_OK : ST_UNKNOWN_KEY);
            }
        }
    }
}

static size_t
from_hex(const char *hex, unsigned char *bytes)
{
    size_t length = strlen(hex) / 2;

    for (size_t i = 0; i < length; i++) {
        unsigned int byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        bytes[i] = (unsigned char)byte;
    }
    return length;
}

#define F10 "ffffffffffffffffffff"
#define Z10 "00000000000000000000"

/*
 * Every encoding of a point of small order, whether canonical or not, with both signs of x. Made
 * by a Python program of its own that shares nothing with the code: affine Edwards arithmetic over
 * integers, points lifted from y = 2, 3, ..., each multiplied by the prime L of the base point, the
 * results closed under addition (8 points for Edwards25519, 4 for Edwards448), and each y written
 * as y and, where it fits, as y + p.
 */
static const char *const small_ed25519[] = {
    Z10 Z10 Z10 "0000",
    "01" Z10 Z10 Z10 "00",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ec" F10 F10 F10 "7f",
    "ed" F10 F10 F10 "7f",
    "ee" F10 F10 F10 "7f",
    Z10 Z10 Z10 "0080",
    "01" Z10 Z10 Z10 "80",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ec" F10 F10 F10 "ff",
    "ed" F10 F10 F10 "ff",
    "ee" F10 F10 F10 "ff",
};

#define F28 F10 F10 "ffffffffffffffff"
#define F27 F10 F10 "ffffffffffffff"
#define Z28 Z10 Z10 "0000000000000000"
#define Z27 Z10 Z10 "00000000000000"

static const char *const small_ed448[] = {
    Z28 Z28 "00", "01" Z27 Z28 "00", "fe" F27 "fe" F27 "00", "ff" F27 "fe" F27 "00", Z28 F28 "00",
    Z28 Z28 "80", "01" Z27 Z28 "80", "fe" F27 "fe" F27 "80", "ff" F27 "fe" F27 "80", Z28 F28 "80",
};

static void
E33_points_of_small_order_are_refused(void **state)
{
    unsigned char x[57];

    (void)state;
    for (size_t i = 0; i < COUNT(small_ed25519); i++) {
        assert_int_equal(from_hex(small_ed25519[i], x), 32);
        assert_int_equal(keycheck_okp(CRV_ED25519, of(x, 32), NULL), ST_UNKNOWN_KEY);
    }
    for (size_t i = 0; i < COUNT(small_ed448); i++) {
        assert_int_equal(from_hex(small_ed448[i], x), 57);
        assert_int_equal(keycheck_okp(CRV_ED448, of(x, 57), NULL), ST_UNKNOWN_KEY);
    }
}

/* Of the numbers from p on only 19 fit into 255 bits; none of them may name a point. */
static void
R46_an_encoding_that_is_not_canonical_is_refused(void **state)
{
    unsigned char x[57];

    (void)state;
    for (unsigned int low = 0xE8; low <= 0xFF; low++) {
        for (unsigned int sign = 0; sign <= 1; sign++) {
            struct why why = {""};
            memset(x, 0xFF, 32);
            x[0] = (unsigned char)low;
            x[31] = sign == 0 ? 0x7F : 0xFF;
            enum status status = keycheck_okp(CRV_ED25519, of(x, 32), &why);
            assert_int_equal(status, low < 0xEC ? ST_OK : ST_UNKNOWN_KEY);
            assert_int_equal(strstr(why.sentence, "canonical") != NULL, low >= 0xED);
            assert_int_equal(strstr(why.sentence, "small order") != NULL, low == 0xEC);
        }
    }
    assert_int_equal(from_hex("fd" F27 "fe" F27 "00", x), 57); /* p - 2 */
    assert_int_equal(keycheck_okp(CRV_ED448, of(x, 57), NULL), ST_OK);
    x[56] = 0x80;
    assert_int_equal(keycheck_okp(CRV_ED448, of(x, 57), NULL), ST_OK);
    for (unsigned int bit = 0; bit < 7; bit++) {
        x[56] = (unsigned char)(1 << bit);
        assert_int_equal(keycheck_okp(CRV_ED448, of(x, 57), NULL), ST_UNKNOWN_KEY);
    }
    assert_int_equal(from_hex(F28 F28 "00", x), 57); /* 2^448 - 1 */
    assert_int_equal(keycheck_okp(CRV_ED448, of(x, 57), NULL), ST_UNKNOWN_KEY);
}

/* Neighbours of the refused values, and numbers whose bytes compare the other way round. */
static void
R46_other_encodings_are_left_to_openssl(void **state)
{
    static const char *const ed25519[] = {
        "02" Z10 Z10 Z10 "00",
        Z10 Z10 Z10 "0001",
        "ff" Z10 Z10 Z10 "00",
        F10 F10 F10 "ff7e",
        "27e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc04",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", /* RFC 8032 7.1 */
    };
    static const char *const ed448[] = {
        "02" Z27 Z28 "00", Z27 "01" Z28 "00", F28 F27 "fe00",
        ("5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e967"
         "78edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180"), /* RFC 8032 7.4 */
    };
    unsigned char x[57];

    (void)state;
    for (size_t i = 0; i < COUNT(ed25519); i++) {
        assert_int_equal(from_hex(ed25519[i], x), 32);
        assert_int_equal(keycheck_okp(CRV_ED25519, of(x, 32), NULL), ST_OK);
    }
    for (size_t i = 0; i < COUNT(ed448); i++) {
        assert_int_equal(from_hex(ed448[i], x), 57);
        assert_int_equal(keycheck_okp(CRV_ED448, of(x, 57), NULL), ST_OK);
    }
}

/*
 * Which of the small y are points was found out by a program that shares nothing with the code:
 * Python's integers, x^2 by division, Euler's criterion.
 */
static void
E33_a_y_without_an_x_is_no_point(void **state)
{
    static const unsigned char ed25519[] = {3,  4,  5,  6,  9,  10, 14, 15, 16, 18, 19, 21, 23,
                                            24, 25, 26, 27, 28, 29, 30, 32, 33, 35, 37, 39};
    static const unsigned char ed448[] = {3,  4,  5,  7,  8,  9,  12, 13, 19, 21, 24,
                                          25, 26, 27, 29, 31, 33, 35, 36, 37, 38, 39};
    unsigned char x[57] = {0};

    (void)state;
    for (unsigned char y = 2; y < 40; y++) {
        bool first = memchr(ed25519, y, COUNT(ed25519)) != NULL;
        bool second = memchr(ed448, y, COUNT(ed448)) != NULL;
        x[0] = y;
        for (unsigned int sign = 0; sign <= 1; sign++) {
            x[31] = (unsigned char)(sign << 7);
            assert_int_equal(keycheck_okp_point(CRV_ED25519, of(x, 32), NULL),
                             first ? ST_OK : ST_UNKNOWN_KEY);
            x[31] = 0;
            x[56] = (unsigned char)(sign << 7);
            assert_int_equal(keycheck_okp_point(CRV_ED448, of(x, 57), NULL),
                             second ? ST_OK : ST_UNKNOWN_KEY);
            x[56] = 0;
        }
    }
    for (size_t i = 0; i < 40; i++) {
        EVP_PKEY *pair = support_key(i % 2 == 0 ? ALG_EDDSA : ALG_ED448);
        size_t length = sizeof(x);
        assert_int_equal(EVP_PKEY_get_raw_public_key(pair, x, &length), 1);
        assert_int_equal(
            keycheck_okp_point(i % 2 == 0 ? CRV_ED25519 : CRV_ED448, of(x, length), NULL), ST_OK);
        EVP_PKEY_free(pair);
    }
}

/* What keycheck_okp refuses for its order is still a point: x is zero, which is a square. */
static void
E33_the_identity_is_a_point(void **state)
{
    unsigned char identity[57] = {1};

    (void)state;
    assert_int_equal(keycheck_okp_point(CRV_ED25519, of(identity, 32), NULL), ST_OK);
    assert_int_equal(keycheck_okp_point(CRV_ED448, of(identity, 57), NULL), ST_OK);
}

/* Points with a small coordinate, which has a second encoding that is as long: plus p. */
static const struct small_point {
    enum alg_crv crv;
    const char *name;
    size_t width;
    const char *x;
    const char *y;
} small_points[] = {
    {CRV_P256, "P-256", 32, "5",
     "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc"},
    {CRV_P256, "P-256", 32, "9e78d4ef60d05f750f6636209092bc43cbdd6b47e11a9de20a9feb2a50bb96c", "1"},
    {CRV_P384, "P-384", 48, "2",
     "8cdeadbbd04911a3c1931e26df3fa6439dca9c7eb286fbd46fc319f0e2bb7802"
     "32baf57825fc0c1912ada2fefe84024c"},
    {CRV_P384, "P-384", 48,
     "2261b2bf605c22f2f3aef6338719b2c486388ad5240719a5257315969ef01ba2"
     "7f0a104c89704773a81fdabee6ab5c78",
     "1"},
    {CRV_P521, "P-521", 66, "1",
     "10e59be93c4f269c0269c79e2afd65d6aeaa9b701eacc194fb3ee03df47849bf"
     "550ec636ebee0ddd4a16f1cd9406605af38f584567770e3f272d688c832e8435"
     "64"},
    {CRV_P521, "P-521", 66,
     "d9cb7a32dab342f863edb340f3ea61ddf833e755ce66bb1a918a42714ba05bcd"
     "f4ff10994f616a9d80cd0b48b326e3a8a2a8f5634d824875b6e71fb7cddd7b50"
     "18",
     "1"},
};

static enum status
ec_point(const struct small_point *curve, const BIGNUM *x, const BIGNUM *y)
{
    unsigned char first[66];
    unsigned char second[66];
    int width = (int)curve->width;

    assert_int_equal(BN_bn2binpad(x, first, width), width);
    assert_int_equal(BN_bn2binpad(y, second, width), width);
    return keycheck_ec_point(curve->crv, of(first, curve->width), of(second, curve->width), NULL);
}

/* Neighbours of a point, and its other encodings, are none; p is OpenSSL's own. */
static void
E33_a_point_satisfies_the_equation_and_its_coordinates_are_less_than_p(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(small_points); i++) {
        const struct small_point *row = &small_points[i];
        EC_GROUP *group = EC_GROUP_new_by_curve_name(EC_curve_nist2nid(row->name));
        BIGNUM *p = BN_new();
        BIGNUM *x = NULL;
        BIGNUM *y = NULL;
        BIGNUM *other = BN_new();
        assert_int_equal(EC_GROUP_get_curve(group, p, NULL, NULL, NULL), 1);
        assert_true(BN_hex2bn(&x, row->x) > 0 && BN_hex2bn(&y, row->y) > 0);
        assert_int_equal(ec_point(row, x, y), ST_OK);
        assert_int_equal(BN_sub(other, p, y), 1);
        assert_int_equal(ec_point(row, x, other), ST_OK);
        assert_true(BN_copy(other, y) != NULL && BN_add_word(other, 1) == 1);
        assert_int_equal(ec_point(row, x, other), ST_UNKNOWN_KEY);
        assert_true(BN_copy(other, x) != NULL && BN_add_word(other, 1) == 1);
        assert_int_equal(ec_point(row, other, y), ST_UNKNOWN_KEY);
        bool small_x = BN_num_bits(x) < BN_num_bits(y);
        assert_int_equal(BN_add(other, small_x ? x : y, p), 1);
        assert_int_equal(small_x ? ec_point(row, other, y) : ec_point(row, x, other),
                         ST_UNKNOWN_KEY);
        BN_zero(x);
        assert_int_equal(ec_point(row, x, x), ST_UNKNOWN_KEY);
        EC_GROUP_free(group);
        BN_free(p);
        BN_free(x);
        BN_free(y);
        BN_free(other);
    }
}

static void
E33_every_generated_key_is_a_point(void **state)
{
    static const enum alg algs[] = {ALG_ES256, ALG_ES384, ALG_ES512};

    (void)state;
    for (size_t i = 0; i < 30; i++) {
        EVP_PKEY *pair = support_key(algs[i % 3]);
        BIGNUM *x = NULL;
        BIGNUM *y = NULL;
        assert_int_equal(EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_EC_PUB_X, &x), 1);
        assert_int_equal(EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_EC_PUB_Y, &y), 1);
        assert_int_equal(ec_point(&small_points[i % 3 * 2], x, y), ST_OK);
        BN_free(x);
        BN_free(y);
        EVP_PKEY_free(pair);
    }
}

static void
R46_an_okp_key_has_exactly_32_or_57_bytes(void **state)
{
    unsigned char x[64];

    (void)state;
    memset(x, 0x22, sizeof(x));
    for (size_t length = 0; length <= 60; length++) {
        assert_int_equal(keycheck_okp(CRV_ED25519, of(x, length), NULL),
                         length == 32 ? ST_OK : ST_UNKNOWN_KEY);
        x[56] = 0;
        assert_int_equal(keycheck_okp(CRV_ED448, of(x, length), NULL),
                         length == 57 ? ST_OK : ST_UNKNOWN_KEY);
    }
}

/*
 * That the table is one of weak keys and not of arbitrary bytes: under a key of small order
 * R = identity, S = 0 verifies whenever the hash is a multiple of the order, so one message in
 * eight will do. What this OpenSSL says is shown; a later one may refuse the keys itself.
 */
static void
E33_bare_openssl_accepts_forgeries_under_them(void **state)
{
    static const unsigned char forgery[64] = {0x01};
    size_t forged = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(small_ed25519); i++) {
        unsigned char x[32];
        bool fits = false;
        from_hex(small_ed25519[i], x);
        EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x, sizeof(x));
        for (unsigned char message = 0; key != NULL && !fits && message < 255; message++) {
            fits = verify(ALG_EDDSA, key, of(&message, 1), of(forgery, 64), NULL) == ST_OK;
        }
        forged += fits ? 1 : 0;
        EVP_PKEY_free(key);
    }
    print_message("forged under %zu of %zu keys of small order\n", forged, COUNT(small_ed25519));
}

/* ---- import -------------------------------------------------------------------------------- */

static enum alg
alg_that_fits(const struct jwk *jwk)
{
    unsigned int alg = 0;

    while (!jwk_fits(jwk, (enum alg)alg, ~(alg_set)0)) {
        alg++;
        assert_true(alg < ALG_COUNT);
    }
    return (enum alg)alg;
}

static enum status
import_line(const char *line)
{
    struct key *key = NULL;
    struct jwk jwk;
    struct why why = {""};

    assert_true(jwk_parse(span_of(line), &jwk));
    enum status status = key_import(&jwk, alg_that_fits(&jwk), &why, &key);
    assert_int_equal(key != NULL, status == ST_OK);
    assert_int_equal(why.sentence[0] == '\0', status == ST_OK);
    key_done(&key);
    return status;
}

static char *
encoded(const unsigned char *bytes, size_t length)
{
    struct buf text CLEANUP(buf_done) = BUF(4096);

    assert_int_equal(base64url_encode(of(bytes, length), &text), ST_OK);
    return strdup(buf_text(&text));
}

/* The line of an EC key with these coordinates of `width` bytes each. */
static enum status
import_point(const char *crv, const unsigned char *x, const unsigned char *y, size_t width)
{
    char *a = encoded(x, width);
    char *b = encoded(y, width);
    char *line = support_text("* EC - %s %s %s", crv, a, b);
    enum status status = import_line(line);

    free(a);
    free(b);
    free(line);
    return status;
}

/* The base point of P-256 (FIPS 186-4 D.1.2.3), certainly on the curve. */
#define P256_X "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define P256_Y "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
#define P256_P "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
#define P256_N "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"

static void
E33_a_point_off_its_curve_is_refused(void **state)
{
    unsigned char x[67] = {0};
    unsigned char y[67] = {0};

    (void)state;
    from_hex(P256_X, x);
    from_hex(P256_Y, y);
    assert_int_equal(import_point("P-256", x, y, 32), ST_OK);
    assert_int_equal(import_point("P-256", y, x, 32), ST_UNKNOWN_KEY);
    for (size_t i = 0; i < 32; i++) {
        y[i] ^= 1;
        assert_int_equal(import_point("P-256", x, y, 32), ST_UNKNOWN_KEY);
        y[i] ^= 1;
    }
    /* The right bytes for another curve: too short, padded, and labelled as they are not. */
    assert_int_equal(import_point("P-384", x, y, 32), ST_UNKNOWN_KEY);
    assert_int_equal(import_point("P-384", x, y, 48), ST_UNKNOWN_KEY);
    assert_int_equal(import_point("P-521", x, y, 66), ST_UNKNOWN_KEY);
    assert_int_equal(import_point("P-256", x, y, 31), ST_UNKNOWN_KEY);
    assert_int_equal(import_point("P-256", x, y, 33), ST_UNKNOWN_KEY);
    assert_int_equal(import_point("P-256", x, y, 66), ST_UNKNOWN_KEY);
    assert_int_equal(import_point("P-256", x, y, 67), ST_UNKNOWN_KEY);
    memset(x, 0, sizeof(x));
    memset(y, 0, sizeof(y));
    assert_int_equal(import_point("P-256", x, y, 32), ST_UNKNOWN_KEY);
    assert_int_equal(import_point("P-384", x, y, 48), ST_UNKNOWN_KEY);
    assert_int_equal(import_point("P-521", x, y, 66), ST_UNKNOWN_KEY);
    from_hex(P256_P, x);
    assert_int_equal(import_point("P-256", x, y, 32), ST_UNKNOWN_KEY);
    memset(x, 0xFF, sizeof(x));
    memset(y, 0xFF, sizeof(y));
    assert_int_equal(import_point("P-256", x, y, 32), ST_UNKNOWN_KEY);
    assert_int_equal(import_point("P-521", x, y, 66), ST_UNKNOWN_KEY);
}

/* Lines come from a file of ours, but a file may be damaged: no crash, no key. */
static void
a_damaged_line_is_no_key(void **state)
{
    static const char *const bad[] = {
        "* RSA - - AA AQAB-",
        "* RSA - - - AQAB",
        "* RSA - - AQAB -",
        "* RSA - - A= AQAB",
        "* EC - P-256 AA -",
        "* EC - P-256 - AA",
        "* EC - P-256 AA AAA",
        "* EC - P-256 A A",
        "* EC - P-256 AA AA",
        "* OKP - Ed25519 - -",
        "* OKP - Ed25519 AAAA -",
        "* OKP - Ed25519 A+AA -",
        "* OKP - Ed448 AAAA -",
        /* an Ed25519 key with the label of the other curve */
        "* OKP - Ed448 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo -",
    };
    static const char *const long_ones[][2] = {
        {"* OKP - Ed25519 ", " -"}, {"* RSA - - ", " AQAB"}, {"* EC - P-521 ", " AQAB"}};
    char as[3001];

    (void)state;
    memset(as, 'A', sizeof(as) - 1);
    as[sizeof(as) - 1] = '\0';
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (import_line(bad[i]) != ST_UNKNOWN_KEY) {
            fail_msg("%s", bad[i]);
        }
    }
    for (size_t i = 0; i < COUNT(long_ones); i++) {
        char *line = support_text("%s%s%s", long_ones[i][0], as, long_ones[i][1]);
        assert_int_equal(import_line(line), ST_UNKNOWN_KEY);
        free(line);
    }
    /* Coordinates that are wider than any curve. */
    static const char *const wide[][2] = {{"* EC - P-521 ", " AQAB"}, {"* EC - P-521 AQAB ", ""}};
    as[1000] = '\0';
    for (size_t i = 0; i < COUNT(wide); i++) {
        char *line = support_text("%s%s%s", wide[i][0], as, wide[i][1]);
        assert_int_equal(import_line(line), ST_UNKNOWN_KEY);
        free(line);
    }
}

/* A line that nobody writes: each kind of key is looked at as when it was read (R44 to R46). */
static void
E33_a_key_is_checked_whatever_its_type(void **state)
{
    static const struct {
        const char *line;
        const char *says; /* NULL: nothing, it is good */
    } rows[] = {
        {"* EC - P-256 f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU "
         "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
         NULL},
        {"* EC - P-256 AH_NzidwdsRdQYPL7m_bS3tYBzM1e-nvE7rPbjx70VRF "
         "AMfxRM0bvZt-hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt",
         "EC coordinates of 33 and 33 bytes"},
        {"* EC - P-256 f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU "
         "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4",
         "no point of its curve"},
        /* the point with x = 0, and the same one written as x = p */
        {"* EC - P-256 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA "
         "ZkhceA4vg9ckM71dhKBrtlQcKvMdrocXKL-FahdPk_Q",
         NULL},
        {"* EC - P-256 _____wAAAAEAAAAAAAAAAAAAAAD_______________8 "
         "ZkhceA4vg9ckM71dhKBrtlQcKvMdrocXKL-FahdPk_Q",
         "no point of its curve"},
        {"* OKP - Ed25519 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo -", NULL},
        {"* OKP - Ed25519 AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA -", "small order"},
        {"* OKP - Ed25519 AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA -", "no point of its curve"},
        {"* RSA - - AAAAAAAAAAAAAAAAAAAAAP8 AQAB", "RSA modulus of 8 bits"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct why why = {""};
        struct jwk jwk;
        assert_true(jwk_parse(span_of(rows[i].line), &jwk));
        assert_int_equal(key_check(&jwk, &why), rows[i].says == NULL ? ST_OK : ST_UNKNOWN_KEY);
        if (rows[i].says != NULL && strstr(why.sentence, rows[i].says) == NULL) {
            fail_msg("%s: %s", rows[i].line, why.sentence);
        }
    }
}

/* An exponent that is not the same from both ends. */
static EVP_PKEY *
rsa_with_exponent(BN_ULONG exponent)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    BIGNUM *e = BN_new();
    EVP_PKEY *pair = NULL;

    assert_int_equal(BN_set_word(e, exponent), 1);
    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048), 1);
    assert_int_equal(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, e), 1);
    assert_int_equal(EVP_PKEY_generate(context, &pair), 1);
    BN_free(e);
    EVP_PKEY_CTX_free(context);
    return pair;
}

static void
rsa_parameters_are_imported_as_they_are_written(void **state)
{
    EVP_PKEY *pair = rsa_with_exponent(65539);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char bytes[256];
    size_t length = sizeof(bytes);
    BIGNUM *n = NULL;
    struct key *key = NULL;
    struct jwk jwk;

    (void)state;
    assert_int_equal(EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_N, &n), 1);
    assert_int_equal(BN_bn2bin(n, bytes), 256);
    char *text = encoded(bytes, 256);
    char *line = support_text("* RSA - - %s AQAD", text); /* e is 65539 */
    assert_true(jwk_parse(span_of(line), &jwk));
    assert_int_equal(key_import(&jwk, ALG_RS256, NULL, &key), ST_OK);
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pair), 1);
    assert_int_equal(EVP_DigestSign(context, bytes, &length, (const unsigned char *)"x", 1), 1);
    assert_int_equal(key_verify(key, span_of("x"), of(bytes, length), NULL), ST_OK);
    assert_int_equal(key_verify(key, span_of("y"), of(bytes, length), NULL), ST_SIGNATURE);
    key_done(&key);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pair);
    BN_free(n);
    free(text);
    free(line);
}

static void
R37_an_imported_key_knows_what_it_is_for(void **state)
{
    static const struct {
        const char *line;
        enum alg alg; /* that it certainly fits */
    } rows[] = {
        {"* OKP - Ed25519 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo -", ALG_EDDSA},
        {"* EC - P-256 f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU "
         "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
         ALG_ES256},
        {"* RSA - - AAAAAAAAAAAAAAAAAAAAAP8 AQAB", ALG_RS256},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct key *key = NULL;
        struct jwk jwk;
        assert_true(jwk_parse(span_of(rows[i].line), &jwk));
        assert_int_equal(key_import(&jwk, rows[i].alg, NULL, &key), ST_OK);
        assert_int_equal(key_alg(key), rows[i].alg);
        for (unsigned int allowed = 0; allowed < ALG_COUNT; allowed++) {
            assert_int_equal(key_fits(key, ALG_BIT(allowed)),
                             alg_fits(rows[i].alg, ALG_BIT(allowed), jwk.kty, jwk.crv));
        }
        assert_true(key_fits(key, ALG_BIT(rows[i].alg)));
        assert_false(key_fits(key, 0));
        key_done(&key);
    }
}

static void
R102_an_import_leaves_the_hosts_error_queue_alone(void **state)
{
    unsigned char zeros[32] = {0};

    (void)state;
    ERR_clear_error();
    assert_int_equal(import_point("P-256", zeros, zeros, 32), ST_UNKNOWN_KEY);
    assert_int_equal(ERR_peek_error(), 0);
    ERR_raise(ERR_LIB_USER, 42);
    assert_int_equal(import_point("P-256", zeros, zeros, 32), ST_UNKNOWN_KEY);
    assert_int_equal(ERR_GET_REASON(ERR_get_error()), 42);
    assert_int_equal(ERR_get_error(), 0);
    struct key *key = NULL;
    key_done(&key);
    assert_null(key);
}

/* ---- signatures ---------------------------------------------------------------------------- */

static EVP_PKEY *rsa; /* of 2048 bits */

static int
make_rsa(void **state)
{
    (void)state;
    rsa = support_key(ALG_RS256);
    return 0;
}

static int
free_rsa(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    return 0;
}

static const char message[] = "header.payload";

/* A signature over `message` as JOSE writes it, made from the token that support_sign makes. */
static size_t
sign_as(EVP_PKEY *pair, enum alg alg, char **ret_message, unsigned char *signature)
{
    struct buf bytes CLEANUP(buf_done) = BUF(1024);
    char *token = support_sign(pair, alg, "{}", "{}");
    char *dot = strrchr(token, '.');

    assert_int_equal(base64url_decode(span_of(dot + 1), &bytes), ST_OK);
    memcpy(signature, bytes.at, bytes.length);
    *dot = '\0';
    *ret_message = token;
    return bytes.length;
}

static void
R45_R46_a_signature_has_exactly_the_length_of_its_key(void **state)
{
    static const struct {
        enum alg alg;
        size_t length;
    } rows[] = {
        {ALG_RS256, 256}, {ALG_PS256, 256}, {ALG_ES256, 64},  {ALG_ES384, 96},
        {ALG_ES512, 132}, {ALG_EDDSA, 64},  {ALG_ED448, 114},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool is_rsa = alg_row(rows[i].alg)->kty == KTY_RSA;
        EVP_PKEY *pair = is_rsa ? rsa : support_key(rows[i].alg);
        unsigned char signature[1024 + 2] = {0};
        char *text = NULL;
        assert_int_equal(sign_as(pair, rows[i].alg, &text, signature + 1), rows[i].length);
        assert_int_equal(
            verify(rows[i].alg, pair, span_of(text), of(signature + 1, rows[i].length), NULL),
            ST_OK);
        /* One byte less at either end, one zero more at either end, nothing, twice as much. */
        const struct span wrong[] = {of(signature + 1, rows[i].length - 1),
                                     of(signature + 2, rows[i].length - 1),
                                     of(signature + 1, rows[i].length + 1),
                                     of(signature, rows[i].length + 1),
                                     of(signature + 1, 0),
                                     of(NULL, 0),
                                     of(signature + 1, 2 * rows[i].length)};
        for (size_t j = 0; j < COUNT(wrong); j++) {
            struct why why = {""};
            assert_int_equal(verify(rows[i].alg, pair, span_of(text), wrong[j], &why),
                             ST_SIGNATURE);
            assert_non_null(strstr(why.sentence, "bytes where its key makes"));
        }
        free(text);
        if (!is_rsa) {
            EVP_PKEY_free(pair);
        }
    }
}

/* 2049 bits are 257 bytes: whole bytes, rounded up. */
static void
R44_a_signature_is_as_long_as_an_odd_modulus(void **state)
{
    static const struct {
        int bits;
        const char *says;
    } rows[] = {{2048, "makes 256"},
                {2049, "makes 257"},
                {2055, "makes 257"},
                {2056, "makes 257"},
                {2057, "makes 258"}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned char bytes[300];
        BIGNUM *n = modulus_of(rows[i].bits);
        char *text = encoded(bytes, (size_t)BN_bn2bin(n, bytes));
        char *line = support_text("* RSA - - %s AQAB", text);
        struct key *key = NULL;
        struct jwk jwk;
        struct why why = {""};
        assert_true(jwk_parse(span_of(line), &jwk));
        assert_int_equal(key_import(&jwk, ALG_RS256, NULL, &key), ST_OK);
        assert_int_equal(key_verify(key, span_of(message), of(bytes, 1), &why), ST_SIGNATURE);
        assert_non_null(strstr(why.sentence, rows[i].says));
        key_done(&key);
        BN_free(n);
        free(text);
        free(line);
    }
}

/* r and s of a good signature replaced by what is out of [1, n - 1], or just wrong. */
static void
E4_r_and_s_of_zero_or_of_the_order_are_refused(void **state)
{
    static const char *const values[] = {
        Z10 Z10 Z10 "0000",
        Z10 Z10 Z10 "0001",
        P256_N,
        P256_P,
        F10 F10 F10 "ffff",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550", /* n - 1 */
    };
    EVP_PKEY *pair = support_key(ALG_ES256);
    unsigned char good[1024];
    char *text = NULL;

    (void)state;
    assert_int_equal(sign_as(pair, ALG_ES256, &text, good), 64);
    size_t handed_on = fault_verified();
    for (size_t i = 0; i <= COUNT(values); i++) {
        for (size_t j = 0; j <= COUNT(values); j++) {
            unsigned char forged[64];
            memcpy(forged, good, sizeof(forged));
            if (i < COUNT(values)) {
                from_hex(values[i], forged);
            }
            if (j < COUNT(values)) {
                from_hex(values[j], forged + 32);
            }
            assert_int_equal(verify(ALG_ES256, pair, span_of(text), of(forged, 64), NULL),
                             i == COUNT(values) && j == COUNT(values) ? ST_OK : ST_SIGNATURE);
            /* Of a zero OpenSSL is not even asked (CVE-2022-21449). */
            handed_on += i > 0 && j > 0 ? 1 : 0;
            assert_int_equal(fault_verified(), handed_on);
        }
    }
    free(text);
    EVP_PKEY_free(pair);
}

/* The DER that everybody but JOSE writes; padded or cut to the length that passes that check too.
 */
static void
E4_a_der_signature_is_refused(void **state)
{
    EVP_PKEY *pair = support_key(ALG_ES256);
    unsigned char der[80] = {0};
    size_t length = sizeof(der);
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    (void)state;
    assert_int_equal(EVP_DigestSignInit_ex(context, NULL, "SHA256", NULL, NULL, pair, NULL), 1);
    assert_int_equal(
        EVP_DigestSign(context, der, &length, (const unsigned char *)message, strlen(message)), 1);
    static const size_t cut[] = {63, 64, 65, 70, 71, 72, 73};
    for (size_t i = 0; i < COUNT(cut); i++) {
        assert_int_equal(verify(ALG_ES256, pair, span_of(message), of(der, cut[i]), NULL),
                         ST_SIGNATURE);
    }
    assert_int_equal(verify(ALG_ES256, pair, span_of(message), of(der, length), NULL),
                     ST_SIGNATURE);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pair);
}

/* An RSA signature with any padding, salt and mask digest that OpenSSL can make. */
static void
sign_rsa(int padding, int salt, const EVP_MD *mask, unsigned char signature[256])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = NULL;
    size_t length = 256;

    assert_int_equal(EVP_DigestSignInit(context, &options, EVP_sha256(), NULL, rsa), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(options, padding), 1);
    if (padding == RSA_PKCS1_PSS_PADDING) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, salt), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(options, mask), 1);
    }
    assert_int_equal(EVP_DigestSign(context, signature, &length, (const unsigned char *)message,
                                    strlen(message)),
                     1);
    assert_int_equal(length, 256);
    EVP_MD_CTX_free(context);
}

static void
R44_salt_and_mask_of_pss_are_of_its_digest(void **state)
{
    static const struct {
        int salt;
        enum status status;
    } rows[] = {
        {32, ST_OK},        {0, ST_SIGNATURE},  {20, ST_SIGNATURE}, {31, ST_SIGNATURE},
        {33, ST_SIGNATURE}, {48, ST_SIGNATURE}, {64, ST_SIGNATURE}, {222, ST_SIGNATURE},
    };
    unsigned char signature[256];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        sign_rsa(RSA_PKCS1_PSS_PADDING, rows[i].salt, EVP_sha256(), signature);
        assert_int_equal(verify(ALG_PS256, rsa, span_of(message), of(signature, 256), NULL),
                         rows[i].status);
    }
    sign_rsa(RSA_PKCS1_PSS_PADDING, 32, EVP_sha1(), signature);
    assert_int_equal(verify(ALG_PS256, rsa, span_of(message), of(signature, 256), NULL),
                     ST_SIGNATURE);
    sign_rsa(RSA_PKCS1_PSS_PADDING, 32, EVP_sha512(), signature);
    assert_int_equal(verify(ALG_PS256, rsa, span_of(message), of(signature, 256), NULL),
                     ST_SIGNATURE);
}

static void
E3_paddings_are_not_exchanged(void **state)
{
    unsigned char pkcs1[256];
    unsigned char pss[256];

    (void)state;
    sign_rsa(RSA_PKCS1_PADDING, 0, NULL, pkcs1);
    sign_rsa(RSA_PKCS1_PSS_PADDING, 32, EVP_sha256(), pss);
    assert_int_equal(verify(ALG_RS256, rsa, span_of(message), of(pkcs1, 256), NULL), ST_OK);
    assert_int_equal(verify(ALG_PS256, rsa, span_of(message), of(pss, 256), NULL), ST_OK);
    assert_int_equal(verify(ALG_PS256, rsa, span_of(message), of(pkcs1, 256), NULL), ST_SIGNATURE);
    assert_int_equal(verify(ALG_RS256, rsa, span_of(message), of(pss, 256), NULL), ST_SIGNATURE);
    memset(pss, 0, sizeof(pss));
    assert_int_equal(verify(ALG_RS256, rsa, span_of(message), of(pss, 256), NULL), ST_SIGNATURE);
    pss[255] = 1;
    assert_int_equal(verify(ALG_RS256, rsa, span_of(message), of(pss, 256), NULL), ST_SIGNATURE);
    memset(pss, 0xFF, sizeof(pss)); /* greater than the modulus */
    assert_int_equal(verify(ALG_PS256, rsa, span_of(message), of(pss, 256), NULL), ST_SIGNATURE);
}

/* Callers hand in a key that fits; should one ever not, nothing verifies and nothing breaks. */
static void
R37_a_key_of_another_type_verifies_nothing(void **state)
{
    static const enum alg kinds[] = {ALG_RS256, ALG_ES256, ALG_ES384,
                                     ALG_ES512, ALG_EDDSA, ALG_ED448};
    unsigned char zeros[1024] = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        EVP_PKEY *pair = i == 0 ? rsa : support_key(kinds[i]);
        for (unsigned int alg = 0; alg < ALG_COUNT; alg++) {
            static const size_t lengths[] = {0, 32, 48, 57, 64, 66, 96, 114, 132, 256, 512};
            for (size_t j = 0; j < COUNT(lengths); j++) {
                struct why why = {""};
                memset(zeros, 1, sizeof(zeros));
                size_t handed_on = fault_verified();
                enum status status =
                    verify((enum alg)alg, pair, span_of(message), of(zeros, lengths[j]), &why);
                assert_true(status == ST_SIGNATURE || status == ST_INTERNAL);
                assert_string_not_equal(why.sentence, "");
                /* What no curve signs is not even handed to OpenSSL. */
                assert_true(alg_row((enum alg)alg)->kty != KTY_EC || lengths[j] <= 132 ||
                            fault_verified() == handed_on);
            }
        }
        if (i > 0) {
            EVP_PKEY_free(pair);
        }
    }
}

/* A curve that has no padding at all: OpenSSL cannot even start, which is not a refusal. */
static void
what_openssl_cannot_start_is_a_fault(void **state)
{
    EVP_PKEY *pair = support_key(ALG_ES256);
    EVP_PKEY *edwards = support_key(ALG_EDDSA);
    unsigned char signature[32] = {1};
    struct why why = {""};

    (void)state;
    assert_int_equal(verify(ALG_RS256, edwards, span_of(message), of(signature, 32), &why),
                     ST_INTERNAL);
    EVP_PKEY_free(edwards);
    assert_int_equal(verify(ALG_PS256, pair, span_of(message), of(signature, 32), &why),
                     ST_INTERNAL);
    assert_non_null(strstr(why.sentence, "PS256"));
    EVP_PKEY_free(pair);
}

static void
an_empty_message_can_be_signed(void **state)
{
    EVP_PKEY *pair = support_key(ALG_EDDSA);
    unsigned char signature[64];
    size_t length = sizeof(signature);
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    (void)state;
    assert_int_equal(EVP_DigestSignInit(context, NULL, NULL, NULL, pair), 1);
    assert_int_equal(EVP_DigestSign(context, signature, &length, (const unsigned char *)"", 0), 1);
    assert_int_equal(verify(ALG_EDDSA, pair, span_of(""), of(signature, 64), NULL), ST_OK);
    assert_int_equal(verify(ALG_EDDSA, pair, span_of("x"), of(signature, 64), NULL), ST_SIGNATURE);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pair);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R44_a_modulus_has_2048_to_8192_bits),
        cmocka_unit_test(R44_an_even_modulus_is_refused),
        cmocka_unit_test(R44_an_exponent_is_odd_and_65537_to_2_32),
        cmocka_unit_test(R44_at_most_eight_leading_zeros_are_tolerated),
        cmocka_unit_test(E30_a_roca_modulus_is_refused),
        cmocka_unit_test(E30_other_moduli_are_not_roca),
        cmocka_unit_test(E30_each_prime_of_the_fingerprint_counts_with_each_residue),
        cmocka_unit_test(E30_a_prime_modulus_is_found),
        cmocka_unit_test(R45_a_coordinate_is_exactly_as_wide_as_its_field),
        cmocka_unit_test(E33_points_of_small_order_are_refused),
        cmocka_unit_test(R46_an_encoding_that_is_not_canonical_is_refused),
        cmocka_unit_test(R46_other_encodings_are_left_to_openssl),
        cmocka_unit_test(E33_a_y_without_an_x_is_no_point),
        cmocka_unit_test(E33_the_identity_is_a_point),
        cmocka_unit_test(E33_a_point_satisfies_the_equation_and_its_coordinates_are_less_than_p),
        cmocka_unit_test(E33_every_generated_key_is_a_point),
        cmocka_unit_test(R46_an_okp_key_has_exactly_32_or_57_bytes),
        cmocka_unit_test(E33_bare_openssl_accepts_forgeries_under_them),
        cmocka_unit_test(E33_a_point_off_its_curve_is_refused),
        cmocka_unit_test(a_damaged_line_is_no_key),
        cmocka_unit_test(E33_a_key_is_checked_whatever_its_type),
        cmocka_unit_test(rsa_parameters_are_imported_as_they_are_written),
        cmocka_unit_test(R37_an_imported_key_knows_what_it_is_for),
        cmocka_unit_test(R102_an_import_leaves_the_hosts_error_queue_alone),
        cmocka_unit_test(R45_R46_a_signature_has_exactly_the_length_of_its_key),
        cmocka_unit_test(R44_a_signature_is_as_long_as_an_odd_modulus),
        cmocka_unit_test(E4_r_and_s_of_zero_or_of_the_order_are_refused),
        cmocka_unit_test(E4_a_der_signature_is_refused),
        cmocka_unit_test(R44_salt_and_mask_of_pss_are_of_its_digest),
        cmocka_unit_test(E3_paddings_are_not_exchanged),
        cmocka_unit_test(R37_a_key_of_another_type_verifies_nothing),
        cmocka_unit_test(what_openssl_cannot_start_is_a_fault),
        cmocka_unit_test(an_empty_message_can_be_signed),
    };

    return cmocka_run_group_tests_name("key", tests, make_rsa, free_rsa);
}
