# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# An authority of three levels that is not ours, as an administrator's: a root, one that issues ("middle"), what it
# issues.
#
#	other_authority DIR             makes root and middle in DIR, which is $P from then on; trust.pem and crls.pem
#	sign NAME CA EXTENSIONS CN [SAN]    NAME.key and NAME.pem; EXTENSIONS: leaf_ext, node_ext (for servers and clients), ca_ext
#	revoke NAME                     crls.pem says so from now on
#	crls                            makes crls.pem anew, all of it or nothing

P=
other_authority() { # DIR
	P=$1
	mkdir -p "$P/new"
	printf '%s\n' '[ca]' 'default_ca = one' '[one]' "dir = $P" "database = $P/index" "new_certs_dir = $P/new" \
		'rand_serial = yes' 'default_md = sha256' 'default_days = 30' 'default_crl_days = 30' 'policy = any' \
		'copy_extensions = copy' 'unique_subject = no' '[any]' 'commonName = supplied' '[ca_ext]' \
		'basicConstraints = critical,CA:TRUE' 'keyUsage = critical,keyCertSign,cRLSign' 'subjectKeyIdentifier = hash' \
		'[leaf_ext]' 'basicConstraints = critical,CA:FALSE' 'subjectKeyIdentifier = hash' \
		'[node_ext]' 'basicConstraints = critical,CA:FALSE' 'extendedKeyUsage = serverAuth,clientAuth' >"$P/conf"
	: >"$P/index"
	other_key root
	openssl req -x509 -key "$P/root.key" -subj '/CN=Example Root' -days 60 -out "$P/root.pem" \
		-addext 'keyUsage=critical,keyCertSign,cRLSign' 2>>"$P/log"
	sign middle root ca_ext 'Example Issuing'
	cat "$P/root.pem" "$P/middle.pem" >"$P/trust.pem"
	crls
}
other_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$P/$1.key" 2>/dev/null && chmod 600 "$P/$1.key"; }
sign() { # NAME CA EXTENSIONS CN [SAN]
	other_key "$1"
	openssl req -new -key "$P/$1.key" -subj "/CN=$4" ${5:+-addext "subjectAltName=$5"} -out "$P/$1.csr" 2>>"$P/log" &&
		openssl ca -batch -notext -config "$P/conf" -cert "$P/$2.pem" -keyfile "$P/$2.key" -extensions "$3" \
			-in "$P/$1.csr" -out "$P/$1.pem" 2>>"$P/log"
}
crls() {
	local ca
	for ca in root middle; do
		openssl ca -config "$P/conf" -gencrl -cert "$P/$ca.pem" -keyfile "$P/$ca.key" -out "$P/$ca.crl" 2>>"$P/log"
	done
	cat "$P/root.crl" "$P/middle.crl" >"$P/crls.new" && mv "$P/crls.new" "$P/crls.pem"
}
revoke() { # NAME
	openssl ca -config "$P/conf" -cert "$P/middle.pem" -keyfile "$P/middle.key" -revoke "$P/$1.pem" 2>>"$P/log" && crls
}
