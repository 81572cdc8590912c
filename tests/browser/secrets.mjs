// SPDX-License-Identifier: Apache-2.0
/* secrets.mjs: what is secret never comes back to the browser; whether a definition is signed, and as whom it runs, is seen. */
import { base, done, openAs, password, step } from "./browser.mjs";

const [tells, signed, plain] = process.env.CONSOLE_IDS.split(" ");
const OF_DEFINITION = "Kw7vTq1-of-the-definition";
const OF_REQUEST = "Kw7vTq2-of-the-request";

const page = await openAs("root", password);
/** All the server says, but to what is sent there; what it says of either secret is a leak. */
const answers = [];
page.on("response", (response) => {
	if (response.url().includes("/ws/")) answers.push(response.text().catch(() => ""));
});
const noLeak = async () => {
	const said = (await Promise.all(answers)).join("\n") + (await page.content());
	return ![OF_DEFINITION, OF_REQUEST].some((secret) => said.includes(secret));
};
const open = async (id) => {
	await page.goto(`${base}#/definition/${id}`);
	await page.getByRole("button", { name: "Save", exact: true }).waitFor();
};
const save = async (name) => {
	// the words of the last time may still be there
	const answered = page.waitForResponse((r) => r.request().method() !== "GET" && r.url().includes("/ws/admin/jd"));
	await page.getByRole("button", { name: "Save", exact: true }).click();
	await answered;
	await page.getByText(`${name} saved`).last().waitFor();
};
const value = (n) => page.getByLabel(`Value of parameter ${n}`);

// ---- Secret parameters ----
await step("a definition gets a secret parameter, typed like a password", async () => {
	await open(tells);
	await page.getByRole("button", { name: "Add a parameter" }).first().click();
	await page.getByLabel("Name of parameter 1").fill("pw");
	await page.getByLabel("Parameter 1 is secret").check();
	await value(1).fill(OF_DEFINITION);
	if ((await value(1).getAttribute("type")) !== "password") throw new Error(await value(1).getAttribute("type"));
	await save("Tells");
});
await step("read again it is a mask", async () => {
	await page.reload();
	await open(tells);
	await page.getByLabel("Parameter 1 is secret").waitFor();
	return (await value(1).inputValue()) === "********" && (await value(1).getAttribute("type")) === "password";
});
await step("saved with the mask it stays what it was", async () => {
	await page.getByLabel("Description").first().fill("with a secret");
	await save("Tells");
});
await step("who makes it visible gets an empty field, not the mask", async () => {
	await page.getByLabel("Parameter 1 is secret").uncheck();
	return (await value(1).inputValue()) === "" && (await value(1).getAttribute("type")) === "text";
});
const launch = async (fill) => {
	await page.goto(`${base}#/launch?definition=Tells`);
	await page.getByRole("button", { name: "Launch", exact: true }).waitFor();
	await fill();
	await page.getByRole("button", { name: "Launch", exact: true }).click();
	await page.waitForURL(/#\/run\/\d+/);
	await page.locator(".run-head .state-ended").waitFor();
};
const log = async (secret) => {
	await page.locator("dd", { hasText: "********" }).first().waitFor();
	await page.getByRole("link", { name: "Output" }).click();
	await page.locator(".log-line", { hasText: `got ${"*".repeat(secret.length)}.` }).waitFor();
};
await step("a job of it shows the mask, and asterisks in its log", async () => {
	await launch(async () => {});
	await log(OF_DEFINITION);
});
await step("a request brings its own, which is shown no more either", async () => {
	await launch(async () => {
		if ((await page.getByLabel("Name of parameter 1").count()) === 0) await page.getByRole("button", { name: "Add a parameter" }).click();
		await page.getByLabel("Name of parameter 1").fill("pw");
		if (!(await page.getByLabel("Parameter 1 is secret").isChecked())) await page.getByLabel("Parameter 1 is secret").check();
		await value(1).fill(OF_REQUEST);
	});
	await log(OF_REQUEST);
});
await step("neither was in anything the server sent, or in any page", noLeak);

// ---- Signatures ----
const signature = () => page.locator('[data-test="signature"]');
await step("a signed definition names its key", async () => {
	await open(signed);
	await signature().getByText(`Signed by key ${process.env.CONSOLE_KEY}`).waitFor();
});
await step("one that is not says so", async () => {
	await open(plain);
	await signature().getByText("Not signed").waitFor();
});
await step("another description leaves the signature", async () => {
	await open(signed);
	await page.getByLabel("Description").first().fill("still signed");
	await save("Signed");
	await signature().getByText("Signed by key").waitFor();
});
await step("another command takes it away, and that is seen", async () => {
	await page.getByLabel("Command", { exact: false }).first().fill("echo other");
	await save("Signed");
	await signature().getByText("Not signed").waitFor();
});

// ---- As whom it runs ----
const limits = () => page.locator("details", { hasText: "Runs as account" }).locator("summary");
await step("the account of a definition is typed, saved and read", async () => {
	await open(plain);
	await limits().click();
	await page.getByLabel("Runs as account").fill("batch");
	await save("Plain");
	await page.reload();
	await open(plain);
	await limits().click();
	return (await page.getByLabel("Runs as account").inputValue()) === "batch";
});
await step("root is refused, in words", async () => {
	await page.getByLabel("Runs as account").fill("root");
	await page.getByRole("button", { name: "Save", exact: true }).click();
	await page.getByText('field "runAs" is "root", not the name of an account').first().waitFor();
});
await done();
