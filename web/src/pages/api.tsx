// SPDX-License-Identifier: Apache-2.0
/* pages/api.tsx: the description of the API for people: each call with what it takes, answers and refuses, and how a shell makes it. */
import { get, url } from "../api/http.ts";
import { t, type TextKey } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { answerOf, callsOf, curlOf, followed, typeWords, type Call, type Description, type Schema } from "../openapi.ts";
import { go, placeHref } from "../router.ts";
import { Empty, ErrorBox, PageHead } from "../ui/basics.tsx";
import type { PageProps } from "./index.ts";

/** The members of an object, or the one line that says what it is. */
function Shape({ doc, schema }: { doc: Description; schema: Schema }) {
	const inner = followed(doc, schema.items ?? (schema.oneOf ?? schema.anyOf)?.[0] ?? schema).schema;
	const members = Object.entries(inner.properties ?? {});
	if (members.length === 0) return null;
	return (
		<details>
			<summary>{t("api.members", { n: members.length })}</summary>
			<table class="api-table">
				<tbody>
					{members.map(([name, member]) => (
						<tr key={name}>
							<th scope="row">
								<code>{name}</code>
								{inner.required?.includes(name) && <span class="small"> {t("api.required")}</span>}
							</th>
							<td>{typeWords(member)}</td>
							<td>{member.description}</td>
						</tr>
					))}
				</tbody>
			</table>
		</details>
	);
}

function Contents({ doc, content }: { doc: Description; content: Record<string, { schema?: Schema }> | undefined }) {
	const types = Object.entries(content ?? {});
	const schema = types[0]?.[1].schema;
	if (types.length === 0) return null;
	return (
		<>
			<p class="small">
				{types.map(([type]) => type).join(", ")}
				{schema && `: ${typeWords(schema)}`}
			</p>
			{schema && <Shape doc={doc} schema={schema} />}
		</>
	);
}

function CallBody({ doc, call }: { doc: Description; call: Call }) {
	const parameters = call.parameters ?? [];
	const isPublic = call.security?.length === 0;
	return (
		<div class="api-call">
			{call.description && <p>{call.description}</p>}
			<p>
				{t("api.needs")}: {call["x-permission"].length > 0 ? call["x-permission"].join(` ${t("api.or")} `) : t(isPublic ? "api.public" : "api.anyLogin")}
				{call["x-job-token"] && `; ${t("api.jobToken")}`}
			</p>
			{parameters.length > 0 && (
				<table class="api-table">
					<caption>{t("run.parameters")}</caption>
					<tbody>
						{parameters.map((one) => (
							<tr key={`${one.in} ${one.name}`}>
								<th scope="row">
									<code>{one.name}</code> <span class="small">{t(`api.in.${one.in}` as TextKey)}</span>
								</th>
								<td>
									{typeWords(one.schema)}
									{one.required && one.in !== "path" && `, ${t("api.required")}`}
								</td>
								<td>{one.description}</td>
							</tr>
						))}
					</tbody>
				</table>
			)}
			{call.requestBody && (
				<>
					<h3>{t("api.takes")}</h3>
					<Contents doc={doc} content={call.requestBody.content} />
				</>
			)}
			<h3>{t("api.answers")}</h3>
			<dl class="api-answers">
				{Object.entries(call.responses).map(([status, given]) => {
					const answer = answerOf(doc, given);
					return (
						<div key={status}>
							<dt>{status}</dt>
							<dd>
								{answer.description}
								{status < "300" && <Contents doc={doc} content={answer.content} />}
							</dd>
						</div>
					);
				})}
			</dl>
			<h3>{t("api.example")}</h3>
			<pre class="api-example" tabIndex={0}>{curlOf(doc, call, url(""))}</pre>
		</div>
	);
}

export function ApiPage({ rest, query }: PageProps) {
	const doc = useLive("openapi", (signal) => get<Description>("openapi.json", { signal }));
	const find = query.get("find") ?? "";
	const calls = doc.value ? callsOf(doc.value, find) : [];
	return (
		<>
			<PageHead title={t("page.api")}>
				<a href={url("openapi.json")}>openapi.json</a>
			</PageHead>
			<ErrorBox error={doc.error} retry={doc.refresh} />
			<p>{t("api.how")}</p>
			<input type="search" class="api-find" aria-label={t("api.find")} placeholder={t("api.find")} value={find}
				onInput={(event) => go(placeHref("api", { find: event.currentTarget.value }), "replace")} />
			{doc.value && calls.length === 0 && <Empty>{t("api.none")}</Empty>}
			{doc.value?.tags.map((tag) => {
				const own = calls.filter((call) => call.tags.includes(tag.name));
				return (
					own.length > 0 && (
						<section key={tag.name}>
							<h2>
								{tag.name} <span class="small">{tag.description}</span>
							</h2>
							{own.map((call) => (
								<details key={call.operationId} class="api-line" open={rest === call.operationId}>
									<summary>
										<strong class="api-method">{call.method}</strong> <code>{call.path}</code> <span>{call.summary}</span>
									</summary>
									{doc.value && <CallBody doc={doc.value} call={call} />}
								</details>
							))}
						</section>
					)
				);
			})}
		</>
	);
}
