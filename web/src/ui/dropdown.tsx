// SPDX-License-Identifier: Apache-2.0
/* ui/dropdown.tsx: a button that opens a small panel; Escape, a click elsewhere and a link or button that leads away close it. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export function Dropdown({ label, children }: { label: string; children: ComponentChildren }) {
	const [open, setOpen] = useState(false);
	const element = useRef<HTMLDetailsElement>(null);
	useEffect(() => {
		const close = () => {
			if (element.current) element.current.open = false;
		};
		const clicked = (event: MouseEvent) => {
			const at = event.target as Element;
			if (!element.current?.contains(at) || at.closest("a, [data-leads-away]")) close();
		};
		const pressed = (event: KeyboardEvent) => {
			if (event.key !== "Escape" || !element.current?.open) return;
			close();
			element.current.querySelector("summary")?.focus();
		};
		document.addEventListener("click", clicked);
		document.addEventListener("keydown", pressed);
		return () => {
			document.removeEventListener("click", clicked);
			document.removeEventListener("keydown", pressed);
		};
	}, []);
	return (
		<details class="dropdown" ref={element} onToggle={(event) => setOpen(event.currentTarget.open)}>
			<summary class="button">{label}</summary>
			{open && (
				<div class="dropdown-body" role="group" aria-label={label}>
					{children}
				</div>
			)}
		</details>
	);
}
