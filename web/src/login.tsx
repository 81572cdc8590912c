// SPDX-License-Identifier: Apache-2.0
/* login.tsx: login and password, asked in place; what one was doing goes on behind it. */
import { useState } from "preact/hooks";
import { login } from "./api/session.ts";
import { t } from "./i18n/index.ts";
import { ErrorBox, Field } from "./ui/basics.tsx";
import { Dialog } from "./ui/dialog.tsx";

export function LoginDialog({ onDone, who }: { onDone: () => void; who: string }) {
	const [name, setName] = useState(who);
	const [password, setPassword] = useState("");
	const [code, setCode] = useState("");
	const [needsCode, setNeedsCode] = useState(false);
	const [error, setError] = useState<Error>();
	const [busy, setBusy] = useState(false);
	const submit = async (event: Event) => {
		event.preventDefault();
		setBusy(true);
		setError(undefined);
		try {
			const outcome = await login(name, password, code);
			if (outcome === "code") setNeedsCode(true);
			else return onDone();
		} catch (failure) {
			setError(failure as Error);
		}
		setBusy(false);
	};
	return (
		<Dialog title={t("login.title")}>
			<form onSubmit={submit}>
				<Field id="login-name" label={t("login.name")}>
					{(id) => (
						<input
							id={id}
							autocomplete="username"
							autocapitalize="none"
							required
							autofocus
							value={name}
							onInput={(event) => setName(event.currentTarget.value)}
						/>
					)}
				</Field>
				<Field id="login-password" label={t("login.password")}>
					{(id) => (
						<input
							id={id}
							type="password"
							autocomplete="current-password"
							required
							value={password}
							onInput={(event) => setPassword(event.currentTarget.value)}
						/>
					)}
				</Field>
				{needsCode && (
					<Field id="login-code" label={t("login.code")}>
						{(id) => (
							<input
								id={id}
								autocomplete="one-time-code"
								inputMode="numeric"
								required
								value={code}
								onInput={(event) => setCode(event.currentTarget.value)}
							/>
						)}
					</Field>
				)}
				<ErrorBox error={error} />
				<footer>
					<button type="submit" class="primary" disabled={busy}>
						{t("login.do")}
					</button>
				</footer>
			</form>
		</Dialog>
	);
}
