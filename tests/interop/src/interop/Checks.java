/* SPDX-License-Identifier: Apache-2.0 */
package interop;

import com.enioka.jqm.api.Wire;
import java.util.Objects;
import java.util.concurrent.Callable;

/** Lines "ok - what holds" or "not ok - what holds" with what was seen instead; run.sh makes TAP of them. */
final class Checks {
	private static final long WAIT_MS = 20000;
	private static final long ASK_AGAIN_MS = 50;
	private boolean failed;

	/** A call that may throw. */
	interface Call {
		void run() throws Exception;
	}

	boolean failed() {
		return failed;
	}

	private void say(boolean good, String what, String seen) {
		failed |= !good;
		System.out.println((good ? "ok - " : "not ok - ") + what);
		if (!good) {
			System.out.println("# " + seen.replace("\n", "\n# "));
		}
	}

	private static String lastAnswer() {
		Wire.Answer a = Wire.last();
		return a == null ? "" : "\nlast answer: " + a.call + ": " + a.status + " " + a.type + "\n" + a.text();
	}

	/** The value of the call is the one wanted. */
	void is(String what, Object want, Callable<?> got) {
		try {
			Object value = got.call();
			say(Objects.equals(want, value), what, "got:  " + value + "\nwant: " + want + lastAnswer());
		} catch (Exception e) {
			say(false, what, reasons(e) + lastAnswer());
		}
	}

	void holds(String what, Callable<Boolean> condition) {
		is(what, true, condition);
	}

	/** The condition becomes true within the time that anything here may take. */
	void becomes(String what, Callable<Boolean> condition) {
		long end = System.nanoTime() + WAIT_MS * 1000000;
		try {
			while (!condition.call()) {
				if (System.nanoTime() > end) {
					say(false, what, "not within " + WAIT_MS + " ms" + lastAnswer());
					return;
				}
				Thread.sleep(ASK_AGAIN_MS);
			}
			say(true, what, "");
		} catch (Exception e) {
			say(false, what, reasons(e) + lastAnswer());
		}
	}

	/** A method that returns nothing, whose status JQM's client does not look at: here it must be 204. */
	void done(String what, Call call) {
		is(what, 204, () -> {
			call.run();
			return Wire.last().status;
		});
	}

	/** What an exception says, and its causes: JQM's client says "internal error", and the status is in a cause. */
	private static String reasons(Throwable e) {
		return e == null ? "" : e + "\n" + reasons(e.getCause());
	}

	/** The call fails with the exception and for the reason wanted, which may be that of a cause. */
	void fails(String what, Class<? extends Exception> want, String reason, Call call) {
		try {
			call.run();
			say(false, what, "nothing was thrown" + lastAnswer());
		} catch (Exception e) {
			say(want.isInstance(e) && reasons(e).contains(reason), what, reasons(e) + lastAnswer());
		}
	}
}
