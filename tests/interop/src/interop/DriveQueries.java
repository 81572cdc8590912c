/* SPDX-License-Identifier: Apache-2.0 */
package interop;

import com.enioka.jqm.api.JobInstance;
import com.enioka.jqm.api.JobRequest;
import com.enioka.jqm.api.JqmClient;
import com.enioka.jqm.api.Query;
import com.enioka.jqm.api.Query.Sort;
import com.enioka.jqm.api.Queue;
import com.enioka.jqm.api.State;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** JqmClient.getJobs(Query): every filter and every sort of JQM's Query, on five held jobs of one session. */
final class DriveQueries {
	private static final String SESSION = "queries";
	private static final int JOBS = 5;

	private final Checks t;
	private final JqmClient c;
	private final Queue other;
	private final List<Integer> ids = new ArrayList<>();

	DriveQueries(Checks t, JqmClient c, Queue other) {
		this.t = t;
		this.c = c;
		this.other = other;
	}

	/** Live only: paging would be forgotten were live switched on beside history. */
	private static Query query() {
		return Query.create().setQueryHistoryInstances(false).setQueryLiveInstances(true).setSessionId(SESSION);
	}

	private void finds(String filter, int how_many, Query q) {
		t.is("getJobs(Query): " + filter, how_many, () -> c.getJobs(q).size());
	}

	private static Calendar hours(int from_now) {
		Calendar date = Calendar.getInstance();
		date.add(Calendar.HOUR, from_now);
		return date;
	}

	void run() {
		int parent = c.enqueue("Deliver", "interop");
		for (int i = 0; i < JOBS; i++) {
			ids.add(c.enqueue(JobRequest.create("Deliver", "user" + i).setSessionID(SESSION).setQueueName("other")
			    .setParentID(parent).setKeyword1("a" + i).setKeyword2("b").setKeyword3("c").setModule("m")
			    .setApplication("p").startHeld()));
		}
		filters(parent);
		pages();
		sorts();
		t.holds("getJobs(Query): a past job by its end", () -> c.getJobs(Query.create().setEndedAfter(hours(-1))
		    .setEndedBefore(hours(1)).setBeganRunningAfter(hours(-1)).setBeganRunningBefore(hours(1))
		    .addStatusFilter(State.ENDED)).size() > 0);
		t.is("getJobs(Query): none that ended in the future", 0,
		    () -> c.getJobs(Query.create().setEndedAfter(hours(1))).size());
		t.is("Query.run()", JOBS, () -> query().run().size());
		t.is("getJobs(Query): live and past together", JOBS, () -> c.getJobs(Query.create()
		    .setQueryLiveInstances(true).setSessionId(SESSION)).size());
		ids.forEach(c::deleteJob);
	}

	private void filters(int parent) {
		finds("by session", JOBS, query());
		finds("by id", 1, query().setJobInstanceId(ids.get(2)));
		finds("by parent", JOBS, query().setParentId(parent));
		finds("by definition", JOBS, query().setApplicationName("Deliver"));
		finds("by definitions and a wildcard", JOBS, query().setApplicationName(List.of("Nobody", "Del%")));
		finds("by another definition", 0, query().setApplicationName("Crash"));
		finds("by user", 1, query().setUser("user3"));
		finds("by users", JOBS, query().setUser("user%"));
		finds("by keywords of the request", 1, query().setInstanceKeyword1("a4").setInstanceKeyword2("b")
		    .setInstanceKeyword3("c"));
		finds("by module and application of the request", JOBS, query().setInstanceModule("m")
		    .setInstanceApplication("p"));
		finds("by keywords of the definition", JOBS, query().setJobDefKeyword1("k1").setJobDefKeyword2("k2")
		    .setJobDefKeyword3("k3"));
		finds("by module and application of the definition", JOBS, query().setJobDefModule("billing")
		    .setJobDefApplication("ERP"));
		finds("by queue", JOBS, query().setQueueName("other").setQueueId(other.getId()));
		finds("by another queue", 0, query().setQueueName("DEFAULT"));
		finds("by node: none has one", 0, query().setNodeName("%"));
		finds("by states", JOBS, query().addStatusFilter(State.HOLDED).addStatusFilter(State.RUNNING));
		finds("by another state", 0, query().addStatusFilter(State.SUBMITTED));
		finds("by the time of the request", JOBS, query().setEnqueuedAfter(hours(-1)).setEnqueuedBefore(hours(1)));
		finds("by a time before it", 0, query().setEnqueuedBefore(hours(-1)));
	}

	private void pages() {
		Query q = query().setFirstRow(1).setPageSize(2).addSortAsc(Sort.ID);
		t.is("getJobs(Query): a page", ids.subList(1, 3),
		    () -> c.getJobs(q).stream().map(JobInstance::getId).collect(Collectors.toList()));
		t.is("Query.getResultSize: all there are", JOBS, q::getResultSize);
		t.is("Query.getResults: those of the page", 2, () -> q.getResults().size());
		Query none = query().setUser("nobody");
		finds("that finds nothing", 0, none);
		t.is("Query.getResultSize: nothing", 0, none::getResultSize);
	}

	private void sorts() {
		List<Integer> back = new ArrayList<>(ids);
		Collections.reverse(back);
		t.is("getJobs(Query): the other way round", back, () -> c.getJobs(query().addSortDesc(Sort.ID)).stream()
		    .map(JobInstance::getId).collect(Collectors.toList()));
		t.is("getJobs(Query): by user", back, () -> c.getJobs(query().addSortDesc(Sort.USERNAME)).stream()
		    .map(JobInstance::getId).collect(Collectors.toList()));
		for (Sort sort : Sort.values()) {
			finds("sorted by " + sort, JOBS, query().addSortAsc(sort).addSortDesc(Sort.ID));
		}
	}
}
