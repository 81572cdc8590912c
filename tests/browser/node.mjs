// SPDX-License-Identifier: Apache-2.0
/* node.mjs: what jqm doctor found on a node: seen, mended, asked for again; hostile words in it are words. */
import { chmodSync } from "node:fs";
import { base, done, lookAt, open, openAs, password, step } from "./browser.mjs";

const [alpha, hurt, well, mute, stale] = process.env.CONSOLE_IDS.split(" ");
const key = process.env.CONSOLE_KEY;
const REPORT_MS = 120000; // the machine may be busy

const page = await openAs("root", password);
page.on("dialog", (dialog) => {
	void dialog.dismiss();
	throw new Error(`a finding opened a dialog: ${dialog.message()}`);
});
const findings = () => page.locator(".findings li");

await step("home says which nodes have something wrong", async () => {
	await page.getByRole("link", { name: "Findings of hurt: 60 wrong" }).waitFor();
	await page.getByRole("link", { name: /^Findings of stale: unknown since/ }).waitFor();
	return (await page.getByRole("link", { name: /Findings of (well|mute)/ }).count()) === 0;
});
await step("so does the list of nodes, of every node", async () => {
	await page.goto(`${base}#/nodes`);
	await page.getByRole("link", { name: "Findings of alpha: 2 wrong" }).waitFor();
	await page.getByRole("link", { name: "Findings of well: in order" }).waitFor();
	await page.getByRole("link", { name: "Findings of mute: never reported" }).waitFor();
});
await step("with their age; one that is too old says nothing about now", async () => {
	await page.getByRole("row", { name: /\bwell\b/ }).getByText(/ ago$/).first().waitFor();
	const badge = page.getByRole("link", { name: /^Findings of stale: unknown since .*\d\d:\d\d/ });
	if (!(await badge.getAttribute("class")).includes("warn")) throw new Error("it looks as if all were well");
});
await step("it leads to the page of the node: what, why, what mends it, and how old the report is", async () => {
	await page.getByRole("link", { name: "Findings of alpha: 2 wrong" }).click();
	await page.getByRole("heading", { name: "Node alpha: what jqm doctor found" }).waitFor();
	const line = findings().first();
	await line.getByText("wrong", { exact: true }).waitFor();
	await line.getByText(key, { exact: true }).waitFor();
	await line.getByText("mode 0644 is open to everybody").waitFor();
	await line.locator("code", { hasText: `chmod 0600 '${key}'` }).waitFor();
	await page.getByText(/^Reported .* ago, as account .*\. Wrong: 2, /).waitFor();
});
await step("once it is mended and the node was asked, the next report is shown without it", async () => {
	chmodSync(key, 0o600);
	const asked = page.getByText("alpha was asked to look again");
	for (let i = 0; i < 12 && !(await asked.isVisible()); i++) {
		// Refused while its runner is late with its lease, on a machine that is busy.
		await page.getByRole("button", { name: "Look again" }).click();
		await asked.waitFor({ timeout: 5000 }).catch(() => {});
	}
	await page.getByText("Wrong: 0, ").waitFor({ timeout: REPORT_MS });
	await page.getByText(key, { exact: true }).waitFor({ state: "detached" });
	await page.locator("button:enabled", { hasText: "Look again" }).waitFor({ timeout: REPORT_MS });
});
await step("markup in a finding is text", async () => {
	await page.goto(`${base}#/node/${hurt}`);
	const line = findings().first();
	await line.getByText("/home/outputfiles/<img src=x onerror=alert(1)>", { exact: true }).waitFor();
	await line.getByText("<script>alert(2)</script>").waitFor();
	if ((await page.locator("main img, main script").count()) !== 0) throw new Error("it became an element");
});
await step("the worst comes first; of a long report it is said that it is cut", async () => {
	await page.getByText("Only the worst 200 are shown").waitFor();
	const kinds = await findings().locator(".badge").allInnerTexts();
	if (kinds.length !== 200) throw new Error(String(kinds.length));
	const weight = { wrong: 0, mended: 1, note: 2 };
	return kinds.every((kind, i) => i === 0 || weight[kinds[i - 1]] <= weight[kind]);
});
await step("where nothing was found that is said, with the time", async () => {
	await page.goto(`${base}#/node/${well}`);
	await page.getByText(/^Nothing found at .*\d\d:\d\d.*; 42 things are in order\.$/).waitFor();
});
await step("where the last report is too old that is said, and what to look at", async () => {
	await page.goto(`${base}#/node/${stale}`);
	await page.getByText(/^How this node is has not been known since .*\d\d:\d\d.* Does its runner run\?/).waitFor();
	await page.getByText(/^Reported 14 h .*ago, as account jqm\./).waitFor();
});
await step("where no report ever came that is said, and how one comes", async () => {
	await page.goto(`${base}#/node/${mute}`);
	await page.getByText("This node has never reported.").waitFor();
});
await step("a node that does not run is not asked: the server's words", async () => {
	await page.getByRole("button", { name: "Look again" }).click();
	await page.getByText('node "mute" is not running').waitFor();
});
await step("an address without a number is said to be none", async () => {
	await page.goto(`${base}#/node/x`);
	await page.getByText('There is no node "x".').waitFor();
});
await lookAt(["", "nodes", `node/${alpha}`, `node/${hurt}`, `node/${well}`, `node/${mute}`, `node/${stale}`], await page.context().storageState());
await step("in French", async () => {
	const french = await open({ locale: "fr-FR", storageState: await page.context().storageState() });
	await french.goto(`${base}#/node/${well}`);
	await french.getByText(/^Rien à signaler le .*; 42 points sont en ordre\.$/).waitFor();
	await french.context().close();
});
await step("who may not read findings sees nodes without them", async () => {
	const other = await openAs("config", "quiet harbour lantern");
	await other.goto(`${base}#/nodes`);
	await other.getByRole("cell", { name: "hurt" }).first().waitFor();
	if ((await other.getByRole("link", { name: /Findings of/ }).count()) !== 0) throw new Error("they are shown");
	await other.goto(`${base}#/node/${hurt}`);
	await other.getByText("doctor:read").waitFor();
	await other.context().close();
});
await done();
