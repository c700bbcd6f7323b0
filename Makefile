# pam_oauth. `make help` lists the targets. One file, not recursive, everything built lands in build/.
#
# CFLAGS, CPPFLAGS and LDFLAGS are yours; what the code needs and what hardens it is ours (OUR_*).

CC ?= cc
CFLAGS ?= -O2 -g
PREFIX ?= /usr
SYSCONFDIR ?= /etc
LIBEXECDIR ?= $(PREFIX)/libexec
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
PAMDIR ?= $(PREFIX)/lib$(if $(MULTIARCH),/$(MULTIARCH))/security
BUILD ?= build
V ?= 0
Q := $(if $(filter 1,$(V)),,@)

VERSION := $(shell sed -n 's/^\#\# \([0-9][0-9.]*\).*/\1/p;T;q' CHANGELOG.md)
# A clock before this moment is wrong (R63). Packagers set SOURCE_DATE_EPOCH.
SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),$(shell stat -c %Y CHANGELOG.md))

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wconversion -Wsign-conversion -Wcast-qual \
    -Wwrite-strings -Wmissing-prototypes -Wstrict-prototypes -Wformat=2 -Wimplicit-fallthrough \
    -Wundef -Wvla -Wframe-larger-than=4096 -Wunused-result -Wswitch-enum
HARDENING := -fvisibility=hidden -fstack-protector-strong -fstack-clash-protection \
    -fcf-protection -ftrivial-auto-var-init=zero -fno-delete-null-pointer-checks
FORTIFY := $(if $(findstring -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
OUR_CPPFLAGS := -Ipam_oauth -D_GNU_SOURCE -DPAM_OAUTH_BUILD_EPOCH=$(SOURCE_DATE_EPOCH) \
    -DPAM_OAUTH_VERSION='"$(VERSION)"' -DPAM_OAUTH_SYSCONFDIR='"$(SYSCONFDIR)"' \
    -DPAM_OAUTH_LIBEXECDIR='"$(LIBEXECDIR)"' -DPAM_OAUTH_DATADIR='"$(PREFIX)/share"'
OUR_CFLAGS := -std=gnu11 -fPIC $(WARNINGS) $(HARDENING) $(FORTIFY)
OUR_LDFLAGS := -Wl,-z,relro,-z,now,-z,noexecstack,-z,defs,--as-needed

# ---- what is built of what ----------------------------------------------------------------------

LAYERS := base jose oauth policy store fetch login
layer_c = $(sort $(wildcard pam_oauth/$(1)/*.c))
objects_of = $(patsubst %.c,$(BUILD)/obj/%.o,$(foreach d,$(1),$(call layer_c,$(d))))

HOUSE := $(BUILD)/libhouse.a
PROGRAMS := $(BUILD)/pam_oauth.so $(BUILD)/pam-oauth $(BUILD)/pam-oauth-fetcher

all: $(PROGRAMS)

$(BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC    $<")
	$(Q)$(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The layers as one archive: a program takes from it only what it calls, so the fetcher gets
# base/ and the frame format and nothing of jose/ or oauth/.
$(HOUSE): $(call objects_of,$(LAYERS))
	$(if $(Q),@echo "  AR    $@")
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/pam_oauth.so: $(call objects_of,module) $(HOUSE) pam_oauth/module/module.map
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) -shared $(OUR_LDFLAGS) $(LDFLAGS) \
	    -Wl,--version-script=pam_oauth/module/module.map -o $@ $(filter %.o %.a,$^) \
	    -ljansson -lcrypto -lpam

$(BUILD)/pam-oauth: $(call objects_of,cli) $(HOUSE)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) -pie $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) \
	    -ljansson -lcrypto

$(BUILD)/pam-oauth-fetcher: $(call objects_of,fetcher) $(HOUSE)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) -pie $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) \
	    -lcurl

# ---- unit tests: one program a file, each with the archive of the layers ------------------------

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/unit/*_test.c)))

$(BUILD)/tests/%_test: $(BUILD)/obj/tests/unit/%_test.o $(BUILD)/obj/tests/unit/support.o $(HOUSE)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka -ljansson -lcrypto

$(BUILD)/obj/tests/%: OUR_CPPFLAGS += -Itests/unit

unit-tests: $(UNIT_TESTS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

clean:
	rm -rf $(BUILD)

.SECONDARY:
.PHONY: all clean unit-tests
.DELETE_ON_ERROR:
