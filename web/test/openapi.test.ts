// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { answerOf, callsOf, curlOf, exampleOf, followed, typeWords, type Call, type Description } from "../src/openapi.ts";

const text = { type: "string" };
const doc: Description = {
	info: { version: "1", description: "d" },
	tags: [{ name: "client", description: "jobs" }],
	paths: {
		"/ws/client/ji": {
			post: {
				operationId: "post_client_ji", tags: ["client"], summary: "enqueue a job", "x-permission": ["job_instance:create"], "x-job-token": true,
				requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/request" }, examples: { one: { $ref: "#/components/examples/request" } } } } },
				responses: { 200: { description: "it" }, 400: { $ref: "#/components/responses/400" } },
			},
		},
		"/ws/client/ji/{id}": {
			get: { operationId: "g", tags: ["client"], summary: "one job", "x-permission": ["job_instance:read"], "x-job-token": true, responses: {} },
		},
		"/ws/simple/status": {
			get: {
				operationId: "s", tags: ["simple"], summary: "state of a job", "x-permission": [], "x-job-token": false, responses: {},
				parameters: [{ name: "id", in: "query", required: true, schema: { type: "integer" }, example: 42 }, { name: "x", in: "query", schema: text }],
			},
		},
	},
	components: {
		schemas: {
			request: { type: "object", required: ["name"], properties: { name: text, n: { type: "integer", minimum: 3 }, self: { $ref: "#/components/schemas/request" } } },
			loose: { type: "object", properties: { a: { type: "boolean" }, b: { enum: ["X", null] }, c: text } },
		},
		responses: { 400: { description: "something is wrong" } },
		examples: { request: { value: { name: "it's" } } },
	},
};
const call = (find: string) => callsOf(doc, find)[0] as Call;

test("calls are found by every word of address, summary and permission", () => {
	assert.deepEqual(callsOf(doc).map((one) => `${one.method} ${one.path}`), ["POST /ws/client/ji", "GET /ws/client/ji/{id}", "GET /ws/simple/status"]);
	assert.deepEqual(callsOf(doc, " JOB  read ").map((one) => one.operationId), ["g"]);
	assert.deepEqual(callsOf(doc, "nothing like it"), []);
});

test("references lead to what they name", () => {
	assert.equal(followed(doc, { $ref: "#/components/schemas/request" }).name, "request");
	assert.deepEqual(followed(doc, { $ref: "#/components/schemas/none" }), { name: "none", schema: {} });
	assert.equal(answerOf(doc, { $ref: "#/components/responses/400" }).description, "something is wrong");
});

test("types are told in words", () => {
	assert.equal(typeWords({ type: ["integer", "null"], minimum: 1, maximum: 9 }), "integer | null, 1 to 9");
	assert.equal(typeWords({ type: "array", items: { $ref: "#/components/schemas/request" } }), "array of request");
	assert.equal(typeWords({ oneOf: [{ enum: ["A", "B"] }, { type: "string", maxLength: 5 }] }), "A | B | string, 5 characters");
});

test("examples stand in the document, or where it leads to", () => {
	assert.deepEqual(exampleOf(doc, { examples: { one: { $ref: "#/components/examples/request" } } }), { name: "it's" });
	assert.equal(exampleOf(doc, { example: 42, examples: {} }), 42);
	assert.equal(exampleOf(doc, { examples: { one: { value: "x" } } }), "x");
	assert.equal(exampleOf(doc, { examples: { one: { $ref: "#/components/examples/none" } } }), undefined);
	assert.equal(exampleOf(doc, {}), undefined);
});

test("a line for a shell makes the call", () => {
	assert.equal(curlOf(doc, call("enqueue"), "http://h/ws/"), `curl -u LOGIN -X POST -H 'Content-Type: application/json' -d '{"name":"it'\\''s"}' 'http://h/ws/client/ji'`);
	const form: Call = { ...call("enqueue"), path: "/ws/form", requestBody: { content: { "application/x-www-form-urlencoded": { example: { n: 3, text: "a b" } } } } };
	assert.equal(curlOf(doc, form, "http://h/ws/"), "curl -u LOGIN -X POST --data-urlencode 'n=3' --data-urlencode 'text=a b' 'http://h/ws/form'");
	const file: Call = { ...form, requestBody: { content: { "application/xml": { example: "<x/>" } } } };
	assert.equal(curlOf(doc, file, "http://h/ws/"), "curl -u LOGIN -X POST -H 'Content-Type: application/xml' --data-binary @FILE 'http://h/ws/form'");
	assert.equal(curlOf(doc, call("state"), "http://h/ws/"), "curl -u LOGIN 'http://h/ws/simple/status?id=42'");
});
