/* SPDX-License-Identifier: Apache-2.0 */
package interop;

import com.enioka.jqm.api.Deliverable;
import com.enioka.jqm.api.JobDef;
import com.enioka.jqm.api.JobInstance;
import com.enioka.jqm.api.JobRequest;
import com.enioka.jqm.api.JqmClient;
import com.enioka.jqm.api.JqmClientException;
import com.enioka.jqm.api.JqmClientFactory;
import com.enioka.jqm.api.JqmInvalidRequestException;
import com.enioka.jqm.api.Query;
import com.enioka.jqm.api.Queue;
import com.enioka.jqm.api.QueueStatus;
import com.enioka.jqm.api.Schedule;
import com.enioka.jqm.api.State;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Calendar;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TimeZone;
import java.util.stream.Collectors;

/**
 * Every method of JQM's JqmClient against a live stack: Drive URL LOGIN PASSWORD, or over TLS with a certificate
 * Drive URL LOGIN PASSWORD TRUSTSTORE KEYSTORE, both PKCS12 with the word "interop".  run.sh has defined what is
 * driven: queues DEFAULT and other (taken by no node), definitions Deliver, Ledger, Crash, Forever, Reports.
 */
public final class Drive {
	private static final String WS = "com.enioka.jqm.ws.";
	private static final String[] TAGS = { "ERP", "billing", "k1", "k2", "k3" };

	private final Checks t = new Checks();
	private final Set<String> driven = new HashSet<>();
	private final JqmClient c;
	private Queue standard;
	private Queue other;

	private Drive() {
		c = watched(JqmClientFactory.getClient());
	}

	public static void main(String[] args) {
		Properties p = new Properties();
		p.setProperty(WS + "url", args[0] + "/ws/client");
		if (args.length == 3) {
			p.setProperty(WS + "login", args[1]);
			p.setProperty(WS + "password", args[2]);
		} else {
			store(p, "truststore", args[3]);
			store(p, "keystore", args[4]);
		}
		JqmClientFactory.setProperties(p);
		Drive d = new Drive();
		d.queues();
		d.definitions();
		d.enqueueing();
		d.past();
		d.waiting();
		d.running();
		d.schedules();
		new DriveQueries(d.t, d.c, d.other).run();
		d.refusals(p);
		d.coverage();
		System.exit(d.t.failed() ? 1 : 0);
	}

	private static void store(Properties p, String which, String file) {
		p.setProperty(WS + which + "File", file);
		p.setProperty(WS + which + "Type", "PKCS12");
		p.setProperty(WS + which + "Pass", "interop");
	}

	/** The client, with a note of each method that is called. */
	private JqmClient watched(JqmClient client) {
		return (JqmClient) Proxy.newProxyInstance(Drive.class.getClassLoader(), new Class<?>[] { JqmClient.class },
		    (proxy, method, args) -> {
			    driven.add(name(method));
			    try {
				    return method.invoke(client, args);
			    } catch (InvocationTargetException e) {
				    throw e.getCause();
			    }
		    });
	}

	private static String name(Method m) {
		return m.getName() + Arrays.stream(m.getParameterTypes()).map(Class::getSimpleName)
		    .collect(Collectors.joining(", ", "(", ")"));
	}

	static String text(InputStream in) throws Exception {
		try (in) {
			return new String(in.readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	private boolean isOver(int id) {
		return c.getJob(id).getEndDate() != null;
	}

	private int held(String definition) {
		return c.enqueue(JobRequest.create(definition, "interop").startHeld());
	}

	private void queues() {
		List<Queue> all = c.getQueues();
		Map<String, Queue> byName = new HashMap<>();
		all.forEach(q -> byName.put(q.getName(), q));
		standard = byName.get("DEFAULT");
		other = byName.get("other");
		t.is("getQueues: all, by name", Set.of("DEFAULT", "other"), byName::keySet);
		t.is("getQueues: their descriptions", "taken by no node", other::getDescription);
		t.is("getQueueStatus: of a queue that is taken", QueueStatus.RUNNING, () -> c.getQueueStatus(standard));
		t.is("getQueueStatus: of one that is not", QueueStatus.PAUSED, () -> c.getQueueStatus(other));
		t.holds("getQueueEnabledCapacity: of a queue that is taken", () -> c.getQueueEnabledCapacity(standard) > 0);
		t.is("getQueueEnabledCapacity: of one that is not", 0, () -> c.getQueueEnabledCapacity(other));
		t.done("pauseQueue", () -> c.pauseQueue(standard));
		t.is("pauseQueue: the queue is paused", QueueStatus.PAUSED, () -> c.getQueueStatus(standard));
		t.done("resumeQueue", () -> c.resumeQueue(standard));
		t.is("resumeQueue: the queue runs", QueueStatus.RUNNING, () -> c.getQueueStatus(standard));
		int id = c.enqueue(JobRequest.create("Deliver", "interop").setQueueName("other"));
		t.done("clearQueue", () -> c.clearQueue(other));
		t.holds("clearQueue: nothing waits there any more",
		    () -> c.getActiveJobs().stream().noneMatch(j -> j.getId() == id));
	}

	private void definitions() {
		t.is("getJobDefinitions: all", Set.of("Deliver", "Ledger", "Crash", "Forever", "Reports"),
		    () -> c.getJobDefinitions().stream().map(JobDef::getApplicationName).collect(Collectors.toSet()));
		t.is("getJobDefinitions(String): those of an application", List.of("Deliver"),
		    () -> c.getJobDefinitions("ERP").stream().map(JobDef::getApplicationName).collect(Collectors.toList()));
		t.is("getJobDefinitions(String): none", List.of(), () -> c.getJobDefinitions("none"));
		JobDef d = c.getJobDefinition("Deliver");
		t.is("getJobDefinition: its tags", List.of(TAGS), () -> List.of(d.getApplication(), d.getModule(),
		    d.getKeyword1(), d.getKeyword2(), d.getKeyword3()));
		t.is("getJobDefinition: its description", "delivers a file & <more>", d::getDescription);
		t.is("getJobDefinition: its parameters", Map.of("who", "world", "what", "a \"b\" & c"), d::getParameters);
		t.is("getJobDefinition: its queue", "DEFAULT", () -> d.getDefaultQueue().getName());
		t.is("getJobDefinition: its flags", "false true", () -> d.isHighlander() + " " + d.isRestartable());
		t.is("getJobDefinition: it has no schedules", List.of(), d::getSchedules);
	}

	private static JobRequest fullRequest(Calendar after) {
		return JobRequest.create("Deliver", "alice").setApplication("app").setEmail("a@example.org")
		    .setKeyword1("EU").setKeyword2("\u00e9t\u00e9").setKeyword3("<&>\"'").setModule("mod").setPriority(4)
		    .setQueueName("other").setSessionID("batch-77").setRunAfter(after).addParameter("month", "2024-03")
		    .addParameter("who", "you");
	}

	private void enqueueing() {
		Calendar after = Calendar.getInstance(TimeZone.getTimeZone("Europe/Paris"));
		after.set(2031, Calendar.JUNE, 1, 2, 3, 0);
		after.set(Calendar.MILLISECOND, 0);
		int parent = c.enqueue("Deliver", "interop");
		t.becomes("enqueue(String, String): the job runs and ends", () -> isOver(parent));
		int id = c.enqueue(fullRequest(after).setParentID(parent));
		JobInstance j = c.getJob(id);
		t.is("enqueue(JobRequest), getJob: its id", id, j::getId);
		t.is("getJob: definition, user, session, module, application, email",
		    List.of("Deliver", "alice", "batch-77", "mod", "app", "a@example.org"), () -> List.of(
			j.getApplicationName(), j.getUser(), j.getSessionID(), j.getModule(), j.getApplication(), j.getEmail()));
		t.is("getJob: keywords of the request", List.of("EU", "\u00e9t\u00e9", "<&>\"'"),
		    () -> List.of(j.getKeyword1(), j.getKeyword2(), j.getKeyword3()));
		t.is("getJob: keywords of the definition", List.of("k1", "k2", "k3"),
		    () -> List.of(j.getDefinitionKeyword1(), j.getDefinitionKeyword2(), j.getDefinitionKeyword3()));
		t.is("getJob: parent, priority", List.of(parent, 4), () -> List.of(j.getParent(), j.getPriority()));
		t.is("getJob: state", State.SCHEDULED, j::getState);
		t.is("getJob: queue", "other other " + other.getId(),
		    () -> j.getQueueName() + " " + j.getQueue().getName() + " " + j.getQueue().getId());
		t.is("getJob: parameters of both, the request's win",
		    Map.of("who", "you", "what", "a \"b\" & c", "month", "2024-03"), j::getParameters);
		t.is("getJob: the time it may run from, to the minute", after.getTimeInMillis(),
		    () -> j.getRunAfter().getTimeInMillis());
		t.holds("getJob: it was enqueued now", () -> Math.abs(j.getEnqueueDate().getTimeInMillis()
		    - System.currentTimeMillis()) < 60000);
		t.is("getJob: what it has not yet", "null null null",
		    () -> j.getBeganRunningDate() + " " + j.getEndDate() + " " + j.getNodeName());
		t.is("getJob: progress, messages, highlander", "0 [] false",
		    () -> j.getProgress() + " " + j.getMessages() + " " + j.isHighlander());
		t.holds("getJob: a position", () -> j.getPosition() > 0);
		t.holds("getJob: who may run later only counts as scheduled", j::isFromSchedule);
		t.holds("JobRequest.submit()", () -> JobRequest.create("Deliver", "interop").startHeld().submit() > id);
		t.done("cancelJob", () -> c.cancelJob(id));
		t.is("cancelJob: it is history", State.CANCELLED, () -> c.getJob(id).getState());
	}

	private void past() {
		int id = c.enqueue(JobRequest.create("Deliver", "bob").setKeyword1("x").setSessionID("s")
		    .addParameter("who", "you"));
		t.becomes("a job ends", () -> isOver(id));
		JobInstance j = c.getJob(id);
		t.is("getJob: of history", State.ENDED, j::getState);
		t.holds("getJob: its dates stand in order", () -> !j.getEnqueueDate().after(j.getBeganRunningDate())
		    && !j.getBeganRunningDate().after(j.getEndDate()));
		t.holds("getJob: its node", () -> !j.getNodeName().isEmpty());
		t.is("getJob: no parent is 0", 0, j::getParent);
		t.is("getJobLogStdOut", "hello you\n", () -> text(c.getJobLogStdOut(id)));
		t.is("getJobLogStdErr", "warn\n", () -> text(c.getJobLogStdErr(id)));
		List<Deliverable> files = c.getJobDeliverables(id);
		t.is("getJobDeliverables: how many", 1, files::size);
		Deliverable f = files.get(0);
		t.is("getJobDeliverables: family and name", "out.csv out.csv",
		    () -> f.getFileFamily() + " " + f.getOriginalName());
		t.holds("getJobDeliverables: a path", () -> !f.getFilePath().isEmpty());
		t.is("getDeliverableContent(Deliverable)", "data\n", () -> text(c.getDeliverableContent(f)));
		t.is("getDeliverableContent(int)", "data\n", () -> text(c.getDeliverableContent(f.getId())));
		t.is("getJobDeliverablesContent", "data\n", () -> text(c.getJobDeliverablesContent(id).get(0)));
		int again = c.enqueueFromHistory(id);
		t.is("enqueueFromHistory: definition, user, keyword, session, parameters",
		    "Deliver bob x s {what=a \"b\" & c, who=you}", () -> {
			    JobInstance n = c.getJob(again);
			    return n.getApplicationName() + " " + n.getUser() + " " + n.getKeyword1() + " " + n.getSessionID()
				+ " " + new java.util.TreeMap<>(n.getParameters());
		    });
		t.becomes("enqueueFromHistory: it ends", () -> isOver(again));
		int crash = c.enqueue("Crash", "interop");
		t.becomes("a job crashes", () -> isOver(crash));
		t.is("getJob: it has crashed", State.CRASHED, () -> c.getJob(crash).getState());
		int after = c.restartCrashedJob(crash);
		t.holds("restartCrashedJob: a new one", () -> after > crash);
		t.becomes("restartCrashedJob: which crashes, too", () -> isOver(after));
		t.is("restartCrashedJob: the old one is kept, and says so (JQM removes it)",
		    List.of("restarted as job instance " + after + " by root"), () -> c.getJobMessages(crash));
	}

	private void waiting() {
		int first = c.enqueue(JobRequest.create("Deliver", "interop").setQueueName("other"));
		int second = c.enqueue(JobRequest.create("Deliver", "interop").setQueueName("other"));
		t.done("setJobQueuePosition", () -> c.setJobQueuePosition(second, 1));
		t.holds("setJobQueuePosition: it stands before the other", () -> c.getJob(second).getPosition()
		    <= c.getJob(first).getPosition());
		t.done("pauseQueuedJob", () -> c.pauseQueuedJob(first));
		t.is("pauseQueuedJob: it is held", State.HOLDED, () -> c.getJob(first).getState());
		t.done("resumeQueuedJob", () -> c.resumeQueuedJob(first));
		t.is("resumeQueuedJob: it waits", State.SUBMITTED, () -> c.getJob(first).getState());
		t.done("pauseQueuedJob, once more", () -> c.pauseQueuedJob(first));
		t.done("resumeJob", () -> c.resumeJob(first));
		t.is("resumeJob: it waits", State.SUBMITTED, () -> c.getJob(first).getState());
		t.done("setJobPriority", () -> c.setJobPriority(first, 7));
		t.is("setJobPriority: it has it", 7, () -> c.getJob(first).getPriority());
		Calendar when = Calendar.getInstance();
		when.setTimeInMillis(1999999980000L);
		t.done("setJobRunAfter", () -> c.setJobRunAfter(first, when));
		t.is("setJobRunAfter: it waits for the time", "SCHEDULED 1999999980000",
		    () -> c.getJob(first).getState() + " " + c.getJob(first).getRunAfter().getTimeInMillis());
		t.done("setJobQueue(int, int)", () -> c.setJobQueue(first, standard.getId()));
		t.is("setJobQueue(int, int): it is there", "DEFAULT", () -> c.getJob(first).getQueueName());
		t.done("setJobQueue(int, Queue)", () -> c.setJobQueue(first, other));
		t.is("setJobQueue(int, Queue): it is there", "other", () -> c.getJob(first).getQueueName());
		t.done("deleteJob", () -> c.deleteJob(first));
		t.fails("deleteJob: no trace of it", JqmClientException.class, "404", () -> c.getJob(first));
		t.done("setJobQueue: a job moves where it is taken", () -> c.setJobQueue(second, standard));
		t.becomes("setJobQueue: and runs", () -> isOver(second));
	}

	private void running() {
		int id = c.enqueue("Reports", "carol");
		t.becomes("getJobMessages: of a running job", () -> c.getJobMessages(id).equals(List.of("first & word")));
		t.is("getJobProgress", 40, () -> c.getJobProgress(id));
		// Its start is told a moment after it: what it says may be there before.
		t.becomes("getActiveJobs: it is among them", () -> c.getActiveJobs().stream()
		    .filter(j -> j.getId() == id).findFirst().orElseThrow().getState() == State.RUNNING);
		t.is("getUserActiveJobs: it is the only one", List.of(id), () -> c.getUserActiveJobs("carol").stream()
		    .map(JobInstance::getId).collect(Collectors.toList()));
		t.is("getUserActiveJobs: of a user with none", List.of(), () -> c.getUserActiveJobs("no body \u00e9"));
		String odd = "O'Neil + S\u00f6n; 50% <of> a&b=c|d?#{e}[f]";
		int its = c.enqueue(JobRequest.create("Forever", odd).startHeld());
		t.is("getUserActiveJobs: of a user whose name has what a path escapes, and what it does not", List.of(its),
		    () -> c.getUserActiveJobs(odd).stream().map(JobInstance::getId).collect(Collectors.toList()));
		t.fails("getUserActiveJobs: a slash in a name is sent as one, and is another path", JqmClientException.class,
		    "404", () -> c.getUserActiveJobs("a/b"));
		t.done("pauseRunningJob", () -> c.pauseRunningJob(id));
		t.done("resumeRunningJob", () -> c.resumeRunningJob(id));
		t.done("killJob", () -> c.killJob(id));
		t.becomes("killJob: it ends", () -> isOver(id));
		t.is("killJob: it was killed (JQM says crashed)", State.KILLED, () -> c.getJob(id).getState());
		t.holds("getJobs: it is among all, live and past",
		    () -> c.getJobs().stream().anyMatch(j -> j.getId() == id));
		int waits = held("Forever");
		t.done("killJob: one that waits", () -> c.killJob(waits));
		t.is("killJob: it is cancelled", State.CANCELLED, () -> c.getJob(waits).getState());
	}

	private void schedules() {
		int id = c.enqueue(JobRequest.create("Forever", "interop").setRecurrence("0 0 1 1 *").addParameter("a", "b"));
		Schedule made = c.getJobDefinition("Forever").getSchedules().get(0);
		t.is("enqueue: a recurrence makes a schedule, whose id is answered", id, made::getId);
		t.is("enqueue: its expression and parameters", "0 0 1 1 * {a=b}",
		    () -> made.getCronExpression() + " " + made.getParameters());
		t.done("setScheduleRecurrence: a slash is sent as it is",
		    () -> c.setScheduleRecurrence(id, "*/5 4 1 1 *"));
		t.done("setScheduleQueue", () -> c.setScheduleQueue(id, other.getId()));
		t.done("setSchedulePriority", () -> c.setSchedulePriority(id, 3));
		Schedule set = c.getJobDefinition("Forever").getSchedules().get(0);
		t.is("getJobDefinition: the schedule has them all", "*/5 4 1 1 * other 3",
		    () -> set.getCronExpression() + " " + set.getQueue().getName() + " " + set.getPriority());
		int job = c.enqueue(JobRequest.create("Forever", "interop").setScheduleId(id).startHeld());
		t.is("enqueue: a job of a schedule has its queue and parameters", "true other {a=b}", () -> {
			JobInstance j = c.getJob(job);
			return j.isFromSchedule() + " " + j.getQueueName() + " " + j.getParameters();
		});
		c.deleteJob(job);
		t.done("removeRecurrence", () -> c.removeRecurrence(id));
		t.is("removeRecurrence: it is gone", List.of(), () -> c.getJobDefinition("Forever").getSchedules());
	}

	private void refusals(Properties used) {
		t.fails("enqueue: an unknown definition is an invalid request", JqmInvalidRequestException.class,
		    "Nobody", () -> c.enqueue("Nobody", "interop"));
		t.fails("enqueue: an unknown queue, too", JqmInvalidRequestException.class, "nowhere",
		    () -> c.enqueue(JobRequest.create("Deliver", "interop").setQueueName("nowhere")));
		t.fails("getJob: an unknown id is a failure", JqmClientException.class, "404", () -> c.getJob(999999));
		t.fails("getJobDefinition: an unknown name is a failure (404 here, 400 in JQM)", JqmClientException.class,
		    "404", () -> c.getJobDefinition("Nobody"));
		t.fails("getQueueStatus: an unknown queue is a failure (paused in JQM)",
		    JqmClientException.class, "application/json", () -> c.getQueueStatus(new Queue()));
		t.fails("getQueueEnabledCapacity: of an unknown queue, too (0 in JQM)", JqmClientException.class, "application/json",
		    () -> c.getQueueEnabledCapacity(new Queue()));
		Properties p = new Properties();
		p.putAll(used);
		p.remove(WS + "keystoreFile"); // a certificate excludes the password, and the factory's own properties are used, too
		p.setProperty(WS + "login", "root");
		p.setProperty(WS + "password", "wrong");
		JqmClientFactory.setProperties(p);
		t.fails("a wrong password is a failure", JqmClientException.class, "401",
		    () -> JqmClientFactory.getClient("wrong", p, false).getQueues());
	}

	private void coverage() {
		c.dispose();
		t.fails("dispose: a call after it is a failure", JqmClientException.class, "closed", () -> c.getQueues());
		Set<String> missed = Arrays.stream(JqmClient.class.getMethods()).map(Drive::name)
		    .collect(Collectors.toCollection(HashSet::new));
		int all = missed.size();
		missed.removeAll(driven);
		t.is("every method of JqmClient was driven: all " + all, Set.of(), () -> missed);
	}
}
