// SPDX-License-Identifier: Apache-2.0
/* pages.mjs: pages of the console, looked at: those of CONSOLE_PAGES, parted by blanks; "home" is the first one. */
import { done, lookAt, openAs, password } from "./browser.mjs";

const page = await openAs("root", password);
await lookAt(process.env.CONSOLE_PAGES.split(" ").map((name) => (name === "home" ? "" : name)), await page.context().storageState());
await done();
