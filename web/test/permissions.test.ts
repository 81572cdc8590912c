// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { permissionOf, textOf } from "../src/permission.ts";
import { includes } from "../src/session.tsx";

test("permissions include what fcgi/authz.c says they include", () => {
	assert.equal(includes(["*:*"], "jd:delete"), true);
	assert.equal(includes(["jd:read"], "jd:delete"), false);
	assert.equal(includes(["jd:*"], "jd:delete"), true);
	assert.equal(includes(["jd"], "jd:delete"), true);
	assert.equal(includes(["jd,queue:read,update"], "queue:update"), true);
	assert.equal(includes(["JD:Read"], "jd:read"), true);
	assert.equal(includes([], "jd:read"), false);
	// With a limit: shown, and the server sees to the limit.
	assert.equal(includes(["jd:read@definition=Report"], "jd:read"), true);
	assert.equal(includes(["jd:read@definition=Report"], "jd:delete"), false);
});

test("a permission is read and written as it was, whatever its limit is called", () => {
	for (const text of ["*:*", "job_instance:read,create", "logs:read@own", "jd:*@queue=NIGHT", "files:read@definition=a@b=c:d"])
		assert.equal(textOf(permissionOf(text)!), text);
});

test("what it does not know stays text", () => {
	for (const text of ["*", "jd", "job_instance:fly", "nonsense:read", "a,b:read", "jd:read@planet=x", "a:b:c"])
		assert.equal(permissionOf(text), null, text);
});
