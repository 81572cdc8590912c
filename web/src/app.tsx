// SPDX-License-Identifier: Apache-2.0
/* app.tsx: the frame around every page: who one is, the menu, the page, the login when it is needed. */
import { Component, type ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { me as readMe } from "./api/config.ts";
import { ApiError, onLoginNeeded } from "./api/http.ts";
import { loginByLink, logout } from "./api/session.ts";
import { currentLanguage, setLanguage, t, type Language } from "./i18n/index.ts";
import { LoginDialog } from "./login.tsx";
import { PAGES, type Page } from "./pages/index.ts";
import { go, usePlace } from "./router.ts";
import { sessionOf, SessionContext, type Session } from "./session.tsx";
import { currentTheme, setTheme, type Theme } from "./theme.ts";
import { Empty, ErrorBox } from "./ui/basics.tsx";
import { sayFailure, Toasts } from "./ui/toast.tsx";

/** Page that an address names, and what stands behind its name. */
function pageOf(path: string): { page: Page | undefined; rest: string } {
	const [name = "", ...rest] = path.split("/");
	return { page: PAGES.find((one) => one.path === name), rest: rest.join("/") };
}

/** "#/login/TOKEN": the address that "jqm up" prints for the newcomer. */
const LINK = /^#\/login\/([A-Za-z0-9]{1,100})$/;

/** Use the link of the address, if it is one; it does not stay there, nor among the pages that "back" leads to. */
async function enterByLink(): Promise<void> {
	const token = LINK.exec(location.hash)?.[1];
	if (!token) return;
	go("#/", "replace");
	try {
		await loginByLink(token);
	} catch (failure) {
		sayFailure(failure instanceof ApiError && failure.status === 401 ? new Error(t("login.linkOver")) : failure);
	}
}

export function App() {
	const [session, setSession] = useState<Session>();
	const [failure, setFailure] = useState<Error>();
	const [login, setLogin] = useState<{ done: () => void }>();
	const [, setLanguageTurn] = useState(0);

	const load = async () => {
		try {
			setSession(sessionOf(await readMe()));
			setFailure(undefined);
		} catch (error) {
			setFailure(error as Error);
		}
	};
	useLayoutEffect(() => {
		onLoginNeeded(
			() =>
				new Promise<void>((resolve) => {
					setLogin((now) => now ?? { done: resolve });
				}),
		);
		const enter = async () => {
			await enterByLink();
			await load();
		};
		void enter();
		const moved = () => {
			if (LINK.test(location.hash)) void enter();
		};
		addEventListener("hashchange", moved);
		return () => removeEventListener("hashchange", moved);
	}, []);

	const loggedIn = async () => {
		const waiting = login;
		const before = session?.me.login;
		try {
			const now = await readMe({ anonymous: true });
			// Somebody else: what waits was begun by the one before, and is not to be done in this one's name.
			if (before !== undefined && now.login !== before) return location.reload();
			setSession(sessionOf(now));
		} catch (error) {
			setFailure(error as Error);
		}
		setLogin(undefined);
		waiting?.done();
	};
	const leave = async () => {
		try {
			await logout();
		} catch (error) {
			if (error instanceof ApiError && error.status === 409) return sayFailure(new Error(t("app.noSession")));
			if (!(error instanceof ApiError && error.status === 401)) return sayFailure(error);
		}
		location.reload();
	};
	return (
		<>
			{session ? (
				<SessionContext.Provider value={session}>
					<Frame
						session={session}
						onLeave={leave}
						onLanguage={(language) => {
							setLanguage(language);
							setLanguageTurn((n) => n + 1);
						}}
					/>
				</SessionContext.Provider>
			) : (
				<>
					<header class="bar">
						<span class="brand">JQM</span>
					</header>
					<main class="welcome">
						<ErrorBox error={failure} retry={load} />
					</main>
				</>
			)}
			{login && <LoginDialog onDone={loggedIn} who={session?.me.login ?? ""} />}
			<Toasts />
		</>
	);
}

function Frame(props: { session: Session; onLeave: () => Promise<void>; onLanguage: (language: Language) => void }) {
	const place = usePlace();
	const { page, rest } = pageOf(place.path);
	const [menuOpen, setMenuOpen] = useState(false);
	const main = useRef<HTMLElement>(null);
	const pagePath = page?.path;

	useEffect(() => {
		document.title = page ? `${t(page.title)} · JQM` : "JQM";
		setMenuOpen(false);
	}, [page, place.path]);
	useEffect(() => {
		main.current?.focus({ preventScroll: true });
		scrollTo(0, 0);
	}, [pagePath]);
	return (
		<div class={menuOpen ? "frame menu-open" : "frame"}>
			<a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>
				{t("app.skip")}
			</a>
			<header class="bar">
				<button type="button" class="plain menu-button" aria-expanded={menuOpen} aria-controls="menu" onClick={() => setMenuOpen(!menuOpen)}>
					☰<span class="unseen"> {t("app.menu")}</span>
				</button>
				<a class="brand" href="#/">
					JQM
				</a>
				<span class="spring" />
				<Choices onLanguage={props.onLanguage} />
				<a class="who" href="#/account">
					{props.session.me.login ?? t("app.nobody")}
				</a>
				<button type="button" class="plain" onClick={() => void props.onLeave()}>
					{t("app.logout")}
				</button>
			</header>
			<Menu session={props.session} current={pagePath} />
			<main id="main" ref={main} tabIndex={-1}>
				<Guard key={pagePath}>
					<PageOf page={page} rest={rest} query={place.query} session={props.session} />
				</Guard>
			</main>
		</div>
	);
}

function PageOf(props: { page: Page | undefined; rest: string; query: URLSearchParams; session: Session }) {
	const { page } = props;
	if (!page) return <Empty>{t("app.noPage")} <a href="#/">{t("page.home")}</a></Empty>;
	const missing = page.needs.filter((permission) => !props.session.may(permission));
	if (missing.length > 0) return <Empty>{t("app.mayNot", { permissions: missing.join(", ") })}</Empty>;
	const Content = page.component;
	return <Content rest={props.rest} query={props.query} />;
}

function Menu({ session, current }: { session: Session; current: string | undefined }) {
	const groups = ["work", "setup", "people"] as const;
	const under: Record<string, string> = { run: "runs", definition: "definitions", node: "nodes" };
	return (
		<nav id="menu" aria-label={t("app.menu")}>
			{groups.map((group) => {
				const pages = PAGES.filter((page) => page.menu === group && page.needs.every((one) => session.may(one)));
				if (pages.length === 0) return null;
				return (
					<section key={group}>
						<h2>{t(`menu.${group}`)}</h2>
						<ul>
							{pages.map((page) => (
								<li key={page.path}>
									<a
										href={`#/${page.path}`}
										aria-current={page.path === (under[current ?? ""] ?? current) ? "page" : undefined}
									>
										{t(page.title)}
									</a>
								</li>
							))}
						</ul>
					</section>
				);
			})}
			<p class="small">
				<a href="#/about">{t("page.about")}</a>
			</p>
		</nav>
	);
}

function Choices({ onLanguage }: { onLanguage: (language: Language) => void }) {
	const [theme, choose] = useState(currentTheme());
	return (
		<span class="choices">
			<label>
				<span class="unseen">{t("app.theme")}</span>
				<select
					value={theme}
					onChange={(event) => {
						const wanted = event.currentTarget.value as Theme;
						setTheme(wanted);
						choose(wanted);
					}}
				>
					<option value="system">{t("theme.system")}</option>
					<option value="light">{t("theme.light")}</option>
					<option value="dark">{t("theme.dark")}</option>
				</select>
			</label>
			<label>
				<span class="unseen">{t("app.language")}</span>
				<select value={currentLanguage()} onChange={(event) => onLanguage(event.currentTarget.value as Language)}>
					<option value="en">English</option>
					<option value="fr">Français</option>
				</select>
			</label>
		</span>
	);
}

/** A page that fails is said so; the frame stays. */
class Guard extends Component<{ children: ComponentChildren }, { error?: Error }> {
	override state: { error?: Error } = {};
	static override getDerivedStateFromError = (error: Error) => ({ error });
	override render() {
		return this.state.error ? (
			<ErrorBox error={this.state.error} retry={() => this.setState({ error: undefined })} />
		) : (
			this.props.children
		);
	}
}
