// SPDX-License-Identifier: Apache-2.0
/* parameters.mjs: what a definition says of its parameters is described, asked for with the right fields, and checked where one types; a resource begins as a model. */
import { base, done, lookAt, openAs, password, step } from "./browser.mjs";

const page = await openAs("root", password);
const read = (path) => page.evaluate(async (where) => (await fetch(`ws/${where}`, { headers: { Accept: "application/json" } })).json(), path);
const focused = () => page.evaluate(() => document.activeElement?.id);

const TYPES = [
	{ key: "month", type: "INTEGER", hint: "1 to 12", required: true },
	{ key: "day", type: "DATE" },
	{ key: "colour", type: "CHOICE", choices: "red\nlight blue\n" },
	{ key: "loud", type: "BOOLEAN" },
	{ key: "rate", type: "NUMBER" },
	{ key: "pw", type: "TEXT", hint: "of the archive" },
];
let definition = 0;
await step("the types of a definition's parameters are described", async () => {
	await page.goto(`${base}#/definition/new`);
	await page.getByLabel("Definition", { exact: true }).fill("Report");
	await page.getByLabel("Command").fill("echo report");
	await page.getByRole("button", { name: "Add a parameter" }).click();
	await page.getByLabel("Name of parameter 1").fill("pw");
	await page.getByLabel("Parameter 1 is secret").check();
	await page.getByLabel("Value of parameter 1").fill("Zq7-quiet");
	for (const [i, one] of TYPES.entries()) {
		await page.getByRole("button", { name: "Add a type" }).click();
		await page.getByLabel(`Parameter of type ${i + 1}`, { exact: true }).fill(one.key);
		await page.getByLabel(`Type ${i + 1}`, { exact: true }).selectOption(one.type);
		if (one.hint) await page.getByLabel(`Hint of type ${i + 1}`).fill(one.hint);
		if (one.required) await page.getByLabel(`Parameter of type ${i + 1} is required`).check();
		if (one.choices) await page.getByLabel(`Choices of type ${i + 1}`).fill(one.choices);
	}
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("Report saved").waitFor();
	definition = Number(/definition\/(\d+)/.exec(page.url())[1]);
	const { parameterTypes } = await read(`admin/jd/${definition}`);
	if (JSON.stringify(parameterTypes[2].choices) !== '["red","light blue"]') throw new Error(JSON.stringify(parameterTypes));
});
await step("a description that is wrong is refused in words, and nothing typed is lost", async () => {
	await page.reload(); // as the server has it
	await page.getByLabel("Choices of type 3").fill("");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByRole("alert").getByText('field "parameterTypes[2].choices" has 0 values').waitFor();
	if ((await page.getByLabel("Hint of type 1").inputValue()) !== "1 to 12") throw new Error("lost");
});

await step("a secret is a text: the reason is said beside any other type, and by the server who is not asked", async () => {
	await page.reload();
	await page.getByLabel("Type 6", { exact: true }).selectOption("INTEGER");
	const why = page.getByText("pw is secret: nobody can check what is sealed, so its type is text.");
	await why.waitFor();
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByRole("alert").getByText('parameter "pw" is secret, so nobody can check what is sealed: its type must be TEXT, not INTEGER').waitFor();
	await page.getByLabel("Type 6", { exact: true }).selectOption("TEXT");
	await why.waitFor({ state: "detached" });
});

const launch = page.getByRole("button", { name: "Launch", exact: true });
const note = (label) => page.locator(".field", { has: page.getByLabel(label, { exact: true }) }).locator(".hint");
await step("each is asked for with the field for its type", async () => {
	await page.goto(`${base}#/launch?definition=Report`);
	await page.getByLabel("month (required)").waitFor();
	const kinds = [];
	for (const { key, required } of TYPES)
		kinds.push(await page.getByLabel(required ? `${key} (required)` : key, { exact: true }).evaluate((input) => input.type));
	const expected = ["number", "date", "select-one", "checkbox", "number", "password"];
	if (kinds.join() !== expected.join()) throw new Error(kinds.join());
	await note("month (required)").getByText("1 to 12").waitFor();
});
await step("what is missing or wrong is said beside its field, and nothing is sent", async () => {
	const sent = [];
	page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
	await launch.click();
	await note("month (required)").getByText("a value is needed").waitFor();
	if ((await focused()) !== "typed-0") throw new Error(`${await focused()} has the focus`);
	if ((await page.getByLabel("month (required)").getAttribute("aria-invalid")) !== "true") throw new Error("not told to readers of screens");
	await page.getByLabel("month (required)").fill("3.5");
	await launch.click();
	await note("month (required)").getByText("must be a whole number").waitFor();
	await page.getByLabel("month (required)").fill("3");
	// Half a date is no date, and not none either.
	await page.getByLabel("day", { exact: true }).focus();
	await page.keyboard.type("30");
	await launch.click();
	await note("day").getByText("must be a date").waitFor();
	await page.getByLabel("day", { exact: true }).fill("2026-11-30");
	return sent.length === 0 ? true : sent.join(" ");
});
await step("what the server alone knows is said there too", async () => {
	// Somebody takes a colour away meanwhile.
	const change = (choices) =>
		page.evaluate(
			async ([id, next]) => {
				const object = await (await fetch(`ws/admin/jd/${id}`, { headers: { Accept: "application/json" } })).json();
				object.parameterTypes[2].choices = next;
				const answer = await fetch(`ws/admin/jd/${id}`, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(object) });
				if (!answer.ok) throw new Error(await answer.text());
			},
			[definition, choices],
		);
	await page.getByLabel("colour", { exact: true }).selectOption("light blue");
	await change(["red"]);
	await launch.click();
	await note("colour").getByText('parameter "colour" is "light blue", not one of "red"').waitFor();
	await change(["red", "light blue"]);
});
await step("what fits is launched with its values, and a secret with what the definition has", async () => {
	await page.getByLabel("loud").check();
	await page.getByLabel("rate").fill("2.5");
	await launch.click();
	await page.waitForURL(/#\/run\/\d+/);
	await page.locator(".run-head .state-ended").waitFor();
	await page.locator("dd", { hasText: "light blue" }).waitFor();
});
await step("a definition without types is launched as ever", async () => {
	await page.goto(`${base}#/launch?definition=Untyped`);
	await page.getByRole("button", { name: "Add a parameter" }).click();
	await page.getByLabel("Name of parameter 1").fill("month");
	await page.getByLabel("Value of parameter 1").fill("May");
	await launch.click();
	await page.waitForURL(/#\/run\/\d+/);
	await page.locator("dd", { hasText: "May" }).waitFor();
});
await step("lines of CSV are looked at by the same rules", async () => {
	await page.goto(`${base}#/launch?view=csv`);
	const lines = page.getByLabel("Its lines");
	await lines.fill("definition,month,colour\nReport,3,red\nReport,May,\nReport,,blue\n");
	await page.getByText("Line 3: parameter month: must be a whole number").waitFor();
	await page.getByText("Line 4: parameter month: a value is needed").waitFor();
	await page.getByText("Line 4: parameter colour: must be one of: red, light blue").waitFor();
	await lines.fill("definition,month,colour\nReport,3,red\nReport,5,\n");
	await page.getByRole("button", { name: "Launch 2 jobs" }).click();
	await page.getByText("2 jobs launched").waitFor();
});

await step("a resource begins as one of fourteen models", async () => {
	await page.goto(`${base}#/resources`);
	await page.locator("summary", { hasText: "Add" }).click();
	const models = page.locator(".models button");
	await models.first().waitFor();
	const count = await models.count();
	await models.getByText("Mail session").click();
	const dialog = page.getByRole("dialog", { name: "Add: Mail session" });
	await dialog.getByLabel("Name", { exact: true }).fill("mail/office");
	await dialog.getByRole("button", { name: "Save" }).click();
	await page.getByRole("cell", { name: "mail/office", exact: true }).waitFor();
	const made = (await read("admin/jndi")).find((one) => one.name === "mail/office");
	const keys = made.parameters.map((one) => one.key).sort();
	if (count !== 14 || made.type !== "jakarta.mail.Session" || !made.singleton || keys.join() !== "fromAddress,smtpServerHost,smtpServerPort,useTls")
		throw new Error(`${count} ${JSON.stringify(made)}`);
});
await step("a list is typed line by line", async () => {
	await page.goto(`${base}#/webhooks`);
	await page.getByRole("button", { name: "Add", exact: true }).click();
	const list = page.getByRole("dialog").getByLabel("Ends that are told");
	await list.fill("");
	await list.pressSequentially("CRASHED\nKILLED");
	return (await list.inputValue()) === "CRASHED\nKILLED";
});
await lookAt(["launch?definition=Report", `definition/${definition}`, "resources"], await page.context().storageState());
await done();
