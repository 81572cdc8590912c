/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hooks/address_rule.h: which addresses a webhook may be sent to.
 *
 * Public unicast addresses, and what an administrator allows.  Everything that the registries of special addresses
 * (RFC 6890 and its successors) do not call globally reachable is none: this machine, private and shared networks,
 * link-local (also where clouds keep their credentials), multicast, documentation, benchmarks, reserved ones.  An IPv6
 * address that stands for an IPv4 address (mapped, 6to4, NAT64) is judged as that one.
 */
#ifndef HOOKS_ADDRESS_RULE_H
#define HOOKS_ADDRESS_RULE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

struct err;
struct address_rules; /* opaque */

/* Networks that are allowed besides: "10.1.0.0/16, ::1, 192.0.2.7"; NULL: none.  NULL with ERR_INVALID. */
struct address_rules *address_rules_parse(const char *networks, struct err *err);
void address_rules_free(struct address_rules *rules);

/* addr: an AF_INET or AF_INET6 address; any other family is not allowed. */
bool address_rules_allow(const struct address_rules *rules, const struct sockaddr *addr);

/* As people write it, into out. */
void address_text(const struct sockaddr *addr, char out[INET6_ADDRSTRLEN]);

#endif
