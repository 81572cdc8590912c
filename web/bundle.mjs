// SPDX-License-Identifier: Apache-2.0
// bundle.mjs [--out DIR]: bundle src/ and copy public/ into DIR (default ../build/web).  The names of script and
// style carry a hash of their content, so nginx may let browsers keep them for ever; beside each lies the same compressed, as good as
// gzip can, which nginx sends to browsers that take it.
import { build } from "esbuild";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { constants, gzipSync } from "node:zlib";

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const at = process.argv.indexOf("--out");
const out = path.resolve(at > 0 ? process.argv[at + 1] : path.join(here, "../build/web"));

await rm(out, { recursive: true, force: true });
await mkdir(path.join(out, "assets"), { recursive: true });
const result = await build({
	entryPoints: { console: path.join(here, "src/main.tsx") },
	outdir: path.join(out, "assets"),
	entryNames: "[name]-[hash]",
	bundle: true,
	minify: true,
	format: "esm",
	target: "es2022",
	jsx: "automatic",
	jsxImportSource: "preact",
	legalComments: "eof",
	metafile: true,
	logLevel: "warning",
});
const names = Object.keys(result.metafile.outputs).map((name) => path.basename(name));
const script = names.find((name) => name.endsWith(".js"));
const style = names.find((name) => name.endsWith(".css"));
if (!script || !style) throw new Error(`no script or no style among ${names.join(", ")}`);

await cp(path.join(here, "public"), out, { recursive: true });
const page = await readFile(path.join(out, "index.html"), "utf8");
await writeFile(
	path.join(out, "index.html"),
	page.replace("@SCRIPT@", `assets/${script}`).replace("@STYLE@", `assets/${style}`),
);
for (const name of [script, style]) {
	const file = path.join(out, "assets", name);
	await writeFile(`${file}.gz`, gzipSync(await readFile(file), { level: constants.Z_BEST_COMPRESSION, memLevel: 9 }));
}
