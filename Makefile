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
MANDIR ?= $(PREFIX)/share/man
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
BUILD ?= build
V ?= 0
Q := $(if $(filter 1,$(V)),,@)

VERSION := $(shell sed -n 's/^\#\# \([0-9][0-9.]*\).*/\1/p;T;q' CHANGELOG.md)
# A clock before this moment is wrong (R63). Packagers set SOURCE_DATE_EPOCH.
SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),$(shell stat -c %Y CHANGELOG.md))

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wconversion -Wsign-conversion -Wcast-qual \
    -Wwrite-strings -Wmissing-prototypes -Wstrict-prototypes -Wformat=2 -Wimplicit-fallthrough \
    -Wundef -Wvla -Wframe-larger-than=4096 -Wunused-result -Wswitch-enum
HARDENING := -fvisibility=hidden -ffunction-sections -fstack-protector-strong -fstack-clash-protection \
    -fcf-protection -fno-delete-null-pointer-checks
# clang 14 wants a second word before it believes this one.
HARDENING += $(shell $(CC) -Werror -ftrivial-auto-var-init=zero -E -x c /dev/null >/dev/null 2>&1 \
    && echo -ftrivial-auto-var-init=zero)
# ASan and TSan watch read(2) and its like, and not what _FORTIFY_SOURCE makes of them.
FORTIFY := $(if $(findstring -O0,$(CFLAGS))$(findstring -fsanitize,$(CFLAGS)),-U_FORTIFY_SOURCE,\
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
OUR_CPPFLAGS := -Ipam_oauth -D_GNU_SOURCE -DPAM_OAUTH_BUILD_EPOCH=$(SOURCE_DATE_EPOCH) \
    -DPAM_OAUTH_VERSION='"$(VERSION)"' -DPAM_OAUTH_SYSCONFDIR='"$(SYSCONFDIR)"' \
    -DPAM_OAUTH_LIBEXECDIR='"$(LIBEXECDIR)"' -DPAM_OAUTH_DATADIR='"$(PREFIX)/share"' \
    -DPAM_OAUTH_BINDIR='"$(PREFIX)/bin"' -DPAM_OAUTH_PAMDIR='"$(PAMDIR)"'
OUR_CFLAGS := -std=gnu11 -fPIC $(WARNINGS) $(HARDENING) $(FORTIFY)
OUR_LDFLAGS := -Wl,-z,relro,-z,now,-z,noexecstack,-z,defs,--as-needed

# ---- what is built of what ----------------------------------------------------------------------

LAYERS := base jose oauth policy store fetch login
layer_c = $(sort $(wildcard pam_oauth/$(1)/*.c pam_oauth/$(1)/*/*.c))
objects_of = $(patsubst %.c,$(BUILD)/obj/%.o,$(foreach d,$(1),$(call layer_c,$(d))))

HOUSE := $(BUILD)/libhouse.a
PROGRAMS := $(BUILD)/pam_oauth.so $(BUILD)/pam-oauth $(BUILD)/pam-oauth-fetcher \
    $(BUILD)/pam-oauth-askpass

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
	    -lcurl -lseccomp

# It reads a configuration and judges no token: what of the layers would need OpenSSL is left out
# function by function, and that libcrypto is not named proves that nothing of it is missed.
$(BUILD)/pam-oauth-askpass: $(call objects_of,askpass) $(HOUSE)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) -pie $(OUR_LDFLAGS) -Wl,--gc-sections $(LDFLAGS) -o $@ \
	    $(filter %.o %.a,$^) -ljansson

# ---- unit tests: one program a file, each with the archive of the layers ------------------------

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/unit/*_test.c)))

$(BUILD)/tests/%_test: $(BUILD)/obj/tests/unit/%_test.o $(BUILD)/obj/tests/unit/support.o \
    $(BUILD)/obj/tests/unit/fault.o tests/unit/wrap.ld $(HOUSE)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ @tests/unit/wrap.ld \
	    $(filter %.o,$^) $(HOUSE) -lcmocka -ljansson -lcrypto

# Of the fetcher, what reads the bytes of strangers.
$(BUILD)/tests/resp_test: $(BUILD)/obj/pam_oauth/fetcher/resp.o

$(BUILD)/obj/tests/%: OUR_CPPFLAGS += -Itests/unit

unit-tests: $(UNIT_TESTS)

# ---- the programs of tests/pam and tests/fetcher -------------------------------------------------

PAM_HOSTS := $(patsubst tests/pam/%.c,$(BUILD)/tests/pam/%,\
    $(filter-out %/host.c %/witness.c %/fetcher.c,$(sort $(wildcard tests/pam/*.c))))

# What they define stands in front of the libraries, so it has to be seen.
$(BUILD)/obj/tests/pam/%: OUR_CPPFLAGS += -Itests/pam
$(BUILD)/obj/tests/pam/%: OUR_CFLAGS += -fvisibility=default

$(PAM_HOSTS): $(BUILD)/tests/pam/%: $(BUILD)/obj/tests/pam/%.o $(BUILD)/obj/tests/pam/host.o
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) -rdynamic $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ -lpam -lcrypto

$(BUILD)/tests/pam/witness.so: $(BUILD)/obj/tests/pam/witness.o
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) -shared $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ -lpam

$(BUILD)/tests/pam/fetcher: $(BUILD)/obj/tests/pam/fetcher.o $(HOUSE)
$(BUILD)/tests/fetcher/ask: $(BUILD)/obj/tests/fetcher/ask.o $(HOUSE)
FETCHER_PROGRAMS := $(patsubst %,$(BUILD)/tests/fetcher/%,ask attack kernel)
$(BUILD)/tests/fetcher/attack: $(BUILD)/obj/tests/fetcher/attack.o
$(BUILD)/tests/fetcher/kernel: $(BUILD)/obj/tests/fetcher/kernel.o
$(BUILD)/tests/pam/fetcher $(FETCHER_PROGRAMS):
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/obj/tests/keys/%: OUR_CPPFLAGS += -Itests/pam
$(BUILD)/tests/keys/many: $(BUILD)/obj/tests/keys/many.o $(BUILD)/obj/tests/pam/host.o
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) -rdynamic $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ -lpam

# ---- tests/gate: a host, and modules that were spoiled on purpose --------------------------------

$(BUILD)/tests/gate/host: $(BUILD)/obj/tests/gate/host.o
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) -rdynamic $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ -lpam

# Each is the module with something in front of one of its functions.
SPOILED := $(patsubst tests/gate/spoiled/%.c,$(BUILD)/tests/gate/%.so,\
    $(sort $(wildcard tests/gate/spoiled/*.c)))
WRAPPED_config := config_load
WRAPPED_keys := keyset_select
WRAPPED_libcurl := keyring_open
WRAPPED_network := keyring_open
WRAPPED_providers := keyring_open
$(SPOILED): $(BUILD)/tests/gate/%.so: $(BUILD)/obj/tests/gate/spoiled/%.o $(call objects_of,module) \
    $(HOUSE) pam_oauth/module/module.map
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) -shared $(OUR_LDFLAGS) $(LDFLAGS) -Wl,--wrap=$(WRAPPED_$*) \
	    -Wl,--version-script=pam_oauth/module/module.map -o $@ $(filter %.o %.a,$^) \
	    -ljansson -lcrypto -lpam -lcurl

GATE := $(BUILD)/tests/gate/host $(SPOILED)

test-programs: $(PAM_HOSTS) $(BUILD)/tests/pam/witness.so $(BUILD)/tests/pam/fetcher \
    $(BUILD)/tests/keys/many $(BUILD)/tests/completion/flags $(FETCHER_PROGRAMS) $(GATE)

# The options of each command, from the tables of the code, for tests/completion and tests/lint/docs.
$(BUILD)/tests/completion/flags: $(BUILD)/obj/tests/completion/flags.o $(call objects_of,cli) $(HOUSE)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -Wl,--wrap=flags_parse -o $@ \
	    $(filter %.o %.a,$^) -ljansson -lcrypto

# What tests/sanitize needs: preloaded below valgrind, and a program that does wrong.
$(BUILD)/obj/tests/sanitize/%: OUR_CFLAGS += -fvisibility=default

$(BUILD)/tests/sanitize/%.so: $(BUILD)/obj/tests/sanitize/%.o
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) -shared $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/tests/sanitize/faulty: $(BUILD)/obj/tests/sanitize/faulty.o
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^

-include $(shell find $(BUILD)/obj -name '*.d' -type f 2>/dev/null)

# ---- targets for people ------------------------------------------------------------------------

MAKE_QUIET := $(MAKE) --no-print-directory
# The long ones that mostly wait come first, beside those that compute.
STAGES := e2e desktop e2e-doors e2e-shipped e2e-fetcher e2e-askpass e2e-remember e2e-stored gates bench-gate unit fuzz pam cli differential \
    keys single providers fetcher confined sandbox provider install completion apparmor readme demo
# The same below ASan, UBSan, TSan and valgrind (tests/sanitize/README.md).
WATCHED := e2e-sanitized e2e-askpass-sanitized pam-sanitized unit-valgrind cli-valgrind \
    pam-valgrind fetcher-valgrind unit-sanitized cli-sanitized fetcher-sanitized single-sanitized \
    threads-sanitized sanitize

# What UBSan sees stops the program as an illegal instruction, which ASan reports with its line:
# libubsan's own reports go to standard error alone once libasan is there. ASan takes terabytes of
# address space, so the fetcher's limit is not for it; nor is our limit for frames.
SANITIZED := BUILD=$(BUILD)/sanitized LDFLAGS=-fsanitize=address \
    CFLAGS='-O1 -g -fsanitize=address,undefined -fsanitize-undefined-trap-on-error \
        -fno-omit-frame-pointer -Wno-frame-larger-than' CPPFLAGS=-DFETCHER_MEMORY_MAX=RLIM_INFINITY
THREADED := BUILD=$(BUILD)/tsan LDFLAGS=-fsanitize=thread \
    CFLAGS='-O1 -g -fsanitize=thread -fno-omit-frame-pointer -Wno-frame-larger-than' \
    CPPFLAGS=-DFETCHER_MEMORY_MAX=RLIM_INFINITY

help:
	@echo 'make            build the module, the fetcher and the command into build/'
	@echo 'make demo       (as root) sign in for real: a provider, an sshd, a token, a browser code'
	@echo 'make check      (as root) every test that fits in 12 minutes; installs what is missing'
	@echo 'make check-all  (as root) and sanitizers, valgrind, clang, coverage, the linters'
	@echo 'make ci         what .ci/run runs: check, and the unit tests under ASan and UBSan'
	@echo 'make bench      (as root) what a login costs, beside other modules and libraries, how it grows, and goals;'
	@echo '                AREAS="cli growth": some of it'
	@echo 'make bench-gate (as root) what a sign-in may cost: instructions, memory, objects; part of check'
	@echo 'make claims     (as root) what single_use costs: this host'"'"'s directory, and a Redis'
	@echo 'make fleet      how often a provider is asked by 1 to 1,000,000 hosts: build/bench/fleet.svg'
	@echo 'make lint       clang-format, lengths, shellcheck, cppcheck, clang-tidy, -fanalyzer; needs `make deps-all`'
	@echo 'make picture    (as root) draw the picture at the top of README.md again: a login, recorded'
	@echo 'make fuzz       T=60: fuzz each target for so many seconds; FUZZ_TARGETS="pam token"'
	@echo 'make mutants    remove each check that decides who gets in, and see a test fail; thirteen minutes'
	@echo 'make coverage   lines that the unit tests and the fuzz inputs reach; at least 95 %'
	@echo 'make deb        (as root) Debian packages, into build/deb'
	@echo 'make deps       install what building and testing need'
	@echo 'make install    into DESTDIR, PREFIX ($(PREFIX)), PAMDIR ($(PAMDIR))'
	@echo 'make uninstall  takes that away again, but for a configuration that you have changed'
	@echo 'make clean      remove build/'

deps-build:
	$(Q)tests/tools/deps build
deps:
	$(Q)tests/tools/deps test
deps-all:
	$(Q)tests/tools/deps all

# The compiler itself may have to be installed first, so the work is done by a second make.
check: deps
	$(Q)$(MAKE_QUIET) -j$(shell nproc) all unit-tests test-programs
	$(Q)tests/check $(STAGES)

sanitized:
	$(Q)$(MAKE_QUIET) -j$(shell nproc) $(SANITIZED) all unit-tests test-programs \
	    $(BUILD)/sanitized/tests/sanitize/faulty
threaded:
	$(Q)$(MAKE_QUIET) -j$(shell nproc) $(THREADED) all test-programs \
	    $(BUILD)/tsan/tests/sanitize/faulty
watched: sanitized threaded
	$(Q)$(MAKE_QUIET) -j$(shell nproc) $(patsubst %,$(BUILD)/tests/sanitize/%,\
	    calls.so unconfined.so faulty)

ci: deps
	$(Q)$(MAKE_QUIET) -j$(shell nproc) all unit-tests test-programs
	$(Q)$(MAKE_QUIET) sanitized
	$(Q)tests/check $(STAGES) unit-sanitized

check-all: deps-all
	$(Q)$(MAKE_QUIET) -j$(shell nproc) all unit-tests test-programs
	$(Q)$(MAKE_QUIET) watched
	$(Q)$(MAKE_QUIET) -j$(shell nproc) BUILD=$(BUILD)/clang CC=clang all unit-tests test-programs
	$(Q)$(MAKE_QUIET) lint
	$(Q)tests/check $(STAGES) $(WATCHED) package apparmor-kernel bench coverage mutants

T ?= 60
fuzz:
	$(Q)tests/tools/deps fuzz
	$(Q)tests/fuzz/run $(T)

coverage: deps-all
	$(Q)tests/tools/coverage

mutants: deps
	$(Q)tests/mutants/run

deb:
	$(Q)tests/tools/deps package
	$(Q)mkdir -p $(BUILD) && rm -rf $(BUILD)/deb
	$(Q)tests/package/build $(BUILD)/deb
	$(Q)ls $(BUILD)/deb/*.deb

demo: deps
	$(Q)$(MAKE_QUIET) -j$(shell nproc) all
	$(Q)tests/demo/run

picture: deps
	$(Q)$(MAKE_QUIET) -j$(shell nproc) all
	$(Q)PICTURE=draw tests/readme/run

$(BUILD)/bench/fleet: $(BUILD)/obj/tests/bench/fleet/fleet.o $(HOUSE)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ -lm
$(BUILD)/bench/claim: $(BUILD)/obj/tests/bench/claim/claim.o $(HOUSE)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ -lcrypto
claims: all $(BUILD)/bench/claim
	$(Q)tests/bench/claim/run

fleet: $(BUILD)/bench/fleet
	$(Q)tests/bench/fleet/run

bench-gate: deps
	$(Q)$(MAKE_QUIET) -j$(shell nproc) all $(GATE)
	$(Q)tests/gate/run

bench:
	$(Q)tests/tools/deps bench
	$(Q)$(MAKE_QUIET) -j$(shell nproc) all test-programs $(BUILD)/bench/claim
	$(Q)tests/bench/run $(AREAS)

# cppcheck does not know the cleanup attribute: leaks are what ASan and valgrind are for.
lint:
	$(Q)clang-format --dry-run --Werror $(shell git ls-files '*.[ch]')
	$(Q)tests/lint/length
	$(Q)shellcheck -x $(shell git ls-files | xargs grep -lE '^\#!.*(bash|/sh)')
	$(Q)cppcheck --quiet --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
	    --suppress=missingIncludeSystem --suppress=unknownMacro --suppress=memleak \
	    --suppress=autoVariables -Ipam_oauth -D_GNU_SOURCE -DPAM_OAUTH_BUILD_EPOCH=1 \
	    -DPAM_OAUTH_VERSION='"0"' pam_oauth
	$(Q)tests/lint/analyze -std=gnu11 $(OUR_CPPFLAGS)

MANUAL := $(wildcard pam_oauth/*/*.[158])
# Not below share/doc, which containers leave out: the README copies them from here.
EXAMPLES := $(PREFIX)/share/pam_oauth/examples

# ---- installation -------------------------------------------------------------------------------

install: all
	install -d $(DESTDIR)$(PAMDIR) $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(PREFIX)/bin \
	    $(DESTDIR)$(PREFIX)/share/pam_oauth/providers $(DESTDIR)$(SYSCONFDIR)/pam_oauth
	install -m 644 $(BUILD)/pam_oauth.so $(DESTDIR)$(PAMDIR)/pam_oauth.so
	install -m 755 $(BUILD)/pam-oauth-fetcher $(DESTDIR)$(LIBEXECDIR)/pam-oauth-fetcher
	install -m 755 $(BUILD)/pam-oauth $(BUILD)/pam-oauth-askpass $(DESTDIR)$(PREFIX)/bin
	install -m 644 conf/providers/*.conf $(DESTDIR)$(PREFIX)/share/pam_oauth/providers
	for d in pam.d sshd_config.d ci apparmor.d; do install -d $(DESTDIR)$(EXAMPLES)/$$d && \
	    install -m 644 conf/$$d/* $(DESTDIR)$(EXAMPLES)/$$d || exit 1; done
	install -d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
	install -m 644 conf/tmpfiles.d/pam_oauth.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/pam_oauth.conf
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	for unit in $(notdir $(wildcard conf/systemd/*)); do \
	    sed 's|=/usr/bin/|=$(PREFIX)/bin/|' conf/systemd/$$unit > $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit && \
	    chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit || exit 1; done
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(ZSHDIR)
	sed 's|/etc/pam_oauth|$(SYSCONFDIR)/pam_oauth|g' conf/completion/pam-oauth.bash \
	    > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/pam-oauth
	sed 's|/etc/pam_oauth|$(SYSCONFDIR)/pam_oauth|g' conf/completion/_pam-oauth > $(DESTDIR)$(ZSHDIR)/_pam-oauth
	chmod 644 $(DESTDIR)$(PREFIX)/share/bash-completion/completions/pam-oauth $(DESTDIR)$(ZSHDIR)/_pam-oauth
	for page in $(MANUAL); do section=$${page##*.}; \
	    install -d $(DESTDIR)$(MANDIR)/man$$section && \
	    install -m 644 $$page $(DESTDIR)$(MANDIR)/man$$section || exit 1; done
	for f in pam_oauth.conf accounts.map; do \
	    test -e $(DESTDIR)$(SYSCONFDIR)/pam_oauth/$$f || \
	    install -m 644 conf/$$f $(DESTDIR)$(SYSCONFDIR)/pam_oauth/$$f; done

# A stack that names the module is put back first: nobody signs in by one that names what is not there.
uninstall:
	@! grep -rnE '^[^#]*pam_oauth\.so' $(DESTDIR)$(SYSCONFDIR)/pam.d 2>/dev/null || { \
	    echo 'these lines need the module: put the files back as they were, then remove it' >&2; exit 1; }
	rm -f $(DESTDIR)$(PAMDIR)/pam_oauth.so $(DESTDIR)$(LIBEXECDIR)/pam-oauth-fetcher \
	    $(DESTDIR)$(PREFIX)/bin/pam-oauth $(DESTDIR)$(PREFIX)/bin/pam-oauth-askpass \
	    $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/pam_oauth.conf \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/pam-oauth $(DESTDIR)$(ZSHDIR)/_pam-oauth
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/lib/systemd/system/,$(notdir $(wildcard conf/systemd/*)))
	for page in $(notdir $(MANUAL)); do rm -f $(DESTDIR)$(MANDIR)/man$${page##*.}/$$page || exit 1; done
	rm -rf $(DESTDIR)$(PREFIX)/share/pam_oauth
	for f in pam_oauth.conf accounts.map; do ! cmp -s conf/$$f $(DESTDIR)$(SYSCONFDIR)/pam_oauth/$$f || \
	    rm -f $(DESTDIR)$(SYSCONFDIR)/pam_oauth/$$f; done
	test ! -d $(DESTDIR)$(SYSCONFDIR)/pam_oauth || \
	    rmdir --ignore-fail-on-non-empty $(DESTDIR)$(SYSCONFDIR)/pam_oauth

clean:
	rm -rf $(BUILD)

.SECONDARY:
.PHONY: all unit-tests test-programs help deps-build deps deps-all check sanitized threaded watched \
    ci check-all deb demo picture bench claims fleet lint fuzz coverage mutants install uninstall clean
.DELETE_ON_ERROR:
