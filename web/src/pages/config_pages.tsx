// SPDX-License-Identifier: Apache-2.0
/* pages/config_pages.tsx: the kinds of configuration that need no more than a table of their fields. */
import type { ConfigObject } from "../api/config.ts";
import { t } from "../i18n/index.ts";
import { RESOURCE_MODELS } from "../resource_models.ts";
import { AccountActions } from "./account_actions.tsx";
import { ConfigPage, type ConfigField } from "./config_page.tsx";
import { WebhookActions } from "./webhook_actions.tsx";

const text = (row: ConfigObject, field: string) => String(row[field] ?? row.id);

const MAPPING: ConfigField[] = [
	{ name: "nodeId", label: "config.node", type: "choice", of: "node", required: true },
	{ name: "queueId", label: "config.queue", type: "choice", of: "q", required: true },
	{ name: "nbThread", label: "config.nbThread", type: "number", min: 0, max: 100000, required: true, initial: 5 },
	{ name: "pollingInterval", label: "config.pollingInterval", type: "number", min: 1, max: 86400000, required: true, initial: 60000, wideOnly: true, hint: "config.pollingHint" },
	{ name: "enabled", label: "config.enabled", type: "bool", initial: true },
];

export const MappingsPage = () => (
	<ConfigPage
		kind="qmapping"
		object="qmapping"
		title="page.mappings"
		empty="config.noMappings"
		nameOf={(row) => `${text(row, "nodeName")} / ${text(row, "queueName")}`}
		fields={MAPPING}
	/>
);

const LIMIT: ConfigField[] = [
	{ name: "key", label: "config.concurrencyKey", type: "text", required: true, max: 100 },
	{ name: "description", label: "config.description", type: "text", mayBeBlank: true, max: 1000, wideOnly: true },
	{ name: "maxRunning", label: "config.maxRunning", type: "number", min: 0, max: 100000 },
	{ name: "rate", label: "config.rate", type: "number", min: 1, max: 10000 },
	{ name: "ratePeriodSeconds", label: "config.ratePeriod", type: "number", min: 1, max: 31536000, wideOnly: true },
	{ name: "running", label: "config.running", type: "number", notEdited: true },
];

export const LimitsPage = () => (
	<ConfigPage
		kind="concurrency"
		object="concurrency"
		title="page.limits"
		empty="config.noLimits"
		nameOf={(row) => text(row, "key")}
		fields={LIMIT}
		everyMs={5000}
	/>
);

const ENDS = ["ENDED", "CRASHED", "KILLED", "CANCELLED"];
const WEBHOOK: ConfigField[] = [
	{ name: "name", label: "config.name", type: "text", required: true, max: 100 },
	{ name: "url", label: "hook.url", type: "text", required: true, max: 2000 },
	{ name: "description", label: "config.description", type: "text", mayBeBlank: true, max: 1000, unusual: true },
	{ name: "enabled", label: "config.enabled", type: "bool", initial: true },
	{ name: "states", label: "hook.states", type: "list", initial: ENDS, hint: "hook.statesHint", wideOnly: true },
	{ name: "jobDefId", label: "hook.definition", type: "choice", of: "jd", wideOnly: true },
	{ name: "queueId", label: "config.queue", type: "choice", of: "q", wideOnly: true },
	{ name: "accountId", label: "hook.account", type: "choice", of: "user", unusual: true },
	{ name: "newSecret", label: "hook.secret", type: "password", hint: "hook.secretHint" },
	{ name: "failingSince", label: "hook.failingSince", type: "date", notEdited: true },
	{ name: "problem", label: "hook.problem", type: "text", notEdited: true, unusual: true },
];

export const WebhooksPage = () => (
	<ConfigPage
		kind="webhook"
		object="webhook"
		title="page.webhooks"
		empty="hook.noHooks"
		nameOf={(row) => text(row, "name")}
		fields={WEBHOOK}
		everyMs={5000}
		actions={(row) => <WebhookActions id={row.id} name={text(row, "name")} />}
	/>
);

const PARAMETER: ConfigField[] = [
	{ name: "key", label: "config.key", type: "text", required: true, max: 255 },
	{ name: "value", label: "config.value", type: "text", required: true, max: 1000 },
];

export const ParametersPage = () => (
	<ConfigPage
		kind="prm"
		object="prm"
		title="page.parameters"
		empty="config.noParameters"
		nameOf={(row) => text(row, "key")}
		fields={PARAMETER}
	/>
);

const RESOURCE: ConfigField[] = [
	{ name: "name", label: "config.name", type: "text", required: true, max: 255 },
	{ name: "type", label: "config.javaType", type: "text", required: true, max: 1000, wideOnly: true },
	{ name: "factory", label: "config.factory", type: "text", required: true, max: 1000, wideOnly: true },
	{ name: "auth", label: "config.auth", type: "choice", of: ["CONTAINER", "APPLICATION"], notListed: true, initial: "CONTAINER" },
	{ name: "description", label: "config.description", type: "text", mayBeBlank: true, max: 250 },
	{ name: "singleton", label: "config.singleton", type: "bool", wideOnly: true },
	{ name: "parameters", label: "config.parameters", type: "pairs" },
];

/** A menu of what most of them are, as JQM's console has it. */
export const ResourcesPage = () => (
	<ConfigPage
		kind="jndi"
		object="jndi"
		title="page.resources"
		empty="config.noResources"
		nameOf={(row) => text(row, "name")}
		fields={RESOURCE}
		models={RESOURCE_MODELS.map(({ group, name, type, factory, singleton, parameters }) => ({
			group: t(group),
			name: typeof name === "string" ? name : t(name.text),
			values: { type, factory, singleton: singleton ?? false, parameters },
		}))}
	/>
);

const CONTEXT: ConfigField[] = [
	{ name: "name", label: "config.name", type: "text", required: true, max: 255 },
	{ name: "childFirst", label: "config.childFirst", type: "bool" },
	{ name: "persistent", label: "config.persistent", type: "bool", initial: true },
	{ name: "tracingEnabled", label: "config.tracing", type: "bool", notListed: true },
	{ name: "hiddenClasses", label: "config.hiddenClasses", type: "text", max: 1024, notListed: true },
	{ name: "allowedRunners", label: "config.allowedRunners", type: "text", max: 1024, notListed: true },
	{ name: "extraClasspathDirs", label: "config.extraDirs", type: "text", max: 1024, notListed: true },
	{ name: "excludedClassPrefixes", label: "config.excludedPrefixes", type: "text", max: 1024, notListed: true },
];

export const ContextsPage = () => (
	<ConfigPage
		kind="cl"
		object="cl"
		title="page.contexts"
		empty="config.noContexts"
		nameOf={(row) => text(row, "name")}
		fields={CONTEXT}
	/>
);

const USER: ConfigField[] = [
	{ name: "login", label: "config.login", type: "text", required: true, max: 255 },
	{ name: "freeText", label: "config.fullName", type: "text", max: 254, wideOnly: true },
	{ name: "email", label: "run.email", type: "text", max: 254, wideOnly: true },
	{ name: "roles", label: "page.roles", type: "choices", of: "role" },
	{ name: "locked", label: "config.locked", type: "bool" },
	{ name: "internal", label: "config.internal", type: "bool", notListed: true },
	{ name: "expirationDate", label: "config.expires", type: "date", wideOnly: true },
	{ name: "newPassword", label: "config.newPassword", type: "password", hint: "config.passwordHint" },
];

export const UsersPage = () => (
	<ConfigPage
		kind="user"
		object="user"
		title="page.users"
		empty="config.noUsers"
		nameOf={(row) => text(row, "login")}
		fields={USER}
		actions={(row) => <AccountActions id={row.id} login={text(row, "login")} />}
	/>
);

const ROLE: ConfigField[] = [
	{ name: "name", label: "config.name", type: "text", required: true, max: 255 },
	{ name: "description", label: "config.description", type: "text", mayBeBlank: true, max: 254 },
	{ name: "permissions", label: "config.permissions", type: "permissions", wideOnly: true },
];

export const RolesPage = () => (
	<ConfigPage
		kind="role"
		object="role"
		title="page.roles"
		empty="config.noRoles"
		nameOf={(row) => text(row, "name")}
		fields={ROLE}
	/>
);

const CERTIFICATE_MAPPING: ConfigField[] = [
	{ name: "accountId", label: "config.login", type: "choice", of: "user", required: true },
	{ name: "form", label: "mapping.form", type: "choice", of: ["FINGERPRINT", "SERIAL", "SAN"], required: true, initial: "FINGERPRINT" },
	{ name: "value", label: "config.value", type: "text", required: true, max: 500, hint: "mapping.valueHint" },
	{ name: "issuer", label: "mapping.issuer", type: "text", max: 1000, wideOnly: true, hint: "mapping.issuerHint" },
	{ name: "description", label: "config.description", type: "text", mayBeBlank: true, max: 254, wideOnly: true },
];

export const CertificateMappingsPage = () => (
	<ConfigPage
		kind="certmapping"
		object="user"
		title="page.certmappings"
		empty="mapping.none"
		nameOf={(row) => text(row, "value")}
		fields={CERTIFICATE_MAPPING}
	/>
);
