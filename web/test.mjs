// SPDX-License-Identifier: Apache-2.0
// test.mjs: bundle test/*.test.ts into a temporary directory and let node's own runner run them; TAP on standard output.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const out = mkdtempSync(path.join(os.tmpdir(), "jqm-web-test-"));
try {
	const tests = readdirSync("test").filter((name) => name.endsWith(".test.ts"));
	await build({
		entryPoints: tests.map((name) => path.join("test", name)),
		outdir: out,
		outExtension: { ".js": ".mjs" },
		bundle: true,
		platform: "node",
		format: "esm",
		target: "node18",
		jsx: "automatic",
		jsxImportSource: "preact",
		logLevel: "warning",
	});
	const run = spawnSync(process.execPath, ["--test", "--test-reporter=tap", ...readdirSync(out).map((name) => path.join(out, name))], {
		stdio: "inherit",
	});
	process.exitCode = run.status ?? 1;
} finally {
	rmSync(out, { recursive: true, force: true });
}
