// SPDX-License-Identifier: Apache-2.0
/* pages/about.tsx: which server this is, how it is (to who may know), where its API is told. */
import { version } from "../api/config.ts";
import { get, url } from "../api/http.ts";
import { t } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { useSession } from "../session.tsx";
import { ErrorBox, PageHead } from "../ui/basics.tsx";

export function AboutPage() {
	const release = useLive("version", version);
	const mayAsk = useSession().may("logs:read", "metrics:read");
	const health = useLive("health", async (signal) => {
		if (!mayAsk) return "";
		const answer = await get<unknown>("simple/localnode/health", { accept: "*/*", signal }).catch((failure: Error) => failure.message);
		return typeof answer === "string" ? answer : JSON.stringify(answer);
	});
	return (
		<>
			<PageHead title={t("page.about")} />
			<ErrorBox error={release.error} />
			<dl class="facts">
				<div>
					<dt>{t("about.version")}</dt>
					<dd>{release.value}</dd>
				</div>
				{mayAsk && (
					<div>
						<dt>{t("about.health")}</dt>
						<dd>{health.value}</dd>
					</div>
				)}
				<div>
					<dt>{t("about.api")}</dt>
					<dd>
						<a href="#/api">{t("about.apiRead")}</a>, <a href={url("openapi.json")}>ws/openapi.json</a>
					</dd>
				</div>
			</dl>
		</>
	);
}
