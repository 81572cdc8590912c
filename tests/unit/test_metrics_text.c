/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/histogram.h"
#include "fcgi/web_figures.h"
#include "fcgi/metrics_text.h"
#include "model/metric.h"

#define TEXT_MAX 65536

static struct web_figures figures;
static struct buf text = BUF_INIT(TEXT_MAX);

static const char *
written(struct metric *items, size_t len)
{
	const struct metric_list list = { items, len };

	buf_free(&text);
	metrics_text_write(&list, &figures, &text);
	assert_false(text.failed);
	return buf_text(&text);
}

static int
clean(void **state)
{
	(void)state;
	buf_free(&text);
	memset(&figures, 0, sizeof(figures));
	return 0;
}

static void
a_figure_stands_behind_help_and_type_of_its_family(void **state)
{
	struct metric items[] = {
		{ "jqm_jobs_late", NULL, NULL, NULL, "3", NULL },
		{ "jqm_jobs", NULL, "Q1", "RUNNING", "7", NULL },
		{ "jqm_jobs", NULL, "Q2", "RUNNING", "1.5e+06", NULL },
	};
	const char *all;
	(void)state;

	all = written(items, 3);
	assert_ptr_equal(strstr(all, "# HELP jqm_jobs Live jobs by queue and state.\n"
				     "# TYPE jqm_jobs gauge\n"
				     "jqm_jobs{queue=\"Q1\",state=\"RUNNING\"} 7\n"
				     "jqm_jobs{queue=\"Q2\",state=\"RUNNING\"} 1.5e+06\n"
				     "# HELP jqm_jobs_late "),
			 all);
	assert_non_null(strstr(all, "\njqm_jobs_late 3\n"));
}

static void
labels_of_any_letters_stay_one_line(void **state)
{
	struct metric items[] = { { "jqm_jobs", NULL, "a\"b\\c\nd \xc3\xa9", "RUNNING", "7",
				    NULL } };
	(void)state;

	assert_non_null(
	    strstr(written(items, 1),
		   "\njqm_jobs{queue=\"a\\\"b\\\\c\\nd \xc3\xa9\",state=\"RUNNING\"} 7\n"));
}

static void
a_histogram_adds_up_to_its_count(void **state)
{
	struct histogram h = { .counts = { [0] = 2, [3] = 5, [HISTOGRAM_BOUNDS] = 1 } };
	struct metric items[] = { { "jqm_job_waiting_seconds", "n1", "Q", NULL, "12.5", &h } };
	const char *all;
	(void)state;

	all = written(items, 1);
	assert_non_null(strstr(
	    all, "\njqm_job_waiting_seconds_bucket{node=\"n1\",queue=\"Q\",le=\"0.01\"} 2\n"));
	assert_non_null(
	    strstr(all, "\njqm_job_waiting_seconds_bucket{node=\"n1\",queue=\"Q\",le=\"1\"} 7\n"));
	assert_non_null(strstr(
	    all, "\njqm_job_waiting_seconds_bucket{node=\"n1\",queue=\"Q\",le=\"86400\"} 7\n"));
	assert_non_null(strstr(
	    all, "\njqm_job_waiting_seconds_bucket{node=\"n1\",queue=\"Q\",le=\"+Inf\"} 8\n"));
	assert_non_null(
	    strstr(all, "\njqm_job_waiting_seconds_sum{node=\"n1\",queue=\"Q\"} 12.5\n"));
	assert_non_null(
	    strstr(all, "\njqm_job_waiting_seconds_count{node=\"n1\",queue=\"Q\"} 8\n"));
}

static void
how_many_passes_were_longer_than_20_ms_can_be_read(void **state)
{
	struct histogram h = { .sum_us = 0 };
	struct metric items[] = { { "jqm_loop_pass_seconds", "n1", NULL, "jqm-runner", "0.041",
				    &h } };
	const char *all;
	(void)state;

	histogram_add(&h, histogram_programs, 20000);
	histogram_add(&h, histogram_programs, 21000);
	all = written(items, 1);
	assert_non_null(strstr(all, "_bucket{node=\"n1\",program=\"jqm-runner\",le=\"0.02\"} 1\n"));
	assert_non_null(strstr(all, "_count{node=\"n1\",program=\"jqm-runner\"} 2\n"));
}

static void
what_is_not_known_or_of_another_kind_is_left_out(void **state)
{
	struct histogram h = { .sum_us = 0 };
	struct metric items[] = {
		{ "jqm_new", NULL, NULL, NULL, "1", NULL },
		{ "jqm_jobs", NULL, "Q", "RUNNING", "1", &h },
		{ "jqm_job_waiting_seconds", "n1", "Q", NULL, "12.5", NULL },
	};
	const char *all;
	(void)state;

	all = written(items, 3);
	assert_null(strstr(all, "jqm_new"));
	assert_null(strstr(all, "jqm_jobs{"));
	assert_null(strstr(all, "jqm_jobs_bucket"));
	assert_null(strstr(all, "jqm_job_waiting_seconds{"));
}

static void
the_web_api_tells_what_it_has_counted(void **state)
{
	const char *all;
	(void)state;

	web_figures_count_request(&figures, 200, 3);
	web_figures_count_request(&figures, 200, 0);
	web_figures_count_request(&figures, 503, 20000);
	web_figures_count_request(&figures, 0, 1); /* it got no answer */
	web_figures_count_death(&figures);
	all = written(NULL, 0);
	assert_non_null(strstr(all, "\njqm_http_requests_total{code=\"200\"} 2\n"
				    "jqm_http_requests_total{code=\"503\"} 1\n#"));
	assert_non_null(strstr(all, "\njqm_http_request_seconds_bucket{le=\"0.005\"} 3\n"));
	assert_non_null(strstr(all, "\njqm_http_request_seconds_sum 20.004000\n"));
	assert_non_null(strstr(all, "\njqm_worker_deaths_total 1\n"));
	assert_non_null(strstr(all, "\njqm_build_info{version=\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_figure_stands_behind_help_and_type_of_its_family, clean),
		cmocka_unit_test_setup(labels_of_any_letters_stay_one_line, clean),
		cmocka_unit_test_setup(a_histogram_adds_up_to_its_count, clean),
		cmocka_unit_test_setup(how_many_passes_were_longer_than_20_ms_can_be_read, clean),
		cmocka_unit_test_setup(what_is_not_known_or_of_another_kind_is_left_out, clean),
		cmocka_unit_test_setup(the_web_api_tells_what_it_has_counted, clean),
	};

	return cmocka_run_group_tests(tests, NULL, clean);
}
