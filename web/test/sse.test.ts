// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { SentEvents } from "../src/sse.ts";

const stream = ': hello\nretry: 2000\nevent: state\nid: 1\ndata: {"a":1}\n\nevent: state\r\ndata:x\r\ndata: y\r\n\r\nid: 7\n\ndata: z\n\n';

test("events are the same however the stream is cut", () => {
	const whole = new SentEvents().push(stream);
	assert.deepEqual(whole, [
		{ event: "state", data: '{"a":1}' },
		{ event: "state", data: "x\ny" },
		{ event: "message", data: "z" },
	]);
	for (let at = 1; at < stream.length; at++) {
		const events = new SentEvents();
		assert.deepEqual([...events.push(stream.slice(0, at)), ...events.push(stream.slice(at))], whole);
	}
});

test("an id counts when its event is complete, and without one too", () => {
	const events = new SentEvents();
	events.push("id: 1\ndata: x\n");
	assert.equal(events.lastId, "");
	events.push("\n");
	assert.equal(events.lastId, "1");
	assert.deepEqual(events.push("id: 2\n\n"), []);
	assert.equal(events.lastId, "2");
});

test("a comment is nothing", () => {
	assert.deepEqual(new SentEvents().push(": still here\n\n:\n\n"), []);
});
