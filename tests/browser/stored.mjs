// SPDX-License-Identifier: Apache-2.0
/* stored.mjs: every page of the console where every text that can be stored is markup: it is seen as text, and is nothing else. */
import { base, done, openAs, password, pendingOf, settled, step, tell } from "./browser.mjs";

const [definition, node, ...jobs] = process.env.CONSOLE_IDS.split(" ");
const WORDS = "<img src=x onerror=hit()>";

const page = await openAs("root", password);
const pending = pendingOf(page);
await page.evaluate(() => {
	window.hits = 0;
	window.hit = () => window.hits++;
});
const menu = await page.locator("#menu a").evaluateAll((all) => all.map((a) => a.getAttribute("href").slice(2)));

/** How often it is read there, also in fields; what became an element, or was carried out. */
const look = () =>
	page.evaluate((words) => {
		const fields = [...document.querySelectorAll("input, textarea, select, option, [title], [aria-label]")];
		const said = fields.flatMap((one) => [one.value, one.title, one.getAttribute("aria-label")]);
		return {
			read: [document.body.innerText, ...said].filter((text) => typeof text === "string" && text.includes(words)).length,
			elements: document.querySelectorAll('img[src="x"], script:not([src]), [onerror]').length,
			links: [...document.querySelectorAll("a[href], form[action]")].filter((a) => /^\s*(javascript|data|vbscript):/i.test(a.getAttribute("href") ?? a.getAttribute("action"))).length,
			hits: window.hits,
		};
	}, WORDS);
const visit = async (at) => {
	await page.goto(`${base}#/${at}`);
	await page.locator("main h1").waitFor();
	await settled(page, pending);
	await page.evaluate(() => document.querySelectorAll("main details").forEach((one) => (one.open = true)));
	await settled(page, pending);
	return look();
};

const read = [];
const wrong = [];
const places = [...menu, `definition/${definition}`, `node/${node}`, `launch?definition=${encodeURIComponent("Plain")}`, "account", "about"];
for (const id of jobs) places.push(`run/${id}`);
places.push(`run/${jobs[0]}?view=stdout`, `run/${jobs[0]}?view=files`, "runs?view=timeline");
for (const at of places) {
	const found = await visit(at);
	if (found.read > 0) read.push(at);
	if (found.elements + found.links + found.hits > 0) wrong.push(`${at}: ${JSON.stringify(found)}`);
}
tell(`${places.length} places, ${read.length} with such texts: ${read.join(" ")}`);
await step("no stored text became an element, a link that runs, or was carried out, on any page", async () => {
	if (wrong.length > 0) throw new Error(wrong.join("\n"));
});
await step("and they are read as texts where they belong", async () => {
	const missing = process.env.CONSOLE_PAGES.split(" ").filter((at) => !read.some((one) => one === at || one.startsWith(`${at}/`)));
	if (missing.length > 0) throw new Error(`nowhere on: ${missing.join(" ")}`);
});
await step("(one that did would be noticed)", async () => {
	await page.evaluate(() => document.querySelector("main").insertAdjacentHTML("beforeend", '<img src="x"><a href="javascript:hit()">a</a>'));
	const found = await look();
	return found.elements === 1 && found.links === 1;
});
await done();
