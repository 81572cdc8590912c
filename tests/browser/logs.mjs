// SPDX-License-Identifier: Apache-2.0
/* logs.mjs: outputs of jobs are read over what they have lost, up and down; nothing moves under the eyes of who reads. */
import { writeFileSync } from "node:fs";
import { base, done, openAs, password, step } from "./browser.mjs";

const { CONSOLE_LONG: long, CONSOLE_LARGE: large, CONSOLE_GO: go } = process.env;
const PATIENCE_MS = 20000;
const LINE_PX = 18;

const page = await openAs("root", password);
const box = page.locator(".log-lines");
const line = (n) => page.locator(".log-line", { hasText: String(n).padStart(63, "0") });
const missing = page.locator(".log-line", { hasText: "[... 1.9 MB left out ...]" });
const end = async (id, last) => {
	await page.goto(`${base}#/run/${id}?view=stdout`);
	await page.locator(".log-line", { hasText: last }).waitFor();
};
/** Scroll to where `to` says, again and again, until `seen` is there. */
const scrollUntil = async (to, seen) => {
	for (const until = Date.now() + PATIENCE_MS; Date.now() < until; ) {
		if ((await seen.count()) > 0) return;
		await box.evaluate((element, how) => {
			element.scrollTop = how === "up" ? 0 : element.scrollHeight;
		}, to);
		await page.waitForTimeout(50);
	}
	throw new Error(`never seen, scrolling ${to}`);
};
/** The number of the line at the top, once there is one. */
const topLine = async () => {
	const found = await page.waitForFunction(() => {
		const element = document.querySelector(".log-lines");
		const top = element.getBoundingClientRect().top + 1;
		const first = [...element.querySelectorAll(".log-line")].find((one) => one.getBoundingClientRect().top <= top && one.getBoundingClientRect().bottom > top);
		return first?.textContent;
	});
	return Number(await found.jsonValue());
};

const upAndDown = async () => {
	await scrollUntil("up", line(0));
	await box.evaluate((element, px) => {
		element.scrollTop = 250 * px;
	}, LINE_PX);
	await missing.waitFor();
	const [before, behind] = await missing.evaluate((note) => [note.previousElementSibling?.textContent, note.nextElementSibling?.textContent]);
	if (Number(before) !== 255 || !(Number(behind) > 30000)) throw new Error(`${before}\n${behind}`);
	await scrollUntil("down", line(31249));
};
await step("scrolling up over what the log of a running job has lost goes on above it, and it is said how much that is", async () => {
	await end(long, String(31249).padStart(63, "0"));
	await upAndDown();
});
await step("a text above it is found, where it is", async () => {
	await page.getByLabel("Search in the log").fill(String(200).padStart(63, "0"));
	await page.getByRole("button", { name: "Find", exact: true }).click();
	await page.locator(".log-line.hit", { hasText: String(200).padStart(63, "0") }).waitFor();
});
await step("a job that ends does not move the lines of who reads elsewhere", async () => {
	await scrollUntil("up", line(0));
	await box.evaluate((element) => {
		element.scrollTop = 900;
	});
	await line(50).waitFor();
	writeFileSync(go, "");
	await page.locator(".run-head .state-ended").waitFor();
	await page.waitForResponse((response) => response.url().includes("/stdout"), { timeout: 5000 }).catch(() => {}); // what it asks for then, if it has not by now
	const top = await topLine();
	return top === 50 ? true : `line ${top}`;
});
await step("of one that is over it is the same, up and down", async () => {
	await page.reload();
	await end(long, "the-last-word");
	await upAndDown();
});
await step("what is in memory of it is copied as it is", async () => {
	await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
	await page.getByRole("button", { name: "Copy", exact: true }).click();
	await page.getByText(/^\d.* copied$/).waitFor();
	const text = await page.evaluate(() => navigator.clipboard.readText());
	return text.startsWith(`${"0".repeat(63)}\n`) && text.endsWith("\nthe-last-word\n");
});
await step("reading on through more than is kept in memory moves nothing either", async () => {
	await end(large, String(139999).padStart(63, "0"));
	await page.getByRole("button", { name: "Beginning" }).click();
	await line(0).waitFor();
	for (let i = 0; i < 20; i++) {
		await box.evaluate((element) => {
			element.scrollTop = element.scrollHeight - element.clientHeight - 200;
		});
		const from = await topLine();
		await page.waitForFunction(() => {
			const element = document.querySelector(".log-lines");
			return element.scrollHeight - element.scrollTop - element.clientHeight > 1000;
		});
		const to = await topLine();
		// It was read before or after the lines came; either way it is the same one.
		if (to !== from) throw new Error(`line ${from} became ${to}`);
	}
	const [first, lines] = await box.evaluate((element, px) => [element.querySelector(".log-line").textContent, element.scrollHeight / px], LINE_PX);
	if (Number(first) < 70000 || lines > 70000) throw new Error(`at ${first} of ${lines} lines`);
});
await step("who found a text and reads on is not brought back to it", async () => {
	await page.getByLabel("Search in the log").fill("needle");
	await page.getByRole("button", { name: "Find", exact: true }).click();
	await page.locator(".log-line.hit", { hasText: "needle" }).waitFor();
	await box.evaluate((element) => {
		element.scrollTop = element.scrollHeight - element.clientHeight - 200;
	});
	await page.waitForFunction(() => {
		const element = document.querySelector(".log-lines");
		return element.scrollHeight - element.scrollTop - element.clientHeight > 1000;
	});
	const top = await topLine();
	return top > 101000 ? true : `line ${top}`;
});
await done();
