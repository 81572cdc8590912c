#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# place.sh man|completion FILE: into the package of the program it is about.
set -eu
name=$(basename "$2")
case $name in
jqm-runner* | jqm-keeper* | jqm.ini*) package=jqm-runner ;;
jqm-fcgi* | jqm-notifier* | jqm-events* | jqm-hooks*) package=jqm-server ;;
libjqm* | jqm_*) package=libjqm-dev ;;
*) package=jqm-client ;;
esac
case $1 in
man) to=usr/share/man/man${name##*.} ;;
completion)
	case $name in
	_*) to=usr/share/zsh/vendor-completions ;;
	*) to=usr/share/bash-completion/completions ;;
	esac
	name=${name%.bash}
	;;
esac
install -D -m 644 "$2" "debian/$package/$to/$name"
