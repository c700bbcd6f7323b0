#include "support.h"

#include <stdio.h>
#include <string.h>

#include "jose/jwk.h"
#include "login/keys/kept.h"

/* RFC 8037 appendix A.2. */
static struct key *
a_key(void)
{
    static const char line[] = "* OKP - Ed25519 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo -";
    struct why why = {""};
    struct key *key = NULL;
    struct jwk jwk;

    assert_true(jwk_parse(span_of(line), &jwk));
    assert_int_equal(key_import(&jwk, ALG_EDDSA, &why, &key), ST_OK);
    return key;
}

static struct jws_header
header_of(const char *kid, enum alg alg)
{
    return (struct jws_header){.alg = alg, .has_kid = kid != NULL, .kid = span_of(kid)};
}

static void
a_key_is_found_by_its_kid_and_algorithm(void **state)
{
    struct kept kept CLEANUP(kept_done) = {.next = 0};
    struct jws_header first = header_of("first", ALG_EDDSA);
    struct jws_header second = header_of("second", ALG_EDDSA);
    struct jws_header other = header_of("first", ALG_ED25519);
    struct jws_header longer = header_of("first ", ALG_EDDSA);
    struct key *one = a_key();
    struct key *two = a_key();

    (void)state;
    assert_null(kept_find(&kept, &first));
    assert_int_equal(kept_add(&kept, &first, one), ST_OK);
    assert_int_equal(kept_add(&kept, &second, two), ST_OK);
    assert_ptr_equal(kept_find(&kept, &first), one);
    assert_ptr_equal(kept_find(&kept, &second), two);
    assert_null(kept_find(&kept, &other));
    assert_null(kept_find(&kept, &longer));
    kept_done(&kept);
    assert_null(kept_find(&kept, &first));
}

/* One without a kid was the only one that fitted, and an empty kid is a name like any other. */
static void
without_a_kid_none_is_found(void **state)
{
    struct kept kept CLEANUP(kept_done) = {.next = 0};
    struct jws_header nameless = header_of(NULL, ALG_EDDSA);
    struct jws_header empty = header_of("", ALG_EDDSA);

    (void)state;
    assert_int_equal(kept_add(&kept, &nameless, a_key()), ST_OK);
    assert_null(kept_find(&kept, &nameless));
    assert_null(kept_find(&kept, &empty));
    assert_int_equal(kept_add(&kept, &empty, a_key()), ST_OK);
    assert_null(kept_find(&kept, &nameless));
    assert_non_null(kept_find(&kept, &empty));
    assert_int_equal(kept_add(&kept, &nameless, a_key()), ST_OK);
}

static void
one_too_many_takes_the_place_of_the_oldest(void **state)
{
    struct kept kept CLEANUP(kept_done) = {.next = 0};
    char kid[KEPT_MAX + 1][16];

    (void)state;
    for (size_t i = 0; i <= KEPT_MAX; i++) {
        (void)snprintf(kid[i], sizeof(kid[i]), "kid %zu", i);
        struct jws_header header = header_of(kid[i], ALG_EDDSA);
        assert_int_equal(kept_add(&kept, &header, a_key()), ST_OK);
    }
    for (size_t i = 0; i <= KEPT_MAX; i++) {
        struct jws_header header = header_of(kid[i], ALG_EDDSA);
        assert_int_equal(kept_find(&kept, &header) != NULL, i > 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_found_by_its_kid_and_algorithm),
        cmocka_unit_test(without_a_kid_none_is_found),
        cmocka_unit_test(one_too_many_takes_the_place_of_the_oldest),
    };

    return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
