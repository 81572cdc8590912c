/* SPDX-License-Identifier: Apache-2.0 */
package com.enioka.jqm.api;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.List;
import java.util.Properties;

/**
 * JQM's JqmClient, spoken over the web service as JQM's own web-service client was seen to speak it: the same paths,
 * methods, headers, documents and readings of statuses.  Methods that return nothing look at no status; for who tests
 * them it is in Wire.last().  The rest of JQM's client library is used as published.
 */
final class WireClient implements JqmClient {
	private final Wire wire;

	WireClient(Properties properties) {
		wire = new Wire(properties);
	}

	// ---- how calls are read

	/** 400 is the caller's fault, anything else that is no 2xx a failure. */
	private static Wire.Answer good(Wire.Answer a) {
		if (a.status == 400) {
			throw new JqmInvalidRequestException(a.text());
		}
		return good2xx(a);
	}

	private static Wire.Answer good2xx(Wire.Answer a) {
		if (a.status / 100 != 2) {
			throw new JqmClientException(a.call + ": " + a.status + " " + a.text());
		}
		return a;
	}

	private Wire.Answer get(String path) {
		return wire.call("GET", path, null);
	}

	private void post(String path) {
		wire.call("POST", path, null);
	}

	private void delete(String path) {
		wire.call("DELETE", path, null);
	}

	/** A text in a path: a slash stays one, so does what looks escaped already; only what no path may have is escaped. */
	private static String escaped(String text) {
		try {
			return new URI(null, null, "/" + text, null).toASCIIString().substring(1)
			    .replaceAll("%25(?=[0-9A-Fa-f]{2})", "%");
		} catch (URISyntaxException e) {
			throw new JqmClientException(e);
		}
	}

	private static InputStream stream(Wire.Answer answer) {
		return new ByteArrayInputStream(good(answer).body);
	}

	// ---- enqueueing

	@Override
	public int enqueue(JobRequest request) {
		return Wire.one(good(wire.call("POST", "/ji", request)), JobInstance.class).getId();
	}

	@Override
	public int enqueue(String applicationName, String user) {
		return enqueue(new JobRequest(applicationName, user));
	}

	/** Done on this side: the old job is read, and a new request made of it. */
	@Override
	public int enqueueFromHistory(int id) {
		JobInstance old = getJob(id);
		JobRequest request = new JobRequest(old.getApplicationName(), old.getUser());
		request.setApplication(old.getApplication());
		request.setEmail(old.getEmail());
		request.setKeyword1(old.getKeyword1()).setKeyword2(old.getKeyword2()).setKeyword3(old.getKeyword3());
		request.setModule(old.getModule());
		request.setParentID(old.getParent());
		request.setSessionID(old.getSessionID());
		request.addParameters(old.getParameters());
		return enqueue(request);
	}

	@Override
	public int restartCrashedJob(int id) {
		return Wire.one(good(wire.call("DELETE", "/ji/crashed/" + id, null)), JobInstance.class).getId();
	}

	// ---- one job

	@Override
	public void cancelJob(int id) {
		post("/ji/cancelled/" + id);
	}

	@Override
	public void deleteJob(int id) {
		delete("/ji/waiting/" + id);
	}

	@Override
	public void killJob(int id) {
		post("/ji/killed/" + id);
	}

	@Override
	public void pauseQueuedJob(int id) {
		post("/ji/paused/" + id);
	}

	@Override
	public void resumeQueuedJob(int id) {
		delete("/ji/paused/" + id);
	}

	/** The older name. */
	@Override
	public void resumeJob(int id) {
		resumeQueuedJob(id);
	}

	@Override
	public void pauseRunningJob(int id) {
		post("/ji/running/paused/" + id);
	}

	@Override
	public void resumeRunningJob(int id) {
		delete("/ji/running/paused/" + id);
	}

	@Override
	public void setJobQueue(int id, int queueId) {
		post("/q/" + queueId + "/" + id);
	}

	@Override
	public void setJobQueue(int id, Queue queue) {
		setJobQueue(id, queue.getId());
	}

	@Override
	public void setJobQueuePosition(int id, int position) {
		post("/ji/" + id + "/position/" + position);
	}

	@Override
	public void setJobPriority(int id, int priority) {
		post("/ji/" + id + "/priority/" + priority);
	}

	@Override
	public void setJobRunAfter(int id, Calendar when) {
		post("/ji/" + id + "/delay/" + when.getTimeInMillis());
	}

	// ---- schedules

	@Override
	public void removeRecurrence(int id) {
		delete("/schedule/" + id);
	}

	@Override
	public void setScheduleRecurrence(int id, String cron) {
		post("/schedule/" + id + "/cron/" + escaped(cron));
	}

	@Override
	public void setScheduleQueue(int id, int queueId) {
		post("/schedule/" + id + "/queue/" + queueId);
	}

	@Override
	public void setSchedulePriority(int id, int priority) {
		post("/schedule/" + id + "/priority/" + priority);
	}

	// ---- reading jobs

	@Override
	public JobInstance getJob(int id) {
		return Wire.one(good(get("/ji/" + id)), JobInstance.class);
	}

	@Override
	public List<JobInstance> getJobs() {
		return Wire.list(good2xx(get("/ji")), JobInstance.class);
	}

	@Override
	public List<JobInstance> getActiveJobs() {
		return Wire.list(good2xx(get("/ji/active")), JobInstance.class);
	}

	@Override
	public List<JobInstance> getUserActiveJobs(String user) {
		return Wire.list(good(get("/user/" + escaped(user) + "/ji")), JobInstance.class);
	}

	/** The caller's query gets the results. */
	@Override
	public List<JobInstance> getJobs(Query query) {
		Query answer = Wire.one(good(wire.call("POST", "/ji/query", query)), Query.class);
		query.setResults(answer.getResults());
		query.setResultSize(answer.getResultSize());
		return query.getResults();
	}

	@Override
	public List<String> getJobMessages(int id) {
		return getJob(id).getMessages();
	}

	@Override
	public int getJobProgress(int id) {
		return getJob(id).getProgress();
	}

	// ---- files and logs

	@Override
	public List<Deliverable> getJobDeliverables(int id) {
		return Wire.list(good(get("/ji/" + id + "/files")), Deliverable.class);
	}

	@Override
	public List<InputStream> getJobDeliverablesContent(int id) {
		List<InputStream> streams = new ArrayList<>();
		for (Deliverable d : getJobDeliverables(id)) {
			streams.add(getDeliverableContent(d));
		}
		return streams;
	}

	@Override
	public InputStream getDeliverableContent(Deliverable d) {
		return stream(wire.call("POST", "/ji/files", d));
	}

	@Override
	public InputStream getDeliverableContent(int id) {
		return stream(get("/ji/files/" + id));
	}

	@Override
	public InputStream getJobLogStdOut(int id) {
		return stream(get("/ji/" + id + "/stdout"));
	}

	@Override
	public InputStream getJobLogStdErr(int id) {
		return stream(get("/ji/" + id + "/stderr"));
	}

	// ---- queues

	@Override
	public List<Queue> getQueues() {
		return Wire.list(good2xx(get("/q")), Queue.class);
	}

	@Override
	public void pauseQueue(Queue q) {
		post("/q/" + q.getId() + "/pause");
	}

	@Override
	public void resumeQueue(Queue q) {
		delete("/q/" + q.getId() + "/pause");
	}

	@Override
	public void clearQueue(Queue q) {
		post("/q/" + q.getId() + "/clear");
	}

	/** The status is not looked at: what is no such document fails for its type. */
	@Override
	public QueueStatus getQueueStatus(Queue q) {
		return Wire.one(get("/q/" + q.getId() + "/status"), QueueStatus.class);
	}

	@Override
	public int getQueueEnabledCapacity(Queue q) {
		Wire.Answer answer = get("/q/" + q.getId() + "/enabled-capacity");
		if (!answer.type.startsWith("text/plain")) {
			throw new JqmClientException(answer.call + ": no reader for content type " + answer.type);
		}
		return Integer.parseInt(answer.text());
	}

	// ---- definitions

	@Override
	public List<JobDef> getJobDefinitions() {
		return Wire.list(good2xx(get("/jd")), JobDef.class);
	}

	@Override
	public List<JobDef> getJobDefinitions(String application) {
		return Wire.list(good2xx(get("/jd/" + escaped(application))), JobDef.class);
	}

	/** No fault of this is called an invalid request. */
	@Override
	public JobDef getJobDefinition(String name) {
		return Wire.one(good2xx(get("/jd/name/" + escaped(name))), JobDef.class);
	}

	@Override
	public void dispose() {
		wire.close();
	}
}
