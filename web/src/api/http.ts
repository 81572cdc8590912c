// SPDX-License-Identifier: Apache-2.0
/*
 * api/http.ts: one request to the web API.  The console has no private door: everything goes through here, to the paths
 * that curl uses.  Paths are relative to the page, so a path prefix of a reverse proxy needs no setting.
 */

/** What the server answers instead of a result: its words, its status, and the id its logs name. */
export class ApiError extends Error {
	constructor(
		readonly status: number,
		message: string,
		readonly requestId: string | null = null,
		/** Which mistake, for programs: "secondFactorNeeded". */
		readonly key: string | null = null,
		/** Of an imported file: all that is wrong with it. */
		readonly problems: string[] = [],
		/** What the mistake is about: of "parameterWrong" the parameter. */
		readonly about: string | null = null,
	) {
		super(message);
	}
}

/** Somebody else changed the object since it was read (412 of If-Match). */
export class ConflictError extends ApiError {}

export type Query = Record<string, string | number | boolean | undefined>;

export interface Call {
	query?: Query;
	json?: unknown;
	form?: Record<string, string>;
	body?: BodyInit;
	contentType?: string;
	accept?: string;
	headers?: Record<string, string>;
	signal?: AbortSignal;
	/** Do not ask for a login when the answer is 401: this call is the login, or the question who one is. */
	anonymous?: boolean;
}

type LoginAsker = () => Promise<void>;
let askLogin: LoginAsker | null = null;

/** Who asks for a login, in place, when a call is answered 401; the call is then made once more. */
export function onLoginNeeded(asker: LoginAsker): void {
	askLogin = asker;
}

let pendingLogin: Promise<void> | null = null;
function loginOnce(asker: LoginAsker): Promise<void> {
	pendingLogin ??= asker().finally(() => (pendingLogin = null));
	return pendingLogin;
}

export function url(path: string, query: Query = {}): string {
	const target = new URL(`ws/${path}`, document.baseURI);
	for (const [name, value] of Object.entries(query))
		if (value !== undefined && value !== "") target.searchParams.set(name, String(value));
	return target.toString();
}

async function errorOf(response: Response): Promise<ApiError> {
	let words = "";
	let requestId: string | null = null;
	let key: string | null = null;
	let problems: string[] = [];
	let about: string | null = null;
	try {
		const body = (await response.json()) as {
			userReadableMessage?: string;
			requestId?: string;
			userMessageKey?: string | null;
			userMessageParams?: { value: string }[];
			problems?: string[];
		};
		words = body.userReadableMessage ?? "";
		requestId = body.requestId ?? null;
		key = body.userMessageKey ?? null;
		problems = body.problems ?? [];
		about = body.userMessageParams?.[0]?.value ?? null;
	} catch {
		// No error object: the status has to do.
	}
	const message = words || `${response.status} ${response.statusText}`;
	return response.status === 412
		? new ConflictError(412, message, requestId)
		: new ApiError(response.status, message, requestId, key, problems, about);
}

/**
 * Make a call; the response is one of success (2xx, 304), anything else is thrown as ApiError.  Status 0 means that the
 * server was not reached; of an order (its message is "order" then) it is unknown whether it was carried out.
 */
export async function send(method: string, path: string, call: Call = {}): Promise<Response> {
	const headers: Record<string, string> = {
		Accept: call.accept ?? "application/json",
		"X-Requested-With": "XMLHttpRequest", // no login box of the browser's own
		...call.headers,
	};
	let body = call.body;
	if (call.contentType) headers["Content-Type"] = call.contentType;
	if (call.json !== undefined) {
		headers["Content-Type"] = "application/json";
		body = JSON.stringify(call.json);
	} else if (call.form) {
		body = new URLSearchParams(call.form);
	}
	let response: Response;
	try {
		response = await fetch(url(path, call.query), {
			method,
			headers,
			body,
			signal: call.signal,
			credentials: "same-origin",
			cache: "no-store",
		});
	} catch (failure) {
		if (failure instanceof DOMException && failure.name === "AbortError") throw failure;
		throw new ApiError(0, method === "GET" || method === "HEAD" ? "" : "order");
	}
	if (response.status === 401 && !call.anonymous && askLogin) {
		await loginOnce(askLogin);
		return send(method, path, { ...call, anonymous: true });
	}
	if (!response.ok && response.status !== 304) throw await errorOf(response);
	return response;
}

/** The result of a call that answers JSON, or undefined when it answers nothing. */
export async function get<T>(path: string, call: Call = {}): Promise<T> {
	return (await send("GET", path, call)).json() as Promise<T>;
}

export async function order<T = unknown>(method: string, path: string, call: Call = {}): Promise<T | undefined> {
	const response = await send(method, path, call);
	const text = await response.text();
	if (text === "" || !response.headers.get("Content-Type")?.includes("json")) return undefined;
	return JSON.parse(text) as T;
}

/** An answer that is text whatever its type says: logs. */
export async function text(path: string, call: Call = {}): Promise<string> {
	return (await send("GET", path, { accept: "*/*", ...call })).text();
}
