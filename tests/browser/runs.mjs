// SPDX-License-Identifier: Apache-2.0
/* runs.mjs: jobs followed in the console: the list that stays fresh, over time, under saved filters; one job with all around it. */
import { writeFileSync } from "node:fs";
import { base, done, lookAt, openAs, password, step } from "./browser.mjs";

const page = await openAs("root", password);

/** Give an order as the page would; the answer's text. */
const api = (method, path, json) =>
	page.evaluate(
		async ([how, where, body]) => {
			const answer = await fetch(`ws/${where}`, {
				method: how,
				headers: { Accept: "application/json", ...(body ? { "Content-Type": "application/json" } : {}) },
				body: body ? JSON.stringify(body) : undefined,
			});
			if (!answer.ok) throw new Error(`${where}: ${answer.status} ${await answer.text()}`);
			return answer.text();
		},
		[method, path, json],
	);
const enqueue = async (applicationName, more = {}) => JSON.parse(await api("POST", "client/ji", { applicationName, parameters: [], ...more })).id;

// ---- The list, kept fresh ----
const asked = [];
page.on("request", (request) => {
	if (request.url().endsWith("/ws/client/ji/query")) asked.push(JSON.parse(request.postData()));
});
const nextAsked = (n) =>
	page.waitForRequest((request) => request.url().endsWith("/ws/client/ji/query") && asked.length >= n, { timeout: 30000 });

const waiting = await enqueue("Waits");
await step("a job that runs is seen to run and to end, without a reload", async () => {
	await page.goto(`${base}#/runs`);
	const row = page.getByRole("row", { name: new RegExp(`choose ${waiting}|${waiting} Waits`, "i") });
	await row.locator(".state-running").waitFor();
	writeFileSync(process.env.CONSOLE_GO, "");
	await row.locator(".state-ended").waitFor();
});
await step("while the server tells what happens nothing is asked until it does", async () => {
	const waits = await enqueue("Held", { startState: "HOLDED" });
	const row = page.getByRole("row", { name: new RegExp(`choose ${waits}|${waits} Held`, "i") });
	await row.locator(".state-holded").waitFor();
	await page.waitForTimeout(2500); // what that event made it ask is over
	const from = asked.length;
	await page.waitForTimeout(7500); // twice as long as it waits where nobody tells, and more
	const meanwhile = asked.length - from;
	await api("DELETE", `client/ji/waiting/${waits}`);
	await row.waitFor({ state: "detached" });
	return meanwhile <= 1 ? true : `${meanwhile} times`; // once a minute it asks all the same
});
await step("a page changes within two seconds of what happens", async () => {
	const took = [];
	while (took.length < 5 && !took.some((ms) => ms < 2000)) {
		// the machine may be busy with something else
		const waits = await enqueue("Held", { startState: "HOLDED" });
		await page.goto(`${base}#/run/${waits}`);
		await page.locator(".run-head .state-holded").waitFor();
		await page.waitForTimeout(2500);
		const begin = Date.now();
		await api("POST", `client/ji/cancelled/${waits}`);
		await page.locator(".run-head .state-cancelled").waitFor();
		took.push(Date.now() - begin);
	}
	await page.goto(`${base}#/runs`);
	return took.at(-1) < 2000 ? true : `${took.join(", ")} ms`;
});
// Where the stream does not come through, as behind some proxies.
await page.route("**/ws/client/events*", (route) => route.fulfill({ status: 403, contentType: "application/json", body: "{}" }));
await page.reload();
await page.getByRole("heading", { name: /Jobs|Runs/ }).first().waitFor();
await step("where nobody tells, only live jobs are asked for while nothing happens, now and then all", async () => {
	const from = asked.length;
	await nextAsked(from + 5);
	const since = asked.slice(from + 2);
	return since.length > 0 && since.filter((query) => query.queryHistoryInstances).length * 2 <= since.length
		? true
		: JSON.stringify(since.map((query) => query.queryHistoryInstances));
});
await page.unroute("**/ws/client/events*");
await page.reload();
const hide = (hidden) =>
	page.evaluate((value) => {
		Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
		document.dispatchEvent(new Event("visibilitychange"));
	}, hidden);
await step("a hidden tab asks nothing, and asks at once when it is seen again", async () => {
	await hide(true);
	await page.waitForTimeout(3500); // what was under way is over
	const from = asked.length;
	await page.waitForTimeout(7500); // twice as long as the page waits between two questions, and more
	const meanwhile = asked.length - from;
	await Promise.all([page.waitForRequest((request) => request.url().endsWith("/ws/client/ji/query")), hide(false)]);
	return meanwhile <= 1 ? true : `${meanwhile} times`; // one may have been under way for long
});
await step("nothing moves under the eyes of who has chosen lines: what is new waits behind a button", async () => {
	await page.goto(`${base}#/runs?name=Qui`);
	await page.getByRole("cell", { name: "Quiet" }).first().waitFor();
	await page.locator("tbody input[type=checkbox]").first().check();
	await enqueue("Quick");
	await enqueue("Quick");
	const button = page.getByRole("button", { name: /2 more have come/ });
	await button.waitFor();
	if ((await page.getByRole("cell", { name: "Quick" }).count()) > 0) throw new Error("they are there already");
	await button.click();
	await page.getByRole("cell", { name: "Quick" }).nth(1).waitFor();
});
await step("while another filter's lines are on their way the last ones stay, and the count never keeps them waiting", async () => {
	await page.goto(`${base}#/runs`);
	await page.getByRole("cell", { name: "Quiet" }).first().waitFor();
	let answer;
	const mayAnswer = new Promise((resolve) => (answer = resolve));
	await page.route("**/ws/client/ji/query", async (route) => {
		await mayAnswer;
		await route.continue();
	});
	await page.getByRole("searchbox", { name: "Definition" }).fill("Waits");
	await page.locator("table.runs[aria-busy=true]").waitFor();
	const still = await page.getByRole("cell", { name: "Quiet" }).count();
	answer();
	await page.getByRole("cell", { name: "Quiet" }).first().waitFor({ state: "detached" });
	await page.getByRole("cell", { name: "Waits" }).first().waitFor();
	await page.getByText("1 job", { exact: true }).waitFor();
	await page.unroute("**/ws/client/ji/query");
	return still > 0;
});
await step("rare filters that are set are seen without looking for them, and taken away one by one", async () => {
	await page.goto(`${base}#/runs?endedfrom=1h&session=nobody`);
	await page.getByText("No job fits this filter.").waitFor();
	await page.getByRole("button", { name: "Without the filter Session: nobody" }).click();
	await page.getByRole("cell", { name: "Quiet" }).first().waitFor();
	await page.getByText("More filters").click();
	await page.getByRole("group", { name: "Tags of its definition" }).getByLabel("Module").fill("none has it");
	await page.getByText("No job fits this filter.").waitFor();
	await page.waitForURL(/endedfrom=1h&defmodule=none\+has\+it/);
});
await step("what is no number finds nothing, and nothing can be ordered about all by mistake", async () => {
	await page.goto(`${base}#/runs?id=x`);
	await page.getByText("No job fits this filter.").waitFor();
	return (await page.getByRole("button", { name: "Choose all that this filter finds" }).count()) === 0;
});
await step("a filter is saved under a name, found again, and thrown away", async () => {
	await page.goto(`${base}#/runs?name=Quiet&state=ENDED`);
	await page.getByText("Saved filters").click();
	await page.getByRole("button", { name: "Save this filter" }).click();
	await page.getByRole("dialog").getByLabel("Its name").fill("quiet ones");
	await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
	await page.getByRole("dialog").waitFor({ state: "detached" });
	await page.goto(`${base}#/`);
	await page.reload();
	await page.goto(`${base}#/runs`);
	await page.getByText("Saved filters").click();
	await page.getByRole("link", { name: "quiet ones" }).click();
	await page.waitForURL(/name=Quiet&state=ENDED/);
	await page.getByText("Saved filters").click();
	await page.getByRole("button", { name: "Delete quiet ones" }).click();
	await page.getByRole("link", { name: "quiet ones" }).waitFor({ state: "detached" });
});
await step("columns are chosen, and remembered, in this table and in others", async () => {
	await page.goto(`${base}#/runs`);
	await page.getByText("Columns", { exact: true }).click();
	await page.getByRole("checkbox", { name: "Node" }).check();
	await page.getByRole("columnheader", { name: "Node" }).waitFor();
	await page.goto(`${base}#/queues`);
	await page.getByText("Columns", { exact: true }).click();
	await page.getByRole("checkbox", { name: "Description" }).uncheck();
	await page.getByRole("columnheader", { name: "Description" }).waitFor({ state: "detached" });
	await page.reload();
	await page.getByRole("columnheader", { name: "Name" }).waitFor();
	if ((await page.getByRole("columnheader", { name: "Description" }).count()) > 0) throw new Error("forgotten");
	await page.goto(`${base}#/runs`);
	await page.getByRole("columnheader", { name: "Node" }).waitFor();
});
await step("a timeline shows how long each waited and ran, by the same filter", async () => {
	await page.goto(`${base}#/runs?name=Waits`);
	await page.getByRole("link", { name: "Timeline" }).click();
	const line = page.locator(".timeline li", { hasText: `#${waiting}` });
	await line.getByText(/waited .*, ran /).waitFor({ state: "attached" });
	const box = await line.locator(".timeline-run").boundingBox();
	await page.getByRole("link", { name: "Table" }).click();
	await page.getByRole("cell", { name: "Waits" }).waitFor();
	return box.width > 3 ? true : `${box.width} px wide`;
});

// ---- One job, and all around it ----
const parent = await enqueue("Quick");
const child = await enqueue("Fails", { parentJobId: parent, maxAttempts: 2 });
const after = await enqueue("Quick", { parentJobId: parent, waitFor: [`failure:${child}`] });
await step("earlier attempts are told, each with its outcome and its own output", async () => {
	await page.goto(`${base}#/run/${child}`);
	await page.locator(".run-head .state-crashed").waitFor();
	const attempt = page.locator("table", { has: page.locator("caption", { hasText: "Attempts" }) }).getByRole("row").nth(1);
	await attempt.getByText("Exit code 3").waitFor();
	await attempt.getByRole("link", { name: "1" }).click();
	await page.getByText("about to fail").waitFor();
});
await step("parent, children and what they waited for are a picture, and a list that says the same", async () => {
	await page.goto(`${base}#/run/${parent}?view=family`);
	await page.locator(".family svg a.self", { hasText: `#${parent}` }).waitFor();
	await page.locator(`.family svg .tie-failure title`, { hasText: `#${after} after #${child} has failed` }).waitFor({ state: "attached" });
	if ((await page.locator(".family .tie-child").count()) !== 2) throw new Error("not two children");
	await page.getByText(`child of #${parent}, after #${child} has failed`).waitFor();
	await page.locator(".family svg a", { hasText: `#${after}` }).focus();
	await page.keyboard.press("Enter");
	await page.waitForURL(new RegExp(`#/run/${after}\\?view=family`));
	await page.locator(".family svg a.self", { hasText: `#${after}` }).waitFor();
});
await step("who waits for a job is in its picture, and beyond what is drawn in pages", async () => {
	const awaited = await enqueue("Held", { startState: "HOLDED" });
	const requests = Array.from({ length: 125 }, () => ({ applicationName: "Quick", parameters: [], waitFor: [awaited] }));
	const ids = JSON.parse(await api("POST", "client/ji/bulk/requests", requests));
	await page.goto(`${base}#/run/${awaited}?view=family`);
	await page.locator(".family svg .tie-success title", { hasText: `#${ids[0]} after #${awaited} has ended well` }).waitFor({ state: "attached" });
	const drawn = await page.locator(".family svg .tie-success").count();
	const more = page.getByRole("region", { name: "More that wait for it" });
	await more.getByText(`#${ids[60]}`, { exact: true }).waitFor();
	await more.getByRole("button", { name: "Next" }).click();
	await more.getByText(`#${ids[124]}`, { exact: true }).waitFor();
	if (await more.getByRole("button", { name: "Next" }).isVisible()) throw new Error("there is nothing behind them");
	await more.getByRole("button", { name: "First" }).click();
	await more.getByText(`#${ids[60]}`, { exact: true }).waitFor();
	await page.goto(`${base}#/run/${ids[7]}?view=family`);
	await page.locator(".family svg a.self", { hasText: `#${ids[7]}` }).waitFor();
	await api("POST", `client/ji/cancelled/${awaited}`); // and with it all of them
	if (drawn !== 60) throw new Error(`${drawn} are drawn`);
});
await step("a log that grows is followed to its end, and not against who scrolls back", async () => {
	const growing = await enqueue("Grows");
	await page.goto(`${base}#/run/${growing}?view=stdout`);
	await page.locator(".log-line", { hasText: "plain green end" }).waitFor();
	writeFileSync(process.env.CONSOLE_MORE, "");
	await page.locator(".log-line", { hasText: "last-line" }).waitFor();
	await page.getByRole("button", { name: "Beginning" }).click();
	await page.locator(".log-line", { hasText: "plain green end" }).waitFor();
	if (await page.getByRole("checkbox", { name: "Follow" }).isChecked()) throw new Error("still follows");
	writeFileSync(process.env.CONSOLE_OVER, "");
});
await step("colours are colours, raw is every byte, long lines wrap if one wants", async () => {
	await page.locator(".log-line .ansi-green", { hasText: "green" }).waitFor();
	await page.getByRole("checkbox", { name: "Raw" }).check();
	await page.locator(".log-line", { hasText: "plain ␛[32mgreen␛[0m end" }).waitFor();
	await page.getByRole("checkbox", { name: "Wrap" }).check();
	await page.locator(".log-lines.wrapped").waitFor();
});

await step("home tells how many crashed lately, and leads to them", async () => {
	await page.goto(`${base}#/`);
	await page.getByRole("link", { name: /^[1-9]\d* crashed in an hour$/ }).click();
	await page.getByRole("link", { name: String(child), exact: true }).waitFor();
});
await step("a job is launched like one before, with what has to be different", async () => {
	const held = await enqueue("Held", { startState: "HOLDED" });
	const model = await enqueue("Quick", { parameters: [{ key: "month", value: "03" }, { key: "year", value: "26" }], sessionID: "like this" });
	await page.goto(`${base}#/run/${model}`);
	await page.locator(".run-head .state-ended").waitFor();
	await page.getByRole("link", { name: "Change and launch" }).click();
	await page.getByLabel("Value of parameter 2").waitFor();
	await page.getByLabel("Value of parameter 1").fill("04");
	await page.getByText("More options").click();
	if ((await page.getByLabel("Session", { exact: true }).inputValue()) !== "like this") throw new Error("the session is lost");
	await page.getByLabel("Waits for").fill(`end:${held}`);
	await page.getByLabel("Keyword 2").fill("changed");
	await page.getByRole("button", { name: "Launch", exact: true }).click();
	await page.waitForURL(/#\/run\/\d+$/);
	const made = Number(/\d+$/.exec(page.url())[0]);
	const job = JSON.parse(await api("GET", `client/ji/${made}`));
	await api("POST", `client/ji/cancelled/${held}`);
	const is = [job.parameters.map((one) => `${one.key}=${one.value}`).sort().join(), job.sessionID, job.keyword2, job.waitFor.join()].join(" ");
	return is === `month=04,year=26 like this changed end:${held}` ? true : is;
});

// ---- Many at once ----
await step("a CSV file is looked at line by line, corrected, and launched as a whole", async () => {
	await page.goto(`${base}#/launch`);
	await page.getByRole("link", { name: "Many, from CSV" }).click();
	const csv = "definition;priority;month\nQuick;3;01\nNobody;3;02\nQuick;12;03\n";
	await page.getByLabel("A CSV file").setInputFiles({ name: "jobs.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
	await page.getByText("Line 3: there is no definition Nobody").waitFor();
	await page.getByText("Line 4: the priority 12 is not a number").waitFor();
	if (await page.getByRole("button", { name: "Launch 1 job" }).isEnabled()) throw new Error("half of it could be launched");
	await page.getByLabel("Its lines").fill(csv.replace("Nobody", "Quick").replace("12", "1"));
	await page.getByRole("cell", { name: "month=03" }).waitFor();
	await page.getByRole("button", { name: "Launch 3 jobs" }).click();
	await page.getByText("3 jobs launched").waitFor();
	const link = page.getByRole("status").getByRole("link", { name: /^#/ }).nth(1);
	await link.click();
	await page.locator("dd", { hasText: "02" }).first().waitFor();
});

await lookAt(["launch?view=csv", `run/${parent}?view=family`, `run/${child}`], await page.context().storageState());
await done();
