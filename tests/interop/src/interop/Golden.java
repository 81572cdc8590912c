/* SPDX-License-Identifier: Apache-2.0 */
package interop;

import com.enioka.jqm.api.JobRequest;
import com.enioka.jqm.api.Query;
import com.enioka.jqm.api.Query.Sort;
import com.enioka.jqm.api.State;
import com.enioka.jqm.api.Wire;
import java.util.Calendar;
import java.util.TimeZone;

/**
 * Prints tests/http/golden/java-2.2-classes.txt: what JQM's classes become when they are sent.  Numbers of things that
 * are only known in a run are stand-ins here, which the replay fills in by name.
 */
public final class Golden {
	private static final int ENDED = 910000001;
	private static final int HELD = 910000002;
	private static final int QUEUE = 910000003;
	private static final int SCHEDULE = 910000004;

	private Golden() {
	}

	private static Calendar date() {
		Calendar c = Calendar.getInstance(TimeZone.getTimeZone("Europe/Paris"));
		c.set(2031, Calendar.JUNE, 1, 2, 3, 0);
		c.set(Calendar.MILLISECOND, 0);
		return c;
	}

	private static void block(String title, String path, Object body, String pattern, String keep) {
		System.out.println("# " + title);
		System.out.println("POST /ws/client/" + path);
		System.out.println(Wire.marshal(body).replace("" + ENDED, "$ended").replace("" + HELD, "$held")
		    .replace("" + QUEUE, "$queue").replace("" + SCHEDULE, "$schedule"));
		System.out.println("200 application/xml");
		System.out.println(pattern);
		System.out.print(keep == null ? "\n" : keep + "=<id>([0-9]+)</id>\n\n");
	}

	private static void request(String title, JobRequest r, String keep) {
		block(title, "ji", r, "^<\\?xml[^>]*><jobInstance><id>[0-9]+</id>", keep);
	}

	private static void query(String title, Query q, int total) {
		block(title, "ji/query", q, "^<\\?xml[^>]*><query>.*"
		    + (total == 0 ? "<instances/>" : "<instances><instance><id>[0-9]+</id>.*</instance></instances>"), null);
	}

	public static void main(String[] args) {
		System.out.println("header: Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2");
		System.out.println("type: application/xml");
		System.out.println();
		request("a request with everything", JobRequest.create("Deliver", "alice").setApplication("ERP")
		    .setEmail("a@example.org").setKeyword1("EU").setKeyword2("\u00e9t\u00e9").setKeyword3("<&>\"'")
		    .setModule("m").setPriority(4).setQueueName("other").setSessionID("classes")
		    .setParentID(ENDED).setRunAfter(date()).addParameter("month", "a\tb"), null);
		request("a request with little", JobRequest.create("Deliver", "alice"), null);
		request("a held request", JobRequest.create("Deliver", "bob").setSessionID("classes").startHeld(), "held");
		request("one in place of what had no parent", JobRequest.create("Deliver", "alice").setParentID(0), null);
		request("a recurrence", JobRequest.create("Deliver", "bob").setRecurrence("0 0 1 1 *"), "schedule");
		request("a job of a schedule", JobRequest.create("Deliver", "bob").setScheduleId(SCHEDULE).startHeld(), null);
		query("a query with every filter", Query.create().setQueryLiveInstances(true)
		    .setJobInstanceId(HELD).setParentId(ENDED).setApplicationName("Deli%").setUser("bob")
		    .setSessionId("classes").setJobDefKeyword1("k1").setJobDefKeyword2("k2").setJobDefKeyword3("k3")
		    .setJobDefModule("m").setJobDefApplication("a").setInstanceKeyword1("i1").setInstanceKeyword2("i2")
		    .setInstanceKeyword3("i3").setInstanceModule("im").setInstanceApplication("ia").setQueueName("other")
		    .setNodeName("%").setQueueId(QUEUE).setEnqueuedBefore(date()).setEnqueuedAfter(date())
		    .setBeganRunningBefore(date()).setBeganRunningAfter(date()).setEndedBefore(date()).setEndedAfter(date())
		    .addStatusFilter(State.HOLDED).addStatusFilter(State.KILLED).setFirstRow(0).setPageSize(20), 0);
		Query sorted = Query.create().setQueryHistoryInstances(false).setQueryLiveInstances(true)
		    .setSessionId("classes").setUser("bob");
		for (Sort sort : Sort.values()) {
			sorted.addSortDesc(sort);
		}
		query("a query with every sort", sorted, 1);
		query("a blank query", Query.create(), 1);
		query("a query for an archived job", Query.create().setJobInstanceId(ENDED), 1);
	}
}
