// SPDX-License-Identifier: Apache-2.0
/* certificate.mjs: somebody whose browser shows a client certificate, over TLS. */
import { base, done, open, step } from "./browser.mjs";

const certificate = {
	ignoreHTTPSErrors: true,
	clientCertificates: [{ origin: new URL(base).origin, certPath: process.env.CONSOLE_CERTIFICATE, keyPath: process.env.CONSOLE_KEY }],
};

await step("over TLS who shows no certificate is asked for a login", async () => {
	const stranger = await open({ ignoreHTTPSErrors: true });
	await stranger.goto(base);
	await stranger.getByRole("dialog", { name: "Log in to JQM" }).waitFor();
	await stranger.context().close();
});
const page = await open(certificate);
await step("who shows a client certificate is in at once, as its account", async () => {
	await page.goto(base);
	await page.getByRole("heading", { name: "Home" }).waitFor().catch(async (failure) => {
		throw new Error(`${await page.locator("body").innerText()}\n${failure.message}`);
	});
	await page.getByRole("banner").getByRole("link", { name: "carol" }).waitFor();
});
await step("and works: a job is launched and followed to its file", async () => {
	await page.goto(`${base}#/launch?definition=Makes`);
	await page.getByRole("button", { name: "Launch", exact: true }).click();
	await page.waitForURL(/#\/run\/\d+/);
	await page.locator(".run-head .state-ended").waitFor();
	await page.getByRole("link", { name: "Files" }).click();
	await page.getByRole("link", { name: "made.txt" }).waitFor();
});
await step("there is no session to leave, and it is said so", async () => {
	await page.getByRole("button", { name: "Log out" }).click();
	await page.getByText("You are here by a certificate").waitFor();
});
await done();
