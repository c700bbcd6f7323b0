#include "sign.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "jose/jws.h"
#include "jose/keyset.h"

#define X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

const char sign_jwks[] = "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"ed\","
                         "\"alg\":\"EdDSA\",\"use\":\"sig\",\"x\":\"" X "\"}]}";
const char sign_lines[] = "=ZWQ OKP EdDSA Ed25519 " X " -\n";

static const unsigned char private_key[32] = {
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
};

static EVP_PKEY *
the_key(void)
{
    static EVP_PKEY *key;

    if (key == NULL) {
        key =
            EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private_key, sizeof(private_key));
        PROMISE(key != NULL);
    }
    return key;
}

static size_t
encode(struct span bytes, char *out)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t length = 0;

    for (size_t bit = 0; bit < 8 * bytes.length; bit += 6) {
        unsigned int two = (unsigned int)(unsigned char)bytes.at[bit / 8] << 8;
        if (bit / 8 + 1 < bytes.length) {
            two |= (unsigned char)bytes.at[bit / 8 + 1];
        }
        out[length++] = alphabet[two >> (10 - bit % 8) & 63];
    }
    return length;
}

static size_t
encoded_length(size_t length)
{
    return (8 * length + 5) / 6;
}

/* Room that fuzz_done frees. */
static char *
room_for(size_t length)
{
    char *scratch = calloc(1, length + 1);

    PROMISE(scratch != NULL);
    memset(scratch, '.', length);
    char *room = fuzz_string((struct span){.at = scratch, .length = length});
    free(scratch);
    return room;
}

char *
sign_encode(struct span bytes)
{
    char *text = room_for(encoded_length(bytes.length));

    (void)encode(bytes, text);
    return text;
}

static char *
make_token(struct span header, struct span payload)
{
    char signature[64];
    size_t length = sizeof(signature);
    size_t before = encoded_length(header.length) + 1 + encoded_length(payload.length);
    char *token = room_for(before + 1 + encoded_length(sizeof(signature)));
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    (void)encode(header, token);
    (void)encode(payload, token + encoded_length(header.length) + 1);
    PROMISE(context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, the_key()) == 1 &&
            EVP_DigestSign(context, (unsigned char *)signature, &length, (unsigned char *)token,
                           before) == 1);
    EVP_MD_CTX_free(context);
    (void)encode((struct span){.at = signature, .length = length}, token + before + 1);
    return token;
}

char *
sign_token(struct span header, struct span payload)
{
    fault_pause();
    char *token = make_token(header, payload);
    fault_resume();
    return token;
}

static struct claims *
open_claims(struct span token)
{
    struct jws *jws CLEANUP(jws_done) = NULL;
    struct key *key CLEANUP(key_done) = NULL;
    struct verified *verified CLEANUP(verified_done) = NULL;
    struct claims *claims = NULL;
    struct why why = {""};

    if (jws_parse(token, &why, &jws) != ST_OK ||
        keyset_select(span_of(sign_lines), jws_header(jws), ALG_DEFAULT, &why, &key) != ST_OK ||
        jws_verify(jws, key, &why, &verified) != ST_OK ||
        claims_open(verified, &why, &claims) != ST_OK) {
        return NULL;
    }
    return claims;
}

struct claims *
sign_claims(const char *typ, struct span payload)
{
    char header[256];

    PROMISE(snprintf(header, sizeof(header), "{\"alg\":\"EdDSA\"%s%s%s}",
                     typ != NULL ? ",\"typ\":\"" : "", typ != NULL ? typ : "",
                     typ != NULL ? "\"" : "") < (int)sizeof(header));
    return open_claims(span_of(sign_token(span_of(header), payload)));
}
