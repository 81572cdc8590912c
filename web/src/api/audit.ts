// SPDX-License-Identifier: Apache-2.0
/* api/audit.ts: the audit trail: pages of it, how far it is sealed, and where it can be had as a file. */
import { get, url, type Query } from "./http.ts";

export interface AuditChange {
	field: string;
	before: string | null;
	after: string | null;
}

export interface AuditEntry {
	id: number;
	at: string;
	action: string;
	kind: string;
	object: number | null;
	name: string | null;
	account: string | null;
	credential: string | null;
	address: string | null;
	request: string | null;
	program: string | null;
	databaseUser: string;
	changes: AuditChange[];
}

export interface AuditPage {
	entries: AuditEntry[];
	next: string | null;
}

export interface AuditState {
	seals: number;
	sealedAt: number | null;
	purged: number;
	unsealed: number;
	unsealedSince: number | null;
	blind: string[];
}

export const FILTERS = ["account", "kind", "action", "object", "request", "from", "until"] as const;

/** What the address says is asked for, as the server wants it: dates in the reader's zone become UTC. */
export function auditQuery(query: URLSearchParams): Query {
	const asked: Query = {};
	for (const name of FILTERS) {
		const text = query.get(name)?.trim();
		if (!text) continue;
		const date = name === "from" || name === "until" ? new Date(text) : undefined;
		if (date === undefined) asked[name] = text;
		else if (!Number.isNaN(date.getTime())) asked[name] = date.toISOString();
	}
	return asked;
}

export const auditPage = (query: Query, before: string | undefined, signal?: AbortSignal) =>
	get<AuditPage>("admin/audit", { query: { ...query, before, limit: 100 }, signal });

export const auditState = (signal?: AbortSignal) => get<AuditState>("admin/audit/state", { signal });

export const auditExportHref = (query: Query) => url("admin/audit/export", query);
