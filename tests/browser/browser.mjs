// SPDX-License-Identifier: Apache-2.0
/*
 * browser.mjs: Debian's Chromium for scripts that do what people do with the console.  They print "ok - TEXT" and "not ok - TEXT" for
 * tests/lib/browser.sh.  What the browser's own console calls an error, a refusal of the content security policy among it, is a failure.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const here = path.dirname(new URL(import.meta.url).pathname);
const require = createRequire(path.join(here, "../../web/package.json"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const base = process.env.CONSOLE_URL;
export const password = readFileSync(process.env.CONSOLE_PASSWORD_FILE, "utf8").trim();
export const shots = process.env.CONSOLE_SHOTS;
const WAIT_MS = 20000;

export const say = (good, text, why = "") => {
	console.log(`${good ? "ok" : "not ok"} - ${text}`);
	if (!good && why) tell(String(why).slice(0, 2000));
};
/** More about it, beside the results. */
export const tell = (text) => console.log(`  ${text.replaceAll("\n", "\n  ")}`);
/** A step that must come true; what it throws, or a text it returns, is the reason why not. */
export const step = async (text, run) => {
	try {
		const result = await run();
		say(result !== false && typeof result !== "string", text, result);
	} catch (failure) {
		say(false, text, failure.stack);
	}
};

export const browser = await chromium.launch({
	executablePath: "/usr/bin/chromium",
	args: [
		"--no-sandbox",
		"--disable-gpu",
		"--disable-quic",
		"--no-first-run",
		"--disable-background-networking",
		"--disable-component-update",
		"--disable-sync",
	],
});

/** What the browser got from the server, for tests/lib/answers.py; each until it is written.  What never ends is not in it. */
const answers = [];
const READ = /^(application\/(json|xml)|text\/(plain|html))\b/;
async function keep(request) {
	const response = await request.response();
	// Not the raw ones: of what was kept and is still good the browser gives the whole answer.
	const headers = response.headers();
	if (!headers.date) return; // a script stood in for the server
	const { pathname, search } = new URL(request.url());
	const readable = READ.test(headers["content-type"] ?? "") && response.status() !== 304;
	const body = readable ? await response.body().then((bytes) => bytes.toString("base64"), () => null) : headers["content-type"] ? null : "";
	const answer = { method: request.method(), target: pathname + search, status: response.status(), headers: Object.entries(headers), body };
	writeFileSync(path.join(process.env.JQM_RECORD, `${Date.now()}-${process.pid}-${answers.length}.browser`), JSON.stringify(answer));
}
const allKept = () => Promise.race([Promise.all(answers), new Promise((over) => setTimeout(over, WAIT_MS).unref())]);

/** Complaints of the browser, those we cause on purpose left out. */
const complaints = [];
export async function open(options = {}) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", ...options });
	context.on("requestfinished", (request) => answers.push(keep(request).catch(() => {}))); // the page may be gone
	const page = await context.newPage();
	page.setDefaultTimeout(WAIT_MS);
	page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
	page.on("console", (message) => {
		const text = message.text();
		// A refused call is one line in the browser's console, whoever handles it.
		if (message.type() === "error" && !/status of 4(00|01|03|04|09|12)/.test(text)) complaints.push(`${page.url()}: ${text}`);
	});
	return page;
}

export async function logIn(page, name, secret) {
	await page.getByLabel("Login", { exact: true }).fill(name);
	await page.getByLabel("Password", { exact: true }).fill(secret);
	await page.getByRole("button", { name: "Log in", exact: true }).click();
}

/** A page where root, or somebody else, is in. */
export async function openAs(name, secret, options) {
	const page = await open(options);
	await page.goto(base);
	await logIn(page, name, secret);
	await page.getByRole("heading", { name: "Home" }).waitFor();
	return page;
}

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe finds on the page: "id element message" each. */
export async function axe(page, runOnly = WCAG) {
	// Inserted by the browser, past the page's content security policy.
	const session = await page.context().newCDPSession(page);
	await session.send("Runtime.evaluate", { expression: axeSource });
	const { result } = await session.send("Runtime.evaluate", {
		expression: `axe.run(document, { runOnly: ${JSON.stringify(runOnly)} }).then((r) => JSON.stringify(r.violations.map((v) => v.id + " " + v.nodes.map((n) => n.target.join(" ") + " " + (n.any[0] || n.all[0] || n.none[0] || {}).message).join("; "))))`,
		awaitPromise: true,
		returnByValue: true,
	});
	await session.detach();
	return JSON.parse(result.value ?? '["axe did not run"]');
}

const LOOKS = [
	{ name: "light", colorScheme: "light", viewport: { width: 1280, height: 900 } },
	// The same page in other colours.
	{ name: "dark", colorScheme: "dark", viewport: { width: 1280, height: 900 }, rules: ["color-contrast"] },
	{ name: "phone", colorScheme: "light", viewport: { width: 360, height: 740 } },
];

/** What the page has asked for and has no answer to yet; the stream of events aside, which has no end. */
export function pendingOf(page) {
	const pending = new Set();
	page.on("request", (request) => request.url().includes("/ws/client/events") || pending.add(request));
	for (const over of ["requestfinished", "requestfailed"]) page.on(over, (request) => pending.delete(request));
	return pending;
}

/** Waits until the page has asked for nothing for a moment: Playwright's "networkidle" takes half a second each time. */
export async function settled(page, pending) {
	const until = Date.now() + WAIT_MS;
	for (let quiet = 0; quiet < 3 && Date.now() < until; ) {
		await page.waitForTimeout(50);
		quiet = pending.size === 0 ? quiet + 1 : 0;
	}
}

/** Look at each of these pages in both themes and narrow: a screenshot, axe, nothing wider than the window, no error. */
export async function lookAt(places, storageState) {
	for (const { name, rules, ...look } of LOOKS) {
		const looker = await open({ ...look, storageState });
		const pending = pendingOf(looker);
		const found = [];
		const wide = [];
		const failed = [];
		for (const at of places) {
			await looker.goto(`${base}#/${at}`);
			await looker.locator("main h1").waitFor();
			await settled(looker, pending);
			const alerts = await looker.locator("main [role=alert]").allInnerTexts();
			if (alerts.length > 0) failed.push(`${at}: ${alerts.join(" ")}`);
			await looker.screenshot({ path: path.join(shots, `${name}-${at.replace(/[^a-z0-9]+/gi, "-") || "home"}.png`) });
			for (const violation of await axe(looker, rules)) found.push(`${at}: ${violation}`);
			if (await looker.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1)) wide.push(at);
		}
		say(failed.length === 0, `every page has what it is about (${name})`, failed.join("\n"));
		say(found.length === 0, `axe finds nothing on any page (${name})`, found.join("\n"));
		say(wide.length === 0, `no page is wider than its window (${name})`, wide.join(", "));
		await allKept();
		await looker.context().close();
	}
}

/** The last words of a script. */
export async function done() {
	say(complaints.length === 0, "the browser has nothing to complain about", complaints.join("\n"));
	await allKept();
	await browser.close();
}
