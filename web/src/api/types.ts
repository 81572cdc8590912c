// SPDX-License-Identifier: Apache-2.0
/* api/types.ts: what the web API says, as far as the console reads it.  Dates are milliseconds since 1970. */

import type { ParameterType } from "../parameter_type.ts";

export const LIVE_STATES = ["SCHEDULED", "SUBMITTED", "ATTRIBUTED", "RUNNING", "HOLDED"] as const;
export const PAST_STATES = ["ENDED", "CRASHED", "KILLED", "CANCELLED"] as const;

export interface Attempt {
	attempt: number;
	nodeName: string | null;
	beganRunningDate: number | null;
	endDate: number | null;
	exitCode: number | null;
	signal: number | null;
	endReason: string | null;
}

export interface Job {
	id: number;
	applicationName: string | null;
	parent: number;
	user: string | null;
	sessionID: string | null;
	traceId: string | null;
	state: string;
	position: number;
	priority: number | null;
	queueName: string | null;
	keyword1: string | null;
	keyword2: string | null;
	keyword3: string | null;
	module: string | null;
	email: string | null;
	application: string | null;
	parameters: Pair[];
	progress: number;
	messages: string[];
	enqueueDate: number | null;
	beganRunningDate: number | null;
	endDate: number | null;
	runAfter: number | null;
	nodeName: string | null;
	highlander: boolean;
	fromSchedule: boolean;
	exitCode: number | null;
	signal: number | null;
	endReason: string | null;
	attempt: number;
	maxAttempts: number;
	failures: number;
	nodeLosses: number;
	attempts: Attempt[];
	waitFor: string[];
	scheduleId: number | null;
	restartOf: number | null;
	concurrencyKey: string | null;
	late: boolean;
}

/** A member of a map: lists of pairs on JQM's wire. */
export interface Pair {
	key: string;
	value: string;
	/** The value is a mask: the server gives no secret, and takes the mask as "as it is". */
	secret?: boolean;
}

export interface JobQuery {
	jobInstanceId?: number;
	parentId?: number;
	applicationName?: string[];
	user?: string;
	sessionId?: string;
	queueName?: string;
	nodeName?: string;
	instanceKeyword1?: string;
	instanceKeyword2?: string;
	instanceKeyword3?: string;
	instanceModule?: string;
	instanceApplication?: string;
	jobDefKeyword1?: string;
	jobDefKeyword2?: string;
	jobDefKeyword3?: string;
	jobDefModule?: string;
	jobDefApplication?: string;
	enqueuedAfter?: number;
	enqueuedBefore?: number;
	beganRunningAfter?: number;
	beganRunningBefore?: number;
	endedAfter?: number;
	endedBefore?: number;
	statuses?: string[];
	firstRow?: number;
	pageSize?: number;
	sortby?: { col: string; order: "ASCENDING" | "DESCENDING" }[];
	queryLiveInstances?: boolean;
	queryHistoryInstances?: boolean;
	after?: number;
}

export interface JobPage {
	instances: Job[];
	resultSize: number | null;
	resultSizeEstimated: boolean;
}

export interface Deliverable {
	id: number;
	fileFamily: string | null;
	originalName: string | null;
	sizeBytes: number;
	sha256: string | null;
	randomId: string | null;
}

export interface Queue {
	id: number;
	name: string;
	description: string | null;
}

export interface Me {
	login: string | null;
	permissions: string[];
}

export interface UsageStats {
	activeNodes: number;
	queues: number;
	pausedJobs: number;
	submittedJobs: number;
	runningJobs: number;
	scheduledJobs: number;
	lateJobs: number;
}

export interface QueueLoad {
	id: number;
	name: string;
	waiting: number;
	running: number;
	held: number;
	scheduled: number;
	capacity: number;
	/** Since when the one that waits longest could have begun. */
	waitingSince: number | null;
}

export interface HistorySlot {
	slotStart: string;
	ended: number;
	crashed: number;
	killed: number;
	cancelled: number;
	/** Of those that ran: mean and longest; null when there was none. */
	waitMs: number | null;
	waitMaxMs: number | null;
	runMs: number | null;
	runMaxMs: number | null;
}

export interface Schedule {
	id: number;
	cronExpression: string | null;
	queue: number | null;
	priority: number | null;
	parameters: Pair[];
	jobDefId: number | null;
	timeZone: string | null;
	dayRule: string | null;
	enabled: boolean;
	overlap: string | null;
	misfire: string | null;
	misfireWindowSeconds: number | null;
	nextFireDate: number | null;
	problem: string | null;
}

export interface Definition {
	id: number;
	applicationName: string;
	description: string | null;
	queueId: number | null;
	enabled: boolean;
	highlander: boolean;
	jarPath: string | null;
	pathType: string | null;
	application: string | null;
	module: string | null;
	keyword1: string | null;
	keyword2: string | null;
	keyword3: string | null;
	parameters: Pair[];
	parameterTypes: ParameterType[];
	schedules: Schedule[];
	priority: number | null;
	[field: string]: unknown;
}
