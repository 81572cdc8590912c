// SPDX-License-Identifier: Apache-2.0
/* api/session.ts: the session of this browser: made, ended, looked at. */
import { order } from "./http.ts";

/** Log in.  "code": this account wants a one-time code too; call again with it. */
export async function login(user: string, password: string, code: string): Promise<"done" | "code"> {
	await order("POST", "session", { json: { login: user, password, code: code || undefined }, anonymous: true });
	return "done";
}

export const logout = () => order("DELETE", "session", { anonymous: true });
