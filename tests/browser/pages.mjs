// SPDX-License-Identifier: Apache-2.0
/* pages.mjs: every page of the console, looked at. */
import { done, lookAt, openAs, password } from "./browser.mjs";

const job = process.env.CONSOLE_JOB;
const PAGES = ["", "runs", "runs?view=timeline", `run/${job}`, `run/${job}?view=stdout`, "launch?definition=Colours", "definitions", "definition/1", "queues", "nodes",
	"mappings", "limits", "webhooks", "parameters", "resources", "contexts", "files", "users", "roles", "certificates", "certmappings", "audit", "account", "about", "api/post_client_ji?find=client"];
const page = await openAs("root", password);
await lookAt(PAGES, await page.context().storageState());
await done();
