// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { answerOf, callsOf, curlOf, followed, sampleOf, typeWords, type Call, type Description } from "../src/openapi.ts";

const text = { type: "string" };
const doc: Description = {
	info: { version: "1", description: "d" },
	tags: [{ name: "client", description: "jobs" }],
	paths: {
		"/ws/client/ji": {
			post: {
				operationId: "post_client_ji", tags: ["client"], summary: "enqueue a job", "x-permission": ["job_instance:create"], "x-job-token": true,
				requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/request" } } } },
				responses: { 200: { description: "it" }, 400: { $ref: "#/components/responses/400" } },
			},
		},
		"/ws/client/ji/{id}": {
			get: { operationId: "g", tags: ["client"], summary: "one job", "x-permission": ["job_instance:read"], "x-job-token": true, responses: {} },
		},
		"/ws/simple/status": {
			get: {
				operationId: "s", tags: ["simple"], summary: "state of a job", "x-permission": [], "x-job-token": false, responses: {},
				parameters: [{ name: "id", in: "query", required: true, schema: { type: "integer" } }, { name: "x", in: "query", schema: text }],
			},
		},
	},
	components: {
		schemas: {
			request: { type: "object", required: ["name"], properties: { name: text, n: { type: "integer", minimum: 3 }, self: { $ref: "#/components/schemas/request" } } },
			loose: { type: "object", properties: { a: { type: "boolean" }, b: { enum: ["X", null] }, c: text } },
		},
		responses: { 400: { description: "something is wrong" } },
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

test("a sample has what is required, or a little, and ends", () => {
	assert.deepEqual(sampleOf(doc, { $ref: "#/components/schemas/request" }), { name: "text" });
	assert.deepEqual(sampleOf(doc, { $ref: "#/components/schemas/loose" }), { a: true, b: "X" });
	assert.deepEqual(sampleOf(doc, { type: "integer", minimum: 3 }), 3);
	const turning: Description = { ...doc, components: { ...doc.components, schemas: { t: { properties: { list: { items: { $ref: "#/components/schemas/t" } } } } } } };
	assert.equal(typeof JSON.stringify(sampleOf(turning, { $ref: "#/components/schemas/t" })), "string");
});

test("a line for a shell makes the call", () => {
	assert.equal(curlOf(doc, call("enqueue"), "http://h/ws/"), `curl -u LOGIN -X POST -H 'Content-Type: application/json' -d '{"name":"text"}' 'http://h/ws/client/ji'`);
	assert.equal(curlOf(doc, call("state"), "http://h/ws/"), "curl -u LOGIN 'http://h/ws/simple/status?id=...'");
});
