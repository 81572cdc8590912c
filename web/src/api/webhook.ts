// SPDX-License-Identifier: Apache-2.0
/* api/webhook.ts: what was told to webhooks. */
import { get, order } from "./http.ts";

export interface Attempt {
	try: number;
	date: number;
	status: number | null;
	reason: string | null;
	answer: string | null;
}

export interface Delivery {
	id: number;
	event: string;
	jobId: number | null;
	state: "PENDING" | "DELIVERED" | "GIVEN_UP";
	tries: number;
	creationDate: number;
	attempts: Attempt[];
}

/** The newest fifty, newest first. */
export const deliveriesOf = (hook: number, signal?: AbortSignal) => get<Delivery[]>(`admin/webhook/${hook}/delivery`, { signal });

export const pingWebhook = (hook: number) => order("POST", `admin/webhook/${hook}/ping`);
export const deliverAgain = (hook: number, delivery: number) => order("POST", `admin/webhook/${hook}/delivery/${delivery}/again`);
