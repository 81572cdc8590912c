// SPDX-License-Identifier: Apache-2.0
/* api/config.ts: the admin API: one shape of calls for every kind of configuration object. */
import { get, order, send, text } from "./http.ts";
import type { HistorySlot, Me, QueueLoad, UsageStats } from "./types.ts";

export type Kind = "node" | "q" | "qmapping" | "jndi" | "prm" | "jd" | "schedule" | "cl" | "concurrency" | "user" | "role" | "certmapping" | "webhook";

export interface ConfigObject {
	id: number;
	[field: string]: unknown;
}

export const listConfig = <T = ConfigObject>(kind: Kind, signal?: AbortSignal) =>
	get<T[]>(`admin/${kind}`, { signal });

/** An object and the state it is in, for saveConfig(). */
export async function readConfig<T = ConfigObject>(
	kind: Kind,
	id: number,
	signal?: AbortSignal,
): Promise<{ object: T; etag: string | null }> {
	const response = await send("GET", `admin/${kind}/${id}`, { signal });
	return { object: (await response.json()) as T, etag: response.headers.get("ETag") };
}

/** Make the object (no id) or change it; the number it has.  ConflictError: somebody changed it since `etag`. */
export async function saveConfig(kind: Kind, object: Record<string, unknown>, etag?: string | null): Promise<number> {
	const id = object.id as number | undefined;
	const response = await send(id ? "PUT" : "POST", id ? `admin/${kind}/${id}` : `admin/${kind}`, {
		json: object,
		headers: etag ? { "If-Match": etag } : {},
	});
	const where = /(\d+)$/.exec(response.headers.get("Location") ?? "");
	return id ?? Number(where?.[1] ?? 0);
}

export const deleteConfig = (kind: Kind, id: number) => order("DELETE", `admin/${kind}/${id}`);

export const me = (call: { anonymous?: boolean } = {}) => get<Me>("admin/me", call);

export const version = async () => (await get<{ mavenVersion: string }>("admin/version")).mavenVersion;

export const usage = (signal?: AbortSignal) => get<UsageStats>("admin/stats/usage", { signal });

export type Hours = 1 | 24 | 720;

export const history = (hours: Hours, signal?: AbortSignal) =>
	get<HistorySlot[]>("admin/stats/history", { query: { hours }, signal });

/** What each queue has to do, by name. */
export const queueLoads = (signal?: AbortSignal) => get<QueueLoad[]>("admin/stats/queues", { signal });

export const nodeLog = (name: string, lines: number, signal?: AbortSignal) =>
	text(`admin/node/${encodeURIComponent(name)}/log`, { query: { latest: lines }, signal });

export const orderNode = (id: number, what: "pause" | "stop" | "drain") => order("POST", `admin/node/${id}/${what}`);
export const resumeNode = (id: number) => order("DELETE", `admin/node/${id}/pause`);

export const orderQueue = (id: number, what: "pause" | "clear") => order("POST", `client/q/${id}/${what}`);
export const resumeQueue = (id: number) => order("DELETE", `client/q/${id}/pause`);
export const queueStatus = (id: number, signal?: AbortSignal) =>
	text(`client/q/${id}/status`, { accept: "text/plain", signal });

/** When a cron expression would be due. */
export const cronPreview = (expression: string, timeZone: string, dayRule: string, signal?: AbortSignal) =>
	get<string[]>("client/cron", { query: { expression, timeZone, dayRule, count: 5 }, signal });

export interface Certificate {
	id: number;
	name: string | null;
	kind: string;
	serial: string;
	fingerprint: string;
	issueDate: number;
	expirationDate: number;
	revocationDate: number | null;
	reason: string | null;
}

export const certificates = (signal?: AbortSignal) => get<Certificate[]>("admin/certificate", { signal });

export const revokeCertificate = (id: number, reason: string) =>
	order("DELETE", `admin/certificate/${id}`, { query: { reason: reason || undefined } });

/** Key and certificate as PEM; the key is told this once. */
export const issueCertificate = async (account: number, days: number) =>
	(await order<{ certificate: string; privateKey: string }>("POST", `admin/user/${account}/certificate`, { json: { days } }))!;

/** JQM's archive with a PKCS#12 file, and the password that opens it, told this once. */
export async function issueArchive(account: number, days: number): Promise<{ file: Blob; password: string | null }> {
	const answer = await send("GET", `admin/user/${account}/certificate`, { accept: "application/zip", query: { days } });
	return { file: await answer.blob(), password: answer.headers.get("JQM-Certificate-Password") };
}
