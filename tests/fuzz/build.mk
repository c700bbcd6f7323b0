# Builds the fuzz targets into $(BUILD)/fuzz; called by tests/fuzz/run. The code under test is
# compiled once more, with sanitizers and the counters of libFuzzer, or, with COVERAGE=1, with those
# of llvm-cov.
CC := clang
BUILD ?= build
OUT := $(BUILD)/fuzz$(if $(COVERAGE),/coverage)
FUZZ := tests/fuzz

TARGETS := $(patsubst $(FUZZ)/targets/%.c,%,$(sort $(wildcard $(FUZZ)/targets/*.c)))
LAYERS := base jose oauth policy store fetch login module
HOUSE := $(wildcard $(LAYERS:%=pam_oauth/%/*.c) $(LAYERS:%=pam_oauth/%/*/*.c)) \
    pam_oauth/fetcher/headers.c pam_oauth/fetcher/resp.c
SHARED := $(wildcard $(FUZZ)/*.c)

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
COUNTERS := $(if $(COVERAGE),-fprofile-instr-generate -fcoverage-mapping,-fsanitize=fuzzer-no-link)
# -O1 and line tables: what compiles fast and still tells where. No _FORTIFY_SOURCE: it would call
# read(2) and its like past our wrappers.
FLAGS := -std=gnu11 -O1 -gline-tables-only -fno-omit-frame-pointer -Wall -Wextra -Werror \
    $(SANITIZE) $(COUNTERS) -MMD -MP -D_GNU_SOURCE -Ipam_oauth -I$(FUZZ) \
    -DPAM_OAUTH_BUILD_EPOCH=1700000000 -DPAM_OAUTH_VERSION='"fuzz"' \
    -DPAM_OAUTH_SYSCONFDIR='"/etc"' -DPAM_OAUTH_LIBEXECDIR='"/usr/libexec"' \
    -DPAM_OAUTH_DATADIR='"/usr/share"' -DPAM_OAUTH_BINDIR='"/usr/bin"'
comma := ,
WRAP := $(addprefix -Wl$(comma)--wrap=,$(shell cat $(FUZZ)/wrapped.sym))

objects = $(patsubst %.c,$(OUT)/obj/%.o,$(1))

all: $(TARGETS:%=$(OUT)/bin/%)
every: $(TARGETS:%=$(OUT)/every/%)

$(OUT)/obj/%.o: %.c $(FUZZ)/build.mk
	@mkdir -p $(@D)
	@$(CC) $(FLAGS) -c -o $@ $<

# An archive: a target takes the code that it calls. What it is called through, the wrappers, is
# always taken.
$(OUT)/libhouse.a: $(call objects,$(HOUSE))
	@rm -f $@ && ar rcs $@ $^

$(OUT)/bin/%: $(OUT)/obj/$(FUZZ)/targets/%.o $(call objects,$(SHARED)) $(OUT)/libhouse.a \
    $(FUZZ)/wrapped.sym
	@mkdir -p $(@D)
	@$(CC) -fsanitize=fuzzer $(SANITIZE) $(if $(COVERAGE),-fprofile-instr-generate) $(WRAP) -o $@ \
	    $(filter %.o %.a,$^) -ljansson -lcrypto

# The same without libFuzzer, and with the counters' own symbols left to it.
$(OUT)/every/%: $(OUT)/obj/$(FUZZ)/targets/%.o $(OUT)/obj/$(FUZZ)/driver/every.o \
    $(call objects,$(SHARED)) $(OUT)/libhouse.a $(FUZZ)/wrapped.sym
	@mkdir -p $(@D)
	@$(CC) $(if $(COVERAGE),-fprofile-instr-generate,-fsanitize=fuzzer-no-link) $(SANITIZE) $(WRAP) \
	    -o $@ $(filter %.o %.a,$^) -ljansson -lcrypto

-include $(patsubst %.o,%.d,$(call objects,$(HOUSE) $(SHARED) \
    $(wildcard $(FUZZ)/targets/*.c $(FUZZ)/driver/*.c)))

.SECONDARY:
.PHONY: all every
