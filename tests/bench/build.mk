# Builds what tests/bench measures into $(BUILD)/bench; called by tests/bench/run. A library that is
# not installed is left out.
BUILD ?= build
OUT := $(BUILD)/bench
CFLAGS ?= -O2 -g
FLAGS := -std=gnu11 -Wall -Wextra -Werror -D_GNU_SOURCE -iquote pam_oauth -Itests/bench/verify

has = $(shell pkg-config --exists $(1) && echo $(2))
PEERS := $(call has,cjose,cjose) $(call has,librhonabwy,rhonabwy) $(call has,jose,jose) \
    $(call has,libjwt,libjwt)

verify: $(patsubst %,$(OUT)/verify/%,raw ours $(PEERS))

LIBS_raw := -lcrypto -ljansson
LIBS_ours := -lcrypto -ljansson
LIBS_cjose := -lcjose -ljansson
LIBS_rhonabwy := -lrhonabwy -lorcania -lyder -ljansson
LIBS_jose := -ljose -ljansson
LIBS_libjwt := -ljwt

$(OUT)/verify/%: tests/bench/verify/%.c tests/bench/verify/driver.c tests/bench/verify/driver.h \
    $(BUILD)/libhouse.a tests/bench/build.mk
	@mkdir -p $(@D)
	@$(CC) $(FLAGS) $(CFLAGS) -o $@ $< tests/bench/verify/driver.c $(BUILD)/libhouse.a $(LIBS_$*)

# What is started inside the sandbox: tests/bench/inside.
inside: $(OUT)/race $(OUT)/network/logins $(OUT)/login/host-cold $(OUT)/login/host-warm
$(OUT)/race: tests/bench/race.c tests/bench/build.mk
	@mkdir -p $(@D)
	@$(CC) $(FLAGS) $(CFLAGS) -o $@ $<
$(OUT)/network/%: tests/bench/network/%.c tests/pam/host.c tests/pam/host.h tests/bench/build.mk
	@mkdir -p $(@D)
	@$(CC) $(FLAGS) -Itests/pam -rdynamic $(CFLAGS) -o $@ $< tests/pam/host.c -lpam
$(OUT)/login/host-cold: tests/bench/login/host.c tests/bench/build.mk
	@mkdir -p $(@D)
	@$(CC) $(FLAGS) $(CFLAGS) -o $@ $< -lpam
$(OUT)/login/host-warm: tests/bench/login/host.c tests/bench/build.mk
	@mkdir -p $(@D)
	@$(CC) $(FLAGS) -DWARM $(CFLAGS) -o $@ $< -lpam -lcrypto

.PHONY: verify inside
