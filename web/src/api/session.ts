// SPDX-License-Identifier: Apache-2.0
/* api/session.ts: sessions, the caller's own password and second factor. */
import { ApiError, get, order } from "./http.ts";

/** Log in.  "code": this account wants a code of its second factor too; call again with it. */
export async function login(user: string, password: string, code: string): Promise<"done" | "code"> {
	try {
		await order("POST", "session", { json: { login: user, password, code: code || undefined }, anonymous: true });
		return "done";
	} catch (failure) {
		if (failure instanceof ApiError && failure.key === "secondFactorNeeded") return "code";
		throw failure;
	}
}

/** Log in by the token of a link that "jqm up" printed: it is good once. */
export const loginByLink = (link: string) => order("POST", "session", { json: { link }, anonymous: true });

export const logout = () => order("DELETE", "session", { anonymous: true });

export interface OwnSession {
	id: number;
	current: boolean;
	address: string | null;
	creationDate: number;
	lastSeenDate: number;
	expirationDate: number;
}

export const ownSessions = (signal?: AbortSignal) => get<OwnSession[]>("session", { signal });
export const endSession = (id: number) => order("DELETE", `session/${id}`);
export const endAllSessions = () => order("DELETE", "session/all");

export const changePassword = (oldPassword: string, newPassword: string, code: string) =>
	order("PUT", "account/password", { json: { oldPassword, newPassword, code: code || undefined }, anonymous: true });

export interface SecondFactor {
	enabled: boolean;
	recoveryCodesLeft: number;
}

export const secondFactor = (signal?: AbortSignal) => get<SecondFactor>("account/totp", { signal });

export const enrolSecondFactor = async (password: string) =>
	(await order<{ secret: string; uri: string }>("POST", "account/totp", { json: { password }, anonymous: true }))!;

/** The codes for a lost device, told this once. */
export const confirmSecondFactor = async (code: string) =>
	(await order<{ recoveryCodes: string[] }>("POST", "account/totp/confirm", { json: { code }, anonymous: true }))!
		.recoveryCodes;

export const disableSecondFactor = (password: string, code: string) =>
	order("POST", "account/totp/disable", { json: { password, code }, anonymous: true });

/** Of another account, by who may see and change accounts. */
export const sessionsOf = (account: number, signal?: AbortSignal) => get<OwnSession[]>(`admin/user/${account}/session`, { signal });
export const endSessionsOf = (account: number) => order("DELETE", `admin/user/${account}/session`);
export const dropSecondFactorOf = (account: number) => order("DELETE", `admin/user/${account}/totp`);
