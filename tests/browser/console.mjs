// SPDX-License-Identifier: Apache-2.0
/* console.mjs: what somebody does with the console. */
import { readFileSync } from "node:fs";
import { base, done, logIn, open, password, step } from "./browser.mjs";

const link = process.env.CONSOLE_LINK;

// ---- Somebody comes ----
const page = await open();
await page.goto(base);
await step("a stranger is asked for a login", () => page.getByRole("dialog", { name: "Log in to JQM" }).waitFor());
await step("a wrong password is refused in words, in place", async () => {
	await logIn(page, "root", "wrong-password-of-mine");
	await page.getByRole("alert").waitFor();
});
await step("the right one opens the home page", async () => {
	await logIn(page, "root", password);
	await page.getByRole("heading", { name: "Home" }).waitFor();
});
await step("no script can read the session", async () => !(await page.evaluate(() => document.cookie)).includes("jqm"));
await step("three steps lead to the first job", async () => {
	await page.getByRole("heading", { name: "Three steps to the first job" }).waitFor();
	await page.locator(".steps .next", { hasText: "Launch it" }).getByRole("link", { name: "Launch it" }).click();
	await page.getByRole("heading", { name: "Launch" }).waitFor();
});
await step("a link of jqm up logs in once, and does not stay in the address", async () => {
	const newcomer = await open();
	await newcomer.goto(link);
	await newcomer.getByRole("heading", { name: "Home" }).waitFor();
	if (!newcomer.url().endsWith("#/")) throw new Error(newcomer.url());
	await newcomer.context().clearCookies();
	await newcomer.goto("about:blank");
	await newcomer.goto(link);
	await newcomer.getByText("This link has been used, or is too old").waitFor();
	await newcomer.getByRole("dialog", { name: "Log in to JQM" }).waitFor();
	await newcomer.context().close();
});

// ---- A job, from the launch to its files ----
await step("a definition is found and launched", async () => {
	await page.goto(`${base}#/launch`);
	await page.getByLabel("Find a definition").fill("colo");
	await page.getByRole("link", { name: "Colours" }).click();
	await page.getByRole("button", { name: "Add a parameter" }).click();
	await page.getByLabel("Name of parameter 1").fill("month");
	await page.getByLabel("Value of parameter 1").fill("03");
	await page.getByRole("button", { name: "Launch", exact: true }).click();
	await page.waitForURL(/#\/run\/\d+/);
});
const job = Number(/run\/(\d+)/.exec(page.url())?.[1] ?? 0);
await step("its page follows it to its end", () => page.locator(".run-head .state-ended").waitFor());
await step("with its parameters", () => page.locator("dd", { hasText: "03" }).first().waitFor());
await step("its output has colours, and text is text", async () => {
	await page.getByRole("link", { name: "Output" }).click();
	await page.getByRole("button", { name: "Beginning" }).click();
	await page.locator(".log-line .ansi-red", { hasText: "red" }).waitFor();
	await page.getByText("plain <b>&amp;</b>").waitFor();
});
await step("only the lines one sees are in the page", async () => (await page.locator(".log-line").count()) < 300);
await step("a text far inside is found", async () => {
	await page.getByLabel("Search in the log").fill("4242");
	await page.getByRole("button", { name: "Find", exact: true }).click();
	await page.locator(".log-line.hit", { hasText: "4242" }).waitFor();
});
await step("and the place before it, once around, by button or key", async () => {
	await page.getByRole("button", { name: "Previous" }).click(); // before 4242 there is none: the search goes on at the end
	await page.locator(".log-line.hit", { hasText: "4242" }).waitFor();
	await page.getByLabel("Search in the log").fill("499");
	await page.getByRole("button", { name: "Previous" }).click();
	await page.locator(".log-line.hit", { hasText: /^4999$/ }).waitFor();
	await page.getByLabel("Search in the log").press("Shift+Enter");
	await page.locator(".log-line.hit", { hasText: /^4998$/ }).waitFor();
	await page.getByRole("button", { name: "Find", exact: true }).click();
	await page.locator(".log-line.hit", { hasText: /^4999$/ }).waitFor();
	if ((await page.getByRole("button", { name: "Stop" }).count()) > 0) throw new Error("nothing is there to stop");
});
await step("its file is there to take", async () => {
	await page.getByRole("link", { name: "Files" }).click();
	const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "made.txt" }).click()]);
	const got = readFileSync(await download.path(), "utf8");
	if (got !== "made 03\n" || !download.suggestedFilename().startsWith("made.txt"))
		throw new Error(`${download.suggestedFilename()}: ${got}`);
});
await step("hostile texts of a job are shown as text", async () => {
	await page.goto(`${base}#/launch?definition=Hostile`);
	await page.getByRole("button", { name: "Launch", exact: true }).click();
	await page.waitForURL(/#\/run\/\d+/);
	await page.locator(".run-head .state-ended").waitFor();
	await page.getByText("<script>alert(1)</script>").waitFor();
	await page.getByRole("link", { name: "Output" }).click();
	await page.getByText("<img src=x onerror=alert(1)>").waitFor();
});

await step("the home page tells how jobs ended, waited and ran, over an hour, a day, a month", async () => {
	await page.goto(base);
	const ended = page.locator(".plot", { has: page.getByRole("heading", { name: "How jobs ended" }) });
	await ended.locator(".legend", { hasText: /ended 2/ }).waitFor();
	for (const [period, rows] of [["Day", 24], ["Month", 30], ["Hour", 12]]) {
		await page.getByRole("link", { name: period, exact: true }).click();
		await page.getByRole("link", { name: period, exact: true, current: true }).or(page.locator(`[aria-current="true"]`, { hasText: period })).first().waitFor();
		await page.waitForFunction((n) => document.querySelectorAll(".plot:first-child tbody tr").length === n, rows);
	}
	await page.locator(".plot", { has: page.getByRole("heading", { name: "How long they ran" }) }).locator(".legend", { hasText: /mean [0-9.]+ s/ }).waitFor();
	await page.getByRole("row", { name: /DEFAULT/ }).waitFor();
});

// ---- Runs ----
await step("a filter is in the address, and back takes it away", async () => {
	await page.goto(`${base}#/runs`);
	await page.getByRole("link", { name: String(job), exact: true }).waitFor();
	await page.goto(`${base}#/runs?name=Hostile`);
	await page.getByRole("cell", { name: "Hostile" }).waitFor();
	await page.getByRole("cell", { name: "Colours" }).waitFor({ state: "detached" });
	await page.goBack();
	await page.getByRole("cell", { name: "Colours" }).waitFor();
});
await step("what a filter finds is launched again, counted before", async () => {
	await page.goto(`${base}#/runs?state=ENDED`);
	await page.getByRole("button", { name: "Choose all that this filter finds" }).click();
	await page.getByRole("region", { name: "Orders to many jobs" }).getByRole("button", { name: "Launch again" }).click();
	await page.getByRole("dialog").getByText("This will be done to 2 jobs").waitFor();
	await page.getByRole("dialog").getByRole("button", { name: "Launch again" }).click();
	await page.getByText("Done to 2 jobs").waitFor();
});

// ---- Configuration ----
await step("a queue is made, changed and deleted", async () => {
	await page.goto(`${base}#/queues`);
	await page.getByRole("button", { name: "Add" }).click();
	await page.getByLabel("Name", { exact: true }).fill("NIGHT");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByRole("button", { name: "Edit NIGHT" }).click();
	await page.getByLabel("Description").fill("what may wait");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByRole("cell", { name: "what may wait" }).waitFor();
	await page.getByRole("button", { name: "Delete NIGHT" }).click();
	await page.getByRole("dialog").getByText("NIGHT will be deleted").waitFor();
	await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
	await page.getByRole("cell", { name: "NIGHT", exact: true }).waitFor({ state: "detached" });
});
await step("a name that is taken is refused in words, and nothing typed is lost", async () => {
	await page.getByRole("button", { name: "Add" }).click();
	await page.getByLabel("Name", { exact: true }).fill("DEFAULT");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByRole("dialog").getByRole("alert").waitFor();
	const kept = await page.getByLabel("Name", { exact: true }).inputValue();
	await page.keyboard.press("Escape");
	return kept === "DEFAULT";
});
await step("a definition is made with a schedule whose next times are shown, and launched", async () => {
	await page.goto(`${base}#/definition/new`);
	await page.getByLabel("Definition", { exact: true }).fill("Nightly");
	await page.getByLabel("Command").fill("echo night");
	await page.getByText("Schedules", { exact: true }).click();
	await page.getByRole("button", { name: "Add a schedule" }).click();
	await page.getByLabel("When (cron)").fill("61 * * * *");
	await page.locator(".wrong-text").waitFor();
	await page.getByLabel("When (cron)").fill("*/5 * * * *");
	await page.locator(".schedule time").nth(4).waitFor();
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("Nightly saved").waitFor();
	await page.getByRole("link", { name: "Launch", exact: true }).last().click();
	await page.getByRole("button", { name: "Launch", exact: true }).click();
	await page.waitForURL(/#\/run\/\d+/);
	await page.locator(".run-head .state-ended").waitFor();
});

await step("a file is looked at before it is brought in", async () => {
	await page.goto(`${base}#/files`);
	const file = (description) => ({
		name: "queues.xml",
		mimeType: "application/xml",
		buffer: Buffer.from(
			`<queues><queue><name>EVENING</name><description>${description}</description></queue></queues>`,
		),
	});
	await page.getByLabel("An XML file").setInputFiles(file("after work"));
	await page.getByRole("row", { name: /queue EVENING new/ }).or(page.getByRole("alert")).first().waitFor();
	await page.getByRole("button", { name: "Import: 1 change" }).click();
	await page.getByText("queues.xml imported").waitFor();
	await page.getByLabel("An XML file").setInputFiles(file("later"));
	await page.getByText("description: after work → later").waitFor();
	await page.getByLabel("An XML file").setInputFiles({ ...file(""), buffer: Buffer.from("<queues><nonsense/></queues>") });
	await page.getByRole("alert").waitFor();
});
await step("a certificate is issued, taken and revoked", async () => {
	await page.goto(`${base}#/certificates`);
	await page.getByRole("button", { name: "Issue a certificate" }).click();
	await page.getByRole("dialog").getByLabel("Login", { exact: true }).selectOption("root");
	await page.getByRole("dialog").getByRole("button", { name: "Issue a certificate" }).click();
	await page.getByText("It opens with").waitFor();
	const [download] = await Promise.all([
		page.waitForEvent("download"),
		page.getByRole("dialog").getByRole("link", { name: "Download" }).click(),
	]);
	await page.getByRole("button", { name: "Close" }).last().click();
	await page.getByRole("button", { name: /Revoke certificate/ }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
	await page.getByRole("cell", { name: "revoked", exact: true }).waitFor();
	return readFileSync(await download.path()).subarray(0, 2).toString() === "PK";
});

await step("the audit trail tells what was done here, is filtered, and can be had as a file", async () => {
	await page.goto(`${base}#/audit`);
	await page.getByRole("heading", { name: "Audit trail" }).waitFor();
	await page.getByText(/Sealed up to seal \d+/).waitFor();
	await page.getByRole("row", { name: /root update certificate/ }).waitFor();
	await page.getByLabel("Kind of object").fill("q");
	await page.getByLabel("Kind of object").blur();
	await page.getByRole("row", { name: /root update certificate/ }).waitFor({ state: "detached" });
	await page.getByRole("row", { name: /root create q \d+ EVENING/ }).waitFor();
	const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export", exact: true }).click()]);
	const kinds = readFileSync(await download.path(), "utf8").trim().split("\n").map((line) => JSON.parse(line).kind);
	return page.url().endsWith("?kind=q") && kinds.length > 0 && kinds.every((kind) => kind === "q");
});

// ---- Somebody who may only look ----
await step("who may not does not see it, and is told when he goes there", async () => {
	const reader = await open();
	await reader.goto(base);
	await logIn(reader, "reader", "quiet-harbour-lantern");
	await reader.getByRole("heading", { name: "Home" }).waitFor();
	const users = (await reader.getByRole("link", { name: "Users" }).count()) + (await reader.getByRole("link", { name: "Audit trail" }).count());
	await reader.goto(`${base}#/users`);
	await reader.getByText("Your account may not see this page").waitFor();
	await reader.context().close();
	return users === 0;
});

// ---- A session that ends ----
await step("when the session is over a login is asked for in place, and the page goes on", async () => {
	await page.goto(`${base}#/runs`);
	await page.getByRole("cell", { name: "Colours" }).first().waitFor();
	await page.context().clearCookies();
	// While the server tells what happens the page need not ask for a minute: a filter makes it ask.
	await page.locator("button.badge", { hasText: "ended" }).click();
	await page.getByRole("dialog", { name: "Log in to JQM" }).waitFor();
	await logIn(page, "root", password);
	await page.getByRole("dialog").waitFor({ state: "detached" });
	await page.getByRole("cell", { name: "Colours" }).first().waitFor();
});

// ---- The API, to read ----
await step("the API is told call by call, found by words, with a line for a shell", async () => {
	await page.goto(`${base}#/about`);
	await page.getByRole("link", { name: "to read" }).click();
	await page.getByLabel("Find a call").fill("enqueue array");
	const call = page.locator("details.api-line", { has: page.locator("summary", { hasText: "/ws/client/ji/bulk/requests" }) });
	await call.locator("summary").first().click();
	await call.locator(".api-example", { hasText: "curl -u LOGIN -X POST" }).waitFor();
	await call.locator(".api-answers dt", { hasText: "409" }).waitFor();
	if (!page.url().includes("find=enqueue")) throw new Error(page.url());
});

// ---- Lists ----
await step("what a list is searched for and sorted by is in its address, and there again after a reload", async () => {
	await page.goto(`${base}#/roles`);
	await page.getByLabel("Search", { exact: true }).fill("config");
	await page.getByText(/^2 of \d+$/).waitFor();
	await page.getByRole("button", { name: "Name", exact: true }).click();
	await page.waitForURL(/#\/roles\?q=config&sort=name%3Adown$/);
	await page.reload();
	await page.getByText(/^2 of \d+$/).waitFor();
	const first = await page.locator("tbody tr").first().innerText();
	return (await page.getByLabel("Search", { exact: true }).inputValue()) === "config" && /config viewer/.test(first) ? true : first;
});

// ---- By keyboard ----
await step("a job is found, chosen and launched by keyboard alone, and one always sees where one is", async () => {
	const focus = () => page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent}`);
	const seen = () =>
		page.evaluate(() => {
			const style = getComputedStyle(document.activeElement);
			return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
		});
	const tabTo = async (wanted, most = 60) => {
		for (let i = 0; i < most; i++) {
			await page.keyboard.press("Tab");
			if (wanted.test(await focus())) {
				if (!(await seen())) throw new Error(`${await focus()} does not show that it has the focus`);
				return;
			}
		}
		throw new Error(`${wanted} is not reached: ${await focus()}`);
	};
	await page.goto(`${base}#/`);
	await page.reload();
	await page.getByRole("heading", { name: "Home" }).waitFor();
	await tabTo(/^A Launch$/);
	await page.keyboard.press("Enter");
	await page.getByRole("heading", { name: "Launch" }).waitFor();
	await page.getByRole("link", { name: /^Colours/ }).waitFor();
	await tabTo(/Find a definition/);
	await page.keyboard.type("colours");
	await tabTo(/^A Colours/);
	await page.keyboard.press("Enter");
	await page.getByRole("heading", { name: "Colours" }).waitFor();
	await tabTo(/^BUTTON Launch$/);
	await page.keyboard.press("Enter");
	await page.waitForURL(/#\/run\/\d+$/);
	await page.getByRole("heading", { name: /^Colours #\d+$/ }).waitFor();
});

// ---- Another language, and out ----
const storage = await page.context().storageState();
await step("French is French", async () => {
	const french = await open({ locale: "fr-FR", storageState: storage });
	await french.goto(base);
	await french.getByRole("heading", { name: "Accueil" }).waitFor();
	await french.context().close();
});
await step("logging out ends the session", async () => {
	await page.goto(base);
	await page.getByRole("button", { name: "Log out" }).click();
	await page.getByRole("dialog", { name: "Log in to JQM" }).waitFor();
});
await done();
