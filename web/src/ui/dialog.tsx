// SPDX-License-Identifier: Apache-2.0
/*
 * ui/dialog.tsx: questions asked in place.  The browser's own dialog element gives focus trap, Escape and the layer above all else.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/index.ts";
import { ErrorBox } from "./basics.tsx";

export function Dialog(props: { title: string; onClose?: () => void; wide?: boolean; children: ComponentChildren }) {
	const element = useRef<HTMLDialogElement>(null);
	useEffect(() => {
		const dialog = element.current!;
		const before = document.activeElement;
		dialog.showModal();
		return () => {
			dialog.close();
			if (before instanceof HTMLElement) before.focus();
		};
	}, []);
	return (
		<dialog
			ref={element}
			class={props.wide ? "wide" : ""}
			aria-label={props.title}
			onCancel={(event) => {
				event.preventDefault();
				props.onClose?.();
			}}
		>
			<h2>{props.title}</h2>
			{props.children}
		</dialog>
	);
}

/**
 * A form in a dialog.  `save` does the thing: the dialog stays until it is done, and shows why when it fails.  When it says "stay" there
 * is more to come.
 */
export function FormDialog(props: {
	title: string;
	action: string;
	danger?: boolean;
	wide?: boolean;
	save: () => Promise<unknown>;
	onClose: () => void;
	children: ComponentChildren;
}) {
	const [error, setError] = useState<Error>();
	const [busy, setBusy] = useState(false);
	const submit = async (event: Event) => {
		event.preventDefault();
		setBusy(true);
		setError(undefined);
		try {
			if ((await props.save()) === "stay") setBusy(false);
			else props.onClose();
		} catch (failure) {
			setError(failure as Error);
			setBusy(false);
		}
	};
	return (
		<Dialog title={props.title} onClose={props.onClose} wide={props.wide}>
			<form onSubmit={submit}>
				<div class="dialog-body">{props.children}</div>
				<ErrorBox error={error} />
				<footer>
					<button type="button" onClick={props.onClose}>
						{t("action.cancel")}
					</button>
					<button type="submit" class={props.danger ? "danger" : "primary"} disabled={busy}>
						{props.action}
					</button>
				</footer>
			</form>
		</Dialog>
	);
}

/** "Delete queue Q?": names what it destroys. */
export function Confirm(props: {
	title: string;
	text: string;
	action: string;
	danger?: boolean;
	run: () => Promise<unknown>;
	onClose: () => void;
}) {
	return (
		<FormDialog {...props} save={props.run}>
			<p>{props.text}</p>
		</FormDialog>
	);
}
