// SPDX-License-Identifier: Apache-2.0
/* people.mjs: accounts of each role, sessions that end in the middle of something, links, and a reverse proxy's prefix. */
import { base, done, logIn, lookAt, open, openAs, password, step } from "./browser.mjs";

const secret = process.env.CONSOLE_SECRET;
const asking = (page) => page.getByRole("dialog", { name: "Log in to JQM" });

// ---- Administration of others ----
const admin = await openAs("root", password);
const endSessionsOf = async (login) => {
	await admin.goto(`${base}#/users`);
	await admin.getByRole("button", { name: `Sessions of ${login}`, exact: true }).click();
	await admin.getByRole("dialog").getByText("127.0.0.1").first().waitFor();
	await admin.getByRole("button", { name: "End all sessions" }).click();
	await admin.getByText("Nobody is logged in there").waitFor();
	await admin.getByRole("button", { name: "Close" }).last().click();
};

// ---- Each role: what it sees, and that it goes on after its session was ended by somebody ----
const ROLES = [
	{ login: "administrator", sees: "Users", not: null, at: "users", has: "cell", name: "root" },
	{ login: "config-admin", sees: "Nodes", not: "Runs", at: "queues", has: "cell", name: "DEFAULT" },
	{ login: "config-viewer", sees: "Queues", not: "Launch", at: "definitions", has: "cell", name: "Nightly" },
	{ login: "client-power-user", sees: "Launch", not: "Users", at: "runs?name=Makes", has: "button", name: "crashed" },
	{ login: "client-read-only", sees: "Runs", not: "Launch", at: "runs?name=Makes", has: "button", name: "crashed" },
];
for (const role of ROLES) {
	await step(`${role.login}: sees what it may, and goes on where it was after its session was ended`, async () => {
		const page = await openAs(role.login, secret);
		const menu = page.getByRole("navigation", { name: "Menu" });
		await menu.getByRole("link", { name: role.sees, exact: true }).waitFor();
		if (role.not && (await menu.getByRole("link", { name: role.not, exact: true }).count()) > 0) throw new Error(`sees ${role.not}`);
		await page.goto(`${base}#/${role.at}`);
		await page.getByRole(role.has, { name: role.name, exact: true }).waitFor();
		await endSessionsOf(role.login);
		// What is asked next, by the page itself or by who uses it.
		if (!role.at.startsWith("runs")) await page.evaluate(() => (location.hash = "#/"));
		await asking(page).waitFor();
		await logIn(page, role.login, secret);
		await asking(page).waitFor({ state: "detached" });
		if (role.at.startsWith("runs")) {
			if (!page.url().endsWith(role.at)) throw new Error(page.url());
			await page.getByRole(role.has, { name: role.name, exact: true }).waitFor();
		} else await page.getByRole("heading", { name: "Home" }).waitFor();
		await page.context().close();
	});
}

const power = await openAs("client-power-user", secret);
await step("an order given when the session is over is carried out after the login, once", async () => {
	await power.goto(`${base}#/launch?definition=Makes`);
	await power.getByText("More options").click();
	await power.getByLabel("Session", { exact: true }).fill("typed before");
	await endSessionsOf("client-power-user");
	await power.getByRole("button", { name: "Launch", exact: true }).click();
	await asking(power).waitFor();
	await logIn(power, "client-power-user", secret);
	await power.waitForURL(/#\/run\/\d+/);
	await power.locator("dd", { hasText: "typed before" }).waitFor();
	await power.goto(`${base}#/runs?session=typed%20before`);
	await power.getByText("1 job", { exact: true }).or(power.getByText(/^1 /)).first().waitFor();
	const rows = await power.locator("table.runs tbody tr").count();
	return rows === 1 ? true : `${rows} jobs`;
});
await step("nothing begun by one is done in the name of another who logs in instead", async () => {
	await power.goto(`${base}#/launch?definition=Nightly`);
	await power.getByRole("button", { name: "Launch", exact: true }).waitFor();
	await endSessionsOf("client-power-user");
	await power.getByRole("button", { name: "Launch", exact: true }).click();
	await asking(power).waitFor();
	await logIn(power, "second", secret);
	await power.getByRole("banner").getByRole("link", { name: "second" }).waitFor();
	await power.goto(`${base}#/runs?name=Nightly`);
	await power.getByText("Nothing found").or(power.getByText(/no job/i)).first().waitFor();
	return (await power.locator("table.runs tbody tr").count()) === 0;
});
await power.context().close();

// ---- Roles with limits ----
await step("permissions of a role are chosen, with where they count", async () => {
	await admin.goto(`${base}#/roles`);
	await admin.getByRole("button", { name: "Add", exact: true }).click();
	const dialog = admin.getByRole("dialog");
	await dialog.getByLabel("Name", { exact: true }).fill("night shift");
	await dialog.getByRole("button", { name: "Add a permission" }).click();
	const first = dialog.getByRole("group", { name: "Permission 1", exact: true });
	await first.getByLabel("create").check();
	await first.getByLabel("Where").selectOption("definition");
	await first.getByLabel("Its name").fill("Nightly");
	await dialog.getByRole("button", { name: "Save" }).click();
	await admin.getByRole("cell", { name: "job_instance:read,create@definition=Nightly" }).waitFor();
	await admin.getByRole("button", { name: "Edit night shift" }).click();
	await dialog.getByLabel("Where").waitFor();
	const kept = await dialog.getByLabel("Its name").inputValue();
	await admin.keyboard.press("Escape");
	return kept === "Nightly";
});

// ---- Files ----
await step("a file keeps the name its job gave it, and a link opens it for who has no account", async () => {
	await admin.goto(`${base}#/runs?name=Makes&state=ENDED`);
	await admin.locator("table.runs tbody a").first().click();
	await admin.getByRole("link", { name: "Files" }).click();
	const [download] = await Promise.all([admin.waitForEvent("download"), admin.getByRole("link", { name: "made.txt" }).click()]);
	if (download.suggestedFilename() !== "made.txt") throw new Error(download.suggestedFilename());
	await admin.getByRole("button", { name: "Link to made.txt" }).click();
	await admin.getByRole("dialog").getByRole("button", { name: "Make a link" }).click();
	const href = await admin.getByRole("dialog").getByRole("link").getAttribute("href");
	await admin.keyboard.press("Escape");
	const nobody = await fetch(href);
	const text = await nobody.text();
	if (text !== "made\n" || !/filename="made.txt"/.test(nobody.headers.get("Content-Disposition"))) throw new Error(`${nobody.status} ${text}`);
	await admin.getByRole("button", { name: "Link to made.txt" }).click();
	await admin.getByRole("button", { name: "End the links there are" }).click();
	await admin.getByText("1 link opens nothing any more").waitFor();
	return (await fetch(href)).status === 404;
});

// ---- Behind a prefix ----
await step("behind a reverse proxy's prefix it logs in, lists, launches, shows output and files", async () => {
	const front = process.env.CONSOLE_FRONT;
	const page = await open();
	await page.goto(front);
	await logIn(page, "root", password);
	await page.getByRole("heading", { name: "Home" }).waitFor();
	await page.goto(`${front}#/launch?definition=Makes`);
	await page.getByRole("button", { name: "Launch", exact: true }).click();
	await page.waitForURL(/tools\/jqm\/#\/run\/\d+/);
	await page.locator(".run-head .state-ended").waitFor();
	await page.getByRole("link", { name: "Files" }).click();
	const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "made.txt" }).click()]);
	if (download.suggestedFilename() !== "made.txt") throw new Error(download.suggestedFilename());
	await page.getByRole("button", { name: "Link to made.txt" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Make a link" }).click();
	const href = await page.getByRole("dialog").getByRole("link").getAttribute("href");
	if (!href.startsWith(front) || (await (await fetch(href)).text()) !== "made\n") throw new Error(href);
	await page.context().close();
});

await admin.goto(`${base}#/`);
await lookAt(["roles", "users"], await admin.context().storageState());
await done();
