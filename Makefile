# SPDX-License-Identifier: Apache-2.0
#
# make            build everything into build/ (VARIANT=asan: into build/asan/)
# make run        install what is missing, build, start everything, run a sample job; Ctrl-C stops
# make check      install what is missing, build and run every test; last line counts them
# make lint       the same code read by compilers, clang-format, clang-tidy, cppcheck and our rules
# make bench      measure against floors in the same run
# make interop    drive the stack with JQM's published client classes (needs a JDK, mvn, Maven Central), and at random from its
#                 own description (needs python3-venv, PyPI)
# make torture    run jobs while everything is killed: SEED=n MINUTES=m; HOSTS=1: on hosts whose cables are pulled, too (root)
# make fuzz       fuzz each parser for FUZZ_SECONDS (default 60)
# make security   testssl.sh looks at the TLS of a node (some minutes)
# make install    DESTDIR= PREFIX=/usr/local LIBDIR= MANDIR= BASHDIR= ZSHDIR=: programs, library, header, manual pages, completions
# make deb        Debian packages, in build/deb
# make check-packages  install, upgrade, remove them in a minimal Debian 12 of their own (root; some minutes)

VARIANT ?= release
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
MANDIR  ?= $(PREFIX)/share/man
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR  ?= $(PREFIX)/share/zsh/site-functions
OBJCOPY ?= objcopy
CC      ?= cc
WERROR  ?= -Werror

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
       -Wold-style-definition -Wpointer-arith -Wcast-qual -Wformat=2 -Wundef -Wvla \
       -Wimplicit-fallthrough -Wwrite-strings $(WERROR)

ifeq ($(VARIANT),release)
B          = build
OPT        = -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LINK       = -pie -Wl,-z,relro,-z,now
SOLINK     = -Wl,-z,defs,-z,relro,-z,now
KEEPERLINK = -static
KEEPEROPT  =
else ifeq ($(VARIANT),asan)
B          = build/asan
OPT        = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
LINK       = -fsanitize=address,undefined
SOLINK     = $(LINK)
KEEPERLINK = $(LINK)
KEEPEROPT  =
else ifeq ($(VARIANT),clang)
B          = build/clang
CC         = clang
OPT        = -O0
LINK       =
SOLINK     =
KEEPERLINK = -static
KEEPEROPT  =
else
$(error VARIANT is release, asan or clang, not $(VARIANT))
endif

XML_CFLAGS := $(shell pkg-config --cflags libxml-2.0 2>/dev/null || echo -I/usr/include/libxml2)
PG_CFLAGS  := $(shell pkg-config --cflags libpq 2>/dev/null || echo -I/usr/include/postgresql)
CPPFLAGS_  = -std=c11 -D_GNU_SOURCE -Ishared -I. -isystem /usr/include/iniparser \
             $(patsubst -I%,-isystem %,$(XML_CFLAGS) $(PG_CFLAGS))
CFLAGS_    = $(OPT) $(WARN) $(CPPFLAGS_) $(CPPFLAGS) $(CFLAGS)

# Sources, layer by layer; a folder's main.c is its program, the rest its library.
LAYERS      = base conf crypto db model store codec pki wire
SHARED_SRC  = $(foreach l,$(LAYERS),$(sort $(wildcard shared/$(l)/*.c)))
FCGI_SRC    = $(sort $(wildcard fcgi/*.c fcgi/handlers/*.c))
RUNNER_SRC  = $(sort $(wildcard runner/*.c))
KEEPER_SRC  = $(sort $(wildcard keeper/*.c))
NOTIFIER_SRC = $(sort $(wildcard notifier/*.c))
EVENTS_SRC  = $(sort $(wildcard events/*.c))
HOOKS_SRC   = $(sort $(wildcard hooks/*.c))
CLIENT_SRC  = $(sort $(wildcard client/*.c))
CLI_SRC     = $(sort $(wildcard cli/*.c cli/up/*.c cli/doctor/*.c cli/setup/*.c))
KEEPER_SHARED_SRC = $(sort $(wildcard shared/base/*.c shared/wire/*.c))

objs = $(patsubst %.c,$(B)/obj/%.o,$(1))
app  = $(call objs,$(filter-out %/main.c,$(1)))

LIB_SHARED = $(B)/lib/libjqm-shared.a
LIB_FCGI   = $(B)/lib/libjqm-fcgi-app.a
LIB_RUNNER = $(B)/lib/libjqm-runner-app.a
LIB_KEEPER = $(B)/lib/libjqm-keeper-app.a
LIB_NOTIFIER = $(B)/lib/libjqm-notifier-app.a
LIB_EVENTS = $(B)/lib/libjqm-events-app.a
LIB_HOOKS  = $(B)/lib/libjqm-hooks-app.a
LIB_CLI    = $(B)/lib/libjqm-cli-app.a
LIB_CLIENT = $(B)/lib/libjqm-client-app.a

LIBS_DB     = -lpq
LIBS_FCGI   = -lfcgi -lpq -ljansson -lxml2 -lzip -liniparser -lcrypto
LIBS_RUNNER = -lpq -liniparser -lcrypto
LIBS_NOTIFIER = -lcurl -lpq -liniparser
LIBS_EVENTS = -lpq -liniparser -lcrypto
LIBS_HOOKS  = -lcurl -lpq -liniparser -lcrypto
LIBS_CLI    = -lcurl -lpq -ljansson -lxml2 -liniparser -lcrypto
LIBS_CLIENT = -lcurl -lpq -ljansson -lcrypto
LIBS_ALL    = -lfcgi -lcurl -lpq -ljansson -lxml2 -lzip -liniparser -lcrypto

# A program is built once its main.c exists.
PROGRAMS = $(if $(wildcard keeper/main.c),$(B)/bin/jqm-keeper) \
           $(if $(wildcard runner/main.c),$(B)/bin/jqm-runner) \
           $(if $(wildcard fcgi/main.c),$(B)/bin/jqm-fcgi) \
           $(if $(wildcard notifier/main.c),$(B)/bin/jqm-notifier) \
           $(if $(wildcard events/main.c),$(B)/bin/jqm-events) \
           $(if $(wildcard hooks/main.c),$(B)/bin/jqm-hooks) \
           $(if $(wildcard cli/main.c),$(B)/bin/jqm)

# The client library: one object of all that it needs, of which only jqm.h is to be seen from outside.
SOVERSION  = 0
VERSION   := $(shell sed -n 's/^.define JQM_VERSION "\(.*\)"/\1/p' shared/model/version.h)
LIBRARY    = $(B)/lib/libjqm.a $(B)/lib/libjqm.so

# One short line a step; V=1 shows the commands.
ifeq ($(V),1)
say =
else
.SILENT:
say = @echo
endif

.PHONY: all web tests compile check check-packages deb lint bench torture fuzz security interop run install clean format
.DELETE_ON_ERROR:
all: $(PROGRAMS) $(LIBRARY) $(B)/share/jqm/.made $(B)/man/.made

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(if $(say),$(say) "  CC    $<")
	$(CC) $(CFLAGS_) $(if $(filter keeper/%,$<),$(KEEPEROPT)) -MMD -MP -c -o $@ $<

$(LIB_SHARED): $(call objs,$(SHARED_SRC))
$(LIB_FCGI): $(call app,$(FCGI_SRC))
$(LIB_RUNNER): $(call app,$(RUNNER_SRC))
$(LIB_KEEPER): $(call app,$(KEEPER_SRC))
$(LIB_NOTIFIER): $(call app,$(NOTIFIER_SRC))
$(LIB_EVENTS): $(call app,$(EVENTS_SRC))
$(LIB_HOOKS): $(call app,$(HOOKS_SRC))
$(LIB_CLI): $(call app,$(CLI_SRC))
$(LIB_CLIENT): $(call app,$(CLIENT_SRC))
$(LIB_SHARED) $(LIB_FCGI) $(LIB_RUNNER) $(LIB_KEEPER) $(LIB_NOTIFIER) $(LIB_EVENTS) $(LIB_HOOKS) $(LIB_CLI) $(LIB_CLIENT):
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/bin/jqm-keeper: $(B)/obj/keeper/main.o $(LIB_KEEPER) $(call objs,$(KEEPER_SHARED_SRC))
	@mkdir -p $(@D)
	$(if $(say),$(say) "  LINK  $@")
	$(CC) $(CFLAGS_) $(KEEPERLINK) -o $@ $^
$(B)/bin/jqm-runner: $(B)/obj/runner/main.o $(LIB_RUNNER) $(LIB_SHARED)
	@mkdir -p $(@D)
	$(if $(say),$(say) "  LINK  $@")
	$(CC) $(CFLAGS_) $(LINK) -o $@ $^ $(LIBS_RUNNER)
$(B)/bin/jqm-fcgi: $(B)/obj/fcgi/main.o $(LIB_FCGI) $(LIB_SHARED)
	@mkdir -p $(@D)
	$(if $(say),$(say) "  LINK  $@")
	$(CC) $(CFLAGS_) $(LINK) -o $@ $^ $(LIBS_FCGI)
$(B)/bin/jqm-notifier: $(B)/obj/notifier/main.o $(LIB_NOTIFIER) $(LIB_SHARED)
	@mkdir -p $(@D)
	$(if $(say),$(say) "  LINK  $@")
	$(CC) $(CFLAGS_) $(LINK) -o $@ $^ $(LIBS_NOTIFIER)
$(B)/bin/jqm-events: $(B)/obj/events/main.o $(LIB_EVENTS) $(LIB_SHARED)
	@mkdir -p $(@D)
	$(if $(say),$(say) "  LINK  $@")
	$(CC) $(CFLAGS_) $(LINK) -o $@ $^ $(LIBS_EVENTS)

$(B)/bin/jqm-hooks: $(B)/obj/hooks/main.o $(LIB_HOOKS) $(LIB_SHARED)
	@mkdir -p $(@D)
	$(if $(say),$(say) "  LINK  $@")
	$(CC) $(CFLAGS_) $(LINK) -o $@ $^ $(LIBS_HOOKS)
$(B)/bin/jqm: $(B)/obj/cli/main.o $(LIB_CLI) $(LIB_CLIENT) $(LIB_SHARED)
	@mkdir -p $(@D)
	$(if $(say),$(say) "  LINK  $@")
	$(CC) $(CFLAGS_) $(LINK) -o $@ $^ $(LIBS_CLI)

$(B)/pic/%.o: %.c
	@mkdir -p $(@D)
	$(if $(say),$(say) "  CC    $< (library)")
	$(CC) $(CFLAGS_) -fPIC -fvisibility=hidden -MMD -MP -c -o $@ $<
$(B)/pic/shared.a: $(patsubst %.c,$(B)/pic/%.o,$(foreach l,base crypto db model codec,$(sort $(wildcard shared/$(l)/*.c))))
	@rm -f $@
	$(AR) rcs $@ $^
$(B)/pic/libjqm.o: $(patsubst %.c,$(B)/pic/%.o,$(CLIENT_SRC)) $(B)/pic/shared.a
	$(LD) -r -o $@ $^
	$(OBJCOPY) --localize-hidden $@
$(B)/lib/libjqm.a: $(B)/pic/libjqm.o
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^
$(B)/lib/libjqm.so: $(B)/pic/libjqm.o client/libjqm.map
	@mkdir -p $(@D)
	$(if $(say),$(say) "  LINK  $@")
	$(CC) $(CFLAGS_) -fPIC -shared $(SOLINK) -Wl,-soname,libjqm.so.$(SOVERSION) \
	    -Wl,--version-script=client/libjqm.map -o $(@D)/libjqm.so.$(VERSION) $< $(LIBS_CLIENT)
	ln -sf libjqm.so.$(VERSION) $(@D)/libjqm.so.$(SOVERSION)
	ln -sf libjqm.so.$(SOVERSION) $@

# What the programs read at run time, at the same place relative to bin/ as once installed.
SHARE_FILES = $(wildcard sql/*.sql sql/*/*.sql nginx/* conf/samples/* conf/*.example)
$(B)/share/jqm/.made: $(SHARE_FILES) build/web/.made
	@rm -rf $(B)/share/jqm
	@mkdir -p $(B)/share/jqm
	cp -R sql nginx build/web conf/samples $(B)/share/jqm/
	@touch $@

# Manual pages and completions say what the program says of itself.
$(B)/man/.made: $(B)/bin/jqm $(wildcard man/*) conf/README.md docs/descriptor.md docs/xml.md
	$(if $(say),$(say) "  MAN   $(@D)")
	man/make.sh $(B)/bin/jqm $(@D)
	$(B)/bin/jqm completion bash >$(@D)/completion.bash
	$(B)/bin/jqm completion zsh >$(@D)/completion.zsh
	@touch $@

# The console is the same for all variants.
WEB_FILES = $(wildcard web/*.json web/*.mjs web/*.sh web/.npmrc web/public/* web/src/*.ts* web/src/*/*)
web: build/web/.made
build/web/.made: $(WEB_FILES)
	$(if $(say),$(say) "  WEB   build/web")
	web/build.sh
	@touch $@

# Tests: tests/<kind>/test_<module>.c is a cmocka program; tests/<kind>/NN-name.sh a scenario.
TEST_SRC   = $(sort $(wildcard tests/unit/test_*.c tests/db/test_*.c tests/keeper/test_*.c \
               tests/runner/test_*.c tests/fuzz/fuzz_*.c))
TEST_BIN   = $(patsubst tests/%.c,$(B)/tests/%,$(TEST_SRC))
HELPER_SRC = $(sort $(wildcard tests/helpers/*.c))
HELPER_BIN = $(patsubst tests/%.c,$(B)/tests/%,$(HELPER_SRC))
TESTLIB_OBJ = $(call objs,$(sort $(wildcard tests/lib/*.c)))
# Two hundred test programs, each with all libraries: where there is the faster linker it takes a third of the time.
TESTLD     := $(if $(shell command -v ld.gold),-fuse-ld=gold)

# tests/client and client/examples know jqm.h and the library, as any other program would.
CLIENT_TEST_BIN = $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/client/*.c client/examples/*.c))) \
                  $(B)/tests/client/suite

# For LD_PRELOAD: a wall clock of one's own, with a keeper that is not static, so that it can have one; a record of what
# libcurl brings, not beside the sanitizers.
PRELOAD_BIN = $(B)/tests/preload/other_clock.so $(B)/tests/preload/jqm-keeper \
              $(if $(filter release,$(VARIANT)),$(B)/tests/preload/answers.so)

tests: all $(TEST_BIN) $(HELPER_BIN) $(CLIENT_TEST_BIN) $(PRELOAD_BIN)
$(B)/tests/preload/%.so: tests/preload/%.c
	@mkdir -p $(@D)
	$(if $(say),$(say) "  LINK  $@")
	$(CC) -std=c11 -D_GNU_SOURCE -O2 $(WARN) -fPIC -shared -o $@ $<
$(B)/tests/preload/jqm-keeper: $(B)/obj/keeper/main.o $(LIB_KEEPER) $(call objs,$(KEEPER_SHARED_SRC))
	@mkdir -p $(@D)
	$(if $(say),$(say) "  LINK  $@")
	$(CC) $(CFLAGS_) $(LINK) -o $@ $^
$(B)/tests/client/suite: $(wildcard tests/client/suite/*.[ch])
$(filter-out %/suite,$(CLIENT_TEST_BIN)): $(B)/%: %.c
$(CLIENT_TEST_BIN): $(B)/lib/libjqm.so client/include/jqm.h
	@mkdir -p $(@D)
	$(if $(say),$(say) "  LINK  $@")
	$(CC) -std=c11 -D_GNU_SOURCE $(OPT) $(WARN) -Iclient/include $(LINK) -o $@ $(filter %.c,$^) -L$(B)/lib \
	    -Wl,-rpath,$(abspath $(B)/lib) -ljqm $(if $(filter %/suite,$@),-lcmocka)
$(B)/tests/helpers/%: tests/helpers/%.c
	@mkdir -p $(@D) $(B)/obj/tests/helpers
	$(if $(say),$(say) "  LINK  $@")
	$(CC) $(CFLAGS_) $(LINK) -MMD -MP -MF $(B)/obj/tests/helpers/$*.d -o $@ $<
$(B)/tests/%: $(B)/obj/tests/%.o $(TESTLIB_OBJ) $(LIB_FCGI) $(LIB_RUNNER) $(LIB_KEEPER) $(LIB_NOTIFIER) $(LIB_EVENTS) $(LIB_HOOKS) $(LIB_CLI) $(LIB_CLIENT) $(LIB_SHARED)
	@mkdir -p $(@D)
	$(if $(say),$(say) "  LINK  $@")
	$(CC) $(CFLAGS_) $(LINK) $(TESTLD) -o $@ $< $(TESTLIB_OBJ) -Wl,--start-group $(LIB_FCGI) $(LIB_RUNNER) \
	    $(LIB_KEEPER) $(LIB_NOTIFIER) $(LIB_EVENTS) $(LIB_HOOKS) $(LIB_CLI) $(LIB_CLIENT) $(SHARED_FIRST) $(LIB_SHARED) $(SHARED_LAST) -Wl,--end-group \
	    -lcmocka $(LIBS_ALL)
# The walker over every DB_STMT() needs every object of the library, named by it or not.
$(B)/tests/db/test_statements: SHARED_FIRST = -Wl,--whole-archive
$(B)/tests/db/test_statements: SHARED_LAST = -Wl,--no-whole-archive

# Everything compiled and nothing linked: what a compiler has to say (VARIANT=clang, lint).
compile: $(call objs,$(SHARED_SRC) $(FCGI_SRC) $(RUNNER_SRC) $(KEEPER_SRC) $(NOTIFIER_SRC) $(EVENTS_SRC) $(HOOKS_SRC) \
           $(CLIENT_SRC) $(CLI_SRC) $(TEST_SRC) $(HELPER_SRC) $(sort $(wildcard tests/lib/*.c tests/preload/*.c tests/client/*.c \
           tests/client/suite/*.c client/examples/*.c)))
$(B)/obj/tests/client/%.o $(B)/obj/client/examples/%.o: CPPFLAGS_ += -Iclient/include

check:
	tests/check.sh
lint:
	tests/lint/run.sh
bench:
	tests/bench/run.sh $(PARTS)
interop:
	conf/install-packages.sh interop
	$(MAKE) all
	bash tests/interop/run.sh
	bash tests/interop/properties.sh
torture: all
	bash tests/torture/run.sh
security: all
	bash tests/security/testssl.sh
fuzz:
	tests/fuzz/run.sh
run:
	conf/run.sh
format:
	clang-format -i $$(git ls-files '*.c' '*.h')

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/jqm
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin/
	cp -R $(B)/share/jqm/. $(DESTDIR)$(PREFIX)/share/jqm/
	install -d $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR)
	install -m 644 client/include/jqm.h $(DESTDIR)$(PREFIX)/include/
	install -m 644 $(B)/lib/libjqm.a $(B)/lib/libjqm.so.$(VERSION) $(DESTDIR)$(LIBDIR)/
	ln -sf libjqm.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libjqm.so.$(SOVERSION)
	ln -sf libjqm.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libjqm.so
	sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|' client/jqm.pc.in \
	    >$(DESTDIR)$(LIBDIR)/pkgconfig/jqm.pc
	for n in 1 3 5 8; do install -d $(DESTDIR)$(MANDIR)/man$$n && \
	    install -m 644 $(B)/man/man$$n/* $(DESTDIR)$(MANDIR)/man$$n/ || exit 1; done
	install -m 644 $(B)/man/completion.bash $(DESTDIR)$(BASHDIR)/jqm
	install -m 644 $(B)/man/completion.zsh $(DESTDIR)$(ZSHDIR)/_jqm
	conf/systemd/install.sh $(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)/usr/lib/sysusers.d

deb:
	debian/make-deb.sh
check-packages:
	bash tests/packages/run.sh
	bash tests/packages/units.sh

clean:
	rm -rf build

-include $(shell find $(B)/obj $(B)/pic -name '*.d' 2>/dev/null)
.SECONDARY:
