#include "support.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/frame.h"
#include "jose/base64url.h"
#include "jose/jws.h"
#include "jose/keyset.h"

char *
support_text(const char *format, ...)
{
    va_list arguments;
    char *text = NULL;

    va_start(arguments, format);
    assert_true(vasprintf(&text, format, arguments) >= 0);
    va_end(arguments);
    return text;
}

char *
support_vector(const char *name)
{
    char *here = strdup(__FILE__);
    char *path = support_text("%s/vectors/%s", dirname(here), name);

    free(here);
    return path;
}

/* Making an RSA key takes longer than everything else that most tests do. */
static EVP_PKEY *
read_rsa(void)
{
    char *path = support_vector("test_rsa_2048.pem");
    FILE *file = fopen(path, "re");

    if (file == NULL) {
        fail_msg("%s is missing: run the tests in the root of the repository", path);
    }
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    assert_int_equal(fclose(file), 0);
    free(path);
    return key;
}

EVP_PKEY *
support_key(enum alg alg)
{
    const struct alg_crv_row *curve = alg_crv_row(alg_row(alg)->crv);
    EVP_PKEY *key = curve->kty == KTY_EC    ? EVP_EC_gen(curve->name)
                    : curve->kty == KTY_OKP ? EVP_PKEY_Q_keygen(NULL, NULL, curve->name)
                                            : read_rsa();

    assert_non_null(key);
    return key;
}

static char *
encode(const unsigned char *bytes, size_t length)
{
    struct buf text = BUF(65536);

    assert_int_equal(
        base64url_encode((struct span){.at = (const char *)bytes, .length = length}, &text), ST_OK);
    char *copy = strdup(buf_text(&text));
    buf_done(&text);
    return copy;
}

static char *
encode_number(EVP_PKEY *key, const char *name, size_t width)
{
    unsigned char bytes[1024];
    BIGNUM *number = NULL;

    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
    int length = width > 0 ? BN_bn2binpad(number, bytes, (int)width) : BN_bn2bin(number, bytes);
    assert_true(length > 0);
    BN_free(number);
    return encode(bytes, (size_t)length);
}

static char *
public_members(EVP_PKEY *key)
{
    char *text = NULL;

    if (EVP_PKEY_is_a(key, "RSA")) {
        char *n = encode_number(key, OSSL_PKEY_PARAM_RSA_N, 0);
        char *e = encode_number(key, OSSL_PKEY_PARAM_RSA_E, 0);
        text = support_text("\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"", n, e);
        free(n);
        free(e);
    } else if (EVP_PKEY_is_a(key, "EC")) {
        int bits = EVP_PKEY_get_bits(key);
        size_t width = ((size_t)bits + 7) / 8;
        char *x = encode_number(key, OSSL_PKEY_PARAM_EC_PUB_X, width);
        char *y = encode_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, width);
        text =
            support_text("\"kty\":\"EC\",\"crv\":\"P-%d\",\"x\":\"%s\",\"y\":\"%s\"", bits, x, y);
        free(x);
        free(y);
    } else {
        unsigned char raw[57];
        size_t length = sizeof(raw);
        assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &length), 1);
        char *x = encode(raw, length);
        text = support_text("\"kty\":\"OKP\",\"crv\":\"%s\",\"x\":\"%s\"",
                            length == 32 ? "Ed25519" : "Ed448", x);
        free(x);
    }
    return text;
}

char *
support_jwk(EVP_PKEY *key, const char *kid, const char *alg)
{
    char *members = public_members(key);
    char *kid_text = kid != NULL ? support_text(",\"kid\":\"%s\"", kid) : strdup("");
    char *alg_text = alg != NULL ? support_text(",\"alg\":\"%s\"", alg) : strdup("");
    char *text = support_text("{%s%s%s}", members, kid_text, alg_text);

    free(members);
    free(kid_text);
    free(alg_text);
    return text;
}

char *
support_jwks(const char *jwk)
{
    return support_text("{\"keys\":[%s]}", jwk);
}

/* OpenSSL's DER to the two fixed-width numbers of RFC 7518 3.4. */
static size_t
ecdsa_raw(EVP_PKEY *key, const unsigned char *der, size_t length, unsigned char *raw)
{
    int width = (EVP_PKEY_get_bits(key) + 7) / 8;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)length);

    assert_non_null(pair);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, width), width);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + width, width), width);
    ECDSA_SIG_free(pair);
    return 2 * (size_t)width;
}

static size_t
sign(EVP_PKEY *key, enum alg alg, const char *message, unsigned char *signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = NULL;
    unsigned char der[1024];
    size_t length = sizeof(der);

    assert_int_equal(
        EVP_DigestSignInit_ex(context, &options, alg_row(alg)->digest, NULL, NULL, key, NULL), 1);
    if (alg_row(alg)->pss) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST), 1);
    }
    assert_int_equal(
        EVP_DigestSign(context, der, &length, (const unsigned char *)message, strlen(message)), 1);
    EVP_MD_CTX_free(context);
    if (EVP_PKEY_is_a(key, "EC")) {
        return ecdsa_raw(key, der, length, signature);
    }
    memcpy(signature, der, length);
    return length;
}

char *
support_sign(EVP_PKEY *key, enum alg alg, const char *header, const char *payload)
{
    unsigned char signature[1024];
    char *encoded_header = encode((const unsigned char *)header, strlen(header));
    char *encoded_payload = encode((const unsigned char *)payload, strlen(payload));
    char *message = support_text("%s.%s", encoded_header, encoded_payload);
    size_t length = sign(key, alg, message, signature);
    char *encoded_signature = encode(signature, length);
    char *token = support_text("%s.%s", message, encoded_signature);

    free(encoded_header);
    free(encoded_payload);
    free(message);
    free(encoded_signature);
    return token;
}

char *
support_join(const char *header, const char *payload, const char *signature,
             size_t signature_length)
{
    char *a = encode((const unsigned char *)header, strlen(header));
    char *b = encode((const unsigned char *)payload, strlen(payload));
    char *c = encode((const unsigned char *)signature, signature_length);
    char *token = support_text("%s.%s.%s", a, b, c);

    free(a);
    free(b);
    free(c);
    return token;
}

struct claims *
support_claims_signed(EVP_PKEY *pair, enum alg alg, const char *typ, const char *payload)
{
    char *jwk = support_jwk(pair, NULL, NULL);
    char *jwks = support_jwks(jwk);
    char *header = typ != NULL
                       ? support_text("{\"alg\":\"%s\",\"typ\":\"%s\"}", alg_row(alg)->name, typ)
                       : support_text("{\"alg\":\"%s\"}", alg_row(alg)->name);
    char *token = support_sign(pair, alg, header, payload);
    struct keyset keyset = KEYSET;
    struct jws *jws = NULL;
    struct key *key = NULL;
    struct verified *verified = NULL;
    struct claims *claims = NULL;
    struct why why = {""};

    assert_int_equal(keyset_read(span_of(jwks), KEYSET_FETCHED_MAX, &why, &keyset), ST_OK);
    assert_int_equal(jws_parse(span_of(token), &why, &jws), ST_OK);
    assert_int_equal(
        keyset_select(buf_span(&keyset.lines), jws_header(jws), ~(alg_set)0, &why, &key), ST_OK);
    assert_int_equal(jws_verify(jws, key, &why, &verified), ST_OK);
    assert_int_equal(claims_open(verified, &why, &claims), ST_OK);
    verified_done(&verified);
    key_done(&key);
    jws_done(&jws);
    keyset_done(&keyset);
    free(jwk);
    free(jwks);
    free(header);
    free(token);
    return claims;
}

struct claims *
support_claims_typ(const char *typ, const char *payload)
{
    EVP_PKEY *pair = support_key(ALG_EDDSA);
    struct claims *claims = support_claims_signed(pair, ALG_EDDSA, typ, payload);

    EVP_PKEY_free(pair);
    return claims;
}

struct claims *
support_claims(const char *payload)
{
    return support_claims_typ(NULL, payload);
}

char *
support_directory(void)
{
    char *path = strdup("/tmp/pam_oauth_test_XXXXXX");

    assert_non_null(mkdtemp(path));
    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

static int
remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void
support_remove(char *directory)
{
    (void)nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(directory);
}

void
support_write_mode(const char *directory, const char *name, const char *text, unsigned int mode)
{
    char *path = support_text("%s/%s", directory, name);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    free(path);
}

void
support_write(const char *directory, const char *name, const char *text)
{
    support_write_mode(directory, name, text, 0644);
}

size_t
support_open_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(directory);
    while (readdir(directory) != NULL) {
        count++;
    }
    assert_int_equal(closedir(directory), 0);
    return count;
}

struct span
support_take_request(struct buf *frame)
{
    size_t length = 0;
    char byte;

    buf_cut(frame, 0);
    while (length == 0 || frame->length < length) {
        if (read(STDIN_FILENO, &byte, 1) != 1 || buf_add_char(frame, byte) != ST_OK ||
            frame_length(buf_span(frame), FRAME_REQUEST, NULL, &length) != ST_OK) {
            _exit(0);
        }
    }
    return buf_span(frame);
}
